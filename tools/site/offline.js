// One name for a build, known to the page, its workers and its service worker; and the service worker itself.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RELAXED_MADD } from '../../www/engine/simd.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a build is made of. */
const SOURCES = ['index.html', 'www', 'models', 'tools/site', 'package-lock.json'];

/** Files of the built site that the page never asks for, or that are too many to keep. */
const NOT_KEPT =
  /^(?:docs|types|models\/hub)\/|\.(?:md|d\.ts|png|safetensors)$|^service_worker\.js$|^headscope\.js$/;

/** @param {string} folder @returns {string[]} the paths of its files, sorted */
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`)
    .sort();

/** The name of the build of these sources: 12 digits of their SHA-256. */
export function buildOf(root = ROOT) {
  const hash = createHash('sha256');
  for (const source of SOURCES.map((path) => root + path).filter(existsSync)) {
    const files = /\.\w+$/.test(source) ? [source] : filesIn(source);
    for (const file of files) hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

/**
 * Writes the service worker with the list of the built files.
 * @param {string} build @returns {import('vite').Plugin}
 */
export function offline(build) {
  return {
    name: 'headscope-offline',
    apply: 'build',
    // The other plugins' files are there by now.
    closeBundle: {
      order: 'post',
      handler() {
        const dist = `${ROOT}dist/`;
        // The bundles of workers are closed first, before anything is written.
        if (!existsSync(dist)) return;
        const files = filesIn(dist.slice(0, -1))
          .map((file) => file.slice(dist.length))
          .filter((file) => !NOT_KEPT.test(file))
          .map((file) => (file === 'index.html' ? './' : file));
        const named = { BUILD: build, FILES: files, RELAXED_MADD: [...RELAXED_MADD] };
        const head = Object.entries(named)
          .map(([name, value]) => `globalThis.${name} = ${JSON.stringify(value, null, 1)};\n`)
          .join('');
        writeFileSync(
          `${dist}service_worker.js`,
          head + readFileSync(`${ROOT}tools/site/service_worker.js`, 'utf8'),
        );
      },
    },
  };
}
