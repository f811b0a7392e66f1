// A static file server as plain as a host can be: no fallback page, and one header, which lets other origins
// import the engine.
// The tests and the benchmark start it inside their own process; `cargo xtask serve` runs this file.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compressed } from './brotli.js';

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * @typedef {object} Site
 * @property {string} url address of index.html, with the slash at its end
 * @property {{ path: string, status: number, bytes: number }[]} sent the answers in order; bytes of the body
 * @property {() => Promise<void>} close
 */

/**
 * Serves the files under `folder` below the path `base`.
 * @param {string} folder
 * @param {object} [options]
 * @param {number} [options.port] 0 takes a free port
 * @param {string} [options.base]
 * @param {boolean | ((path: string) => Promise<Buffer | null>)} [options.brotli] compresses each file once,
 *   as a host does that compresses ahead of time. A function gives a file's compressed bytes, or null for a
 *   file that is sent as it is
 * @returns {Promise<Site>}
 */
export async function serve(folder, { port = 0, base = '/', brotli = false } = {}) {
  /** @type {Site['sent']} */
  const sent = [];
  /** @type {Map<string, Promise<Buffer | null>>} */
  const ready = new Map();
  const pack =
    typeof brotli === 'function'
      ? brotli
      : async (/** @type {string} */ path) => compressed(await readFile(path));
  const packed = (/** @type {string} */ path) => {
    const made = ready.get(path) ?? pack(path);
    ready.set(path, made);
    return made;
  };

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.startsWith(base) ? await existing(folder, path.slice(base.length)) : null;
    if (file === null) {
      sent.push({ path, status: 404, bytes: 0 });
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404: no such file\n');
      return;
    }
    const headers = {
      'content-type': TYPES[extname(file.path)] ?? 'application/octet-stream',
      // Pages of other origins, such as notebooks, may import headscope.js.
      'access-control-allow-origin': '*',
    };
    const accepted = brotli && request.headers['accept-encoding']?.includes('br');
    const body = accepted ? await packed(file.path) : null;
    if (body !== null) {
      sent.push({ path, status: 200, bytes: body.length });
      response
        .writeHead(200, { ...headers, 'content-encoding': 'br', 'content-length': body.length })
        .end(body);
    } else {
      sent.push({ path, status: 200, bytes: file.size });
      response.writeHead(200, { ...headers, 'content-length': file.size });
      createReadStream(file.path).pipe(response);
    }
  });

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => resolve(undefined));
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://localhost:${bound}${base}`,
    sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * The file that a path within the site names; for a folder its index.html. Null when the file is missing or
 * lies outside the folder.
 * @param {string} folder
 * @param {string} path
 * @returns {Promise<{ path: string, size: number } | null>}
 */
async function existing(folder, path) {
  const root = normalize(folder + sep);
  let file = join(root, path);
  if (!file.startsWith(root)) return null;
  try {
    let found = await stat(file);
    if (found.isDirectory()) {
      file = join(file, 'index.html');
      found = await stat(file);
    }
    return { path: file, size: found.size };
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string', default: '8080' } },
  });
  try {
    const site = await serve(positionals[0] ?? 'dist', { port: Number(values.port) });
    console.log(`Headscope is at ${site.url}   (Ctrl+C stops it)`);
  } catch (error) {
    const inUse = /** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE';
    console.error(inUse ? `Port ${values.port} is taken: name another with --port.` : String(error));
    process.exitCode = 1;
  }
}
