// The page and the engine's module, bundled to dist/ as plain files that name each other relatively.
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { about } from './tools/site/about.js';
import { rustLicences } from './tools/site/crates.js';
import { docs } from './tools/site/docs.js';
import { buildOf, offline } from './tools/site/offline.js';
import { opening } from './tools/site/opening.js';
import { policy } from './tools/site/policy.js';
import { readCatalogue } from './www/store/catalogue.js';
import { toPlanes } from './www/store/planes.js';

const root = fileURLToPath(new URL('.', import.meta.url));

/** The files of models/ that the page asks for in planes. @returns {string[]} */
function inPlanes() {
  const url = new URL('./models/catalogue.json', import.meta.url);
  const weights = readCatalogue(readFileSync(url, 'utf8'), url).map((entry) => entry.weights);
  return weights.flatMap(({ path, planes }) => (path && planes ? [path] : []));
}

/** @param {string} path in models/ */
const planesOf = (path) => toPlanes(readFileSync(`${root}models/${path}`));

/**
 * Copies models/ to the built site, where headscope.js finds it beside itself, and beside weights that the
 * catalogue has in planes their planes. While the sources are served unbundled, the store that names it is in
 * www/store/, so the same relative address is answered from models/.
 * @returns {import('vite').Plugin}
 */
function models() {
  return {
    name: 'headscope-models',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        request.url = request.url?.replace(/^\/www\/store\/models\//, '/models/');
        const path = inPlanes().find((one) => request.url?.startsWith(`/models/${one}.planes`));
        if (path) response.end(planesOf(path));
        else next();
      });
    },
    writeBundle() {
      if (!existsSync(`${root}models`)) return;
      cpSync(`${root}models`, `${root}dist/models`, { recursive: true });
      for (const path of inPlanes()) writeFileSync(`${root}dist/models/${path}.planes`, planesOf(path));
    },
  };
}

/** Names of the packages that workers bundle. @type {Set<string>} */
const ofWorkers = new Set();

/** Collects the packages of a worker's bundle. @returns {import('vite').Plugin} */
function workerPackages() {
  return {
    name: 'headscope-worker-packages',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle))
        for (const id of chunk.type === 'chunk' ? chunk.moduleIds : [])
          ofWorkers.add(/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? '');
    },
  };
}

/**
 * Adds the licences of those packages to licenses.md: Vite's own list leaves workers out.
 * @returns {import('vite').Plugin}
 */
function workerLicences() {
  return {
    name: 'headscope-worker-licences',
    writeBundle() {
      for (const name of [...ofWorkers].filter(Boolean)) {
        const folder = `${root}node_modules/${name}/`;
        const { version, license } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
        const text = readFileSync(`${folder}LICENSE`, 'utf8');
        appendFileSync(`${root}dist/licenses.md`, `\n## ${name} - ${version} (${license})\n\n${text}`);
      }
    },
  };
}

const build = buildOf();

export default defineConfig({
  root,
  define: { __HEADSCOPE_BUILD__: JSON.stringify(build) },
  base: './',
  appType: 'mpa', // a missing file is a 404, never the page itself
  publicDir: false,
  plugins: [models(), docs(), about(), opening(), policy(), workerLicences(), rustLicences(), offline(build)],
  worker: { format: 'es', plugins: () => [workerPackages()] },
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsInlineLimit: 0, // files, so that a site can forbid data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    license: { fileName: 'licenses.md' }, // the licences of the bundled packages, as they ask
    rolldownOptions: {
      input: { index: `${root}index.html`, headscope: `${root}www/engine/headscope.js` },
      // Other people's pages import headscope.js, so it keeps its name and every export. The page shares its
      // code: that chunk is beside it and not in assets/, because the code finds models/ beside itself.
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: (chunk) => (chunk.name === 'headscope' ? 'headscope.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: '[name]-[hash].js',
      },
    },
  },
});
