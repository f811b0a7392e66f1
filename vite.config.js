// The page and the engine's module, bundled to dist/ as plain files that name each other relatively.
import { cpSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { docs } from './tools/site/docs.js';

const root = fileURLToPath(new URL('.', import.meta.url));

/**
 * Copies models/ to the built site, where headscope.js finds it beside itself. While the sources are served
 * unbundled, the store that names it is in www/store/, and the same relative address is answered from models/.
 * @returns {import('vite').Plugin}
 */
function models() {
  return {
    name: 'headscope-models',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        request.url = request.url?.replace(/^\/www\/store\/models\//, '/models/');
        next();
      });
    },
    writeBundle() {
      if (existsSync(`${root}models`)) cpSync(`${root}models`, `${root}dist/models`, { recursive: true });
    },
  };
}

export default defineConfig({
  root,
  base: './',
  appType: 'mpa', // a missing file is a 404, never the page itself
  publicDir: false,
  plugins: [models(), docs()],
  worker: { format: 'es' },
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
