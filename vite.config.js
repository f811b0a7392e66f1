// The page and the engine's module, bundled to dist/ as plain files that name each other relatively.
import { cpSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

/**
 * The models lie beside headscope.js in the built site. When the sources are served unbundled that module is
 * in www/, so
 * the same relative address is answered from models/ there too.
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
  plugins: [models()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsInlineLimit: 0, // files, so that a site can forbid data: addresses
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    license: { fileName: 'licenses.md' }, // of what is bundled from packages, as their licences ask
    rolldownOptions: {
      input: { index: `${root}index.html`, headscope: `${root}www/engine/headscope.js` },
      // A page of someone else's imports headscope.js, so it keeps its name and every export. Its code, which
      // the page
      // shares, is in a chunk beside it and not in assets/, since it finds models/ beside itself.
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: (chunk) => (chunk.name === 'headscope' ? 'headscope.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: '[name]-[hash].js',
      },
    },
  },
});
