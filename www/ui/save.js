/** Saves files, and turns drawings into PNG images. */

/** Saves a file through the browser. @param {string} name @param {Blob} content */
export function download(name, content) {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  Object.assign(link, { href: url, download: name });
  link.click();
  // The browser reads the blob while it writes the file: a large file takes a while.
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
 * A canvas as a PNG. The browser encodes it off the main thread, unlike with `toDataURL`.
 * @param {HTMLCanvasElement | null} canvas
 * @returns {Promise<Blob>}
 */
export function pngOf(canvas) {
  return new Promise((resolve, reject) => {
    const done = (/** @type {Blob | null} */ blob) =>
      blob ? resolve(blob) : reject(new Error('The browser could not encode the picture.'));
    if (canvas) canvas.toBlob(done);
    else done(null);
  });
}

/** A blob as a data: address. @param {Blob} blob @returns {Promise<string>} */
export function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
