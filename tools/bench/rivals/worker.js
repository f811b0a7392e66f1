// A worker that runs one program: a library can then block its thread, or end, and the page goes on.
import { host } from './host.js';
import { memory } from './memory.js';

/** @type {ReturnType<typeof host>} */ let hosted;

self.onmessage = async ({ data: { id, method, module, argument } }) => {
  try {
    hosted ??= host(() => import(`./${module}.js`), memory);
    self.postMessage({ id, answer: await hosted[/** @type {'open' | 'run'} */ (method)](argument) });
  } catch (error) {
    self.postMessage({
      id,
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    });
  }
};
