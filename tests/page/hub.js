// A model hub answered from local files: its front redirects every file to its storage, which is a server of
// another
// origin that breaks off, refuses and lies when it is told to.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** @param {string} name */
export const fixture = (name) => FIXTURES + name;

/** A model of the hub as the catalogue lists it: one of the fixtures. */
export const ENTRY = {
  id: 'planted',
  name: 'Planted circuits',
  weights: {
    repo: 'someone/planted',
    file: 'model.safetensors',
    bytes: statSync(fixture('planted_f32.weights.safetensors')).size,
  },
  config: { repo: 'someone/planted', file: 'config.json' },
  published: { source: 'https://huggingface.co/someone/planted', induction: ['1.0'] },
};

/** @type {Record<string, string>} */
const FILES = {
  'someone/planted/model.safetensors': fixture('planted_f32.weights.safetensors'),
  'someone/planted/config.json': fixture('planted_f32.config.json'),
};

/**
 * @typedef
 *   {{ status?: number, headers?: Record<string, string>, body?: string, only?: number, slow?: number }}
 *   Answer
 *   how an answer differs from the file: `only` so many bytes before the connection breaks, `slow`
 *   milliseconds before each piece
 *
 * @typedef {object} Hub
 * @property {string[]} asked for, with the range where it is not all: `model.safetensors`,
 *   `model.safetensors bytes=100-`
 * @property {{ next: ((name: string) => Answer | null) | null }} plan what the next answers will be
 * @property {() => Promise<void>} close
 */

/**
 * @param {import('@playwright/test').Page} page
 * @param {Record<string, string>} [files] the hub's, by `owner/name/file`
 * @param {object[] | null} [entries] of the catalogue, besides its first; null for the catalogue as it is
 * @returns {Promise<Hub>}
 */
export async function hubOf(page, files = FILES, entries = [ENTRY]) {
  /** @type {string[]} */ const asked = [];
  /** @type {Hub['plan']} */ const plan = { next: null };
  const storage = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const name = path.split('/').pop() ?? '';
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    asked.push(range && range[1] !== '0' ? `${name} ${request.headers.range}` : name);
    const different = plan.next?.(name) ?? {};
    const open = {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'ETag, Content-Range, Retry-After',
    };
    if (different.status !== undefined)
      return void response
        .writeHead(different.status, { ...open, ...different.headers })
        .end(different.body ?? '');
    const { size } = statSync(files[path]);
    const start = range ? Number(range[1]) : 0;
    const last = Math.min(size, start + (different.only ?? size)); // before the connection breaks
    const headers = {
      ...open,
      etag: '"one"',
      'content-type': 'application/octet-stream',
      'content-length': size - start,
      'content-range': `bytes ${start}-${size - 1}/${size}`,
      ...different.headers,
    };
    response.writeHead(range ? 206 : 200, headers);
    const pieces =
      start < last
        ? createReadStream(files[path], {
            start,
            end: last - 1,
            highWaterMark: different.slow ? 64 << 10 : 1 << 20,
          })
        : [];
    for await (const piece of pieces) {
      if (different.slow) await new Promise((resolve) => setTimeout(resolve, different.slow));
      if (response.destroyed) return;
      await new Promise((resolve) => response.write(piece, resolve));
    }
    if (last === size) return void response.end();
    // A connection that breaks at once may take with it what was on its way.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    response.destroy();
  });
  await new Promise((resolve) => storage.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = storage.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  await page.route('**/models/catalogue.json', async (route) => {
    const own = await (await route.fetch()).json();
    await route.fulfill({
      json: entries ? { ...own, models: [...own.models.slice(0, 1), ...entries] } : own,
    });
  });
  await page.route('https://huggingface.co/**', (route) => {
    const [, repo, file] =
      /^\/([^/]+\/[^/]+)\/resolve\/main\/(.*)$/.exec(new URL(route.request().url()).pathname) ?? [];
    return route.fulfill({
      status: 302,
      headers: { 'access-control-allow-origin': '*', location: `http://127.0.0.1:${port}/${repo}/${file}` },
    });
  });
  return {
    asked,
    plan,
    close: () =>
      new Promise((resolve) => {
        storage.close(() => resolve());
        storage.closeAllConnections();
      }),
  };
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {{ name: string, content: Buffer | string }[]} files dropped on the page together
 */
export function dropFiles(page, files) {
  const plain = files.map(({ name, content }) => ({ name, base64: Buffer.from(content).toString('base64') }));
  return page.evaluate((given) => {
    const dataTransfer = new DataTransfer();
    for (const { name, base64 } of given)
      dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, plain);
}
