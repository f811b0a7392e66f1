/** Hands a file to the browser, and turns a drawing into a picture of points. */

/** @param {string} name @param {Blob} content */
export function download(name, content) {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  Object.assign(link, { href: url, download: name });
  link.click();
  // A large file is read for as long as it takes to write.
  setTimeout(() => URL.revokeObjectURL(url), 120_000);
}

/** An SVG as a PNG of twice its size. @param {Blob} drawn @returns {Promise<Blob>} */
export async function painted(drawn) {
  const url = URL.createObjectURL(drawn);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: image.width * 2, height: image.height * 2 });
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await pngOf(canvas);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Encoded off the main thread, which `toDataURL` is not.
 * @param {HTMLCanvasElement | null} canvas
 * @returns {Promise<Blob>}
 */
export function pngOf(canvas) {
  return new Promise((resolve, reject) => {
    const done = (/** @type {Blob | null} */ blob) =>
      blob ? resolve(blob) : reject(new Error('The picture could not be painted.'));
    if (canvas) canvas.toBlob(done);
    else done(null);
  });
}

/** @param {Blob} blob @returns {Promise<string>} */
export function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
