import { trusted } from './trusted.js';

/**
 * The browser's `Worker`, for scripts of any origin. A page's browser wants a worker's script from the page's
 * own origin. For another origin the worker gets a small script of the page's origin, which imports the real
 * one.
 *
 * Callers name the class `Worker`, since bundlers look for `new Worker(new URL(`.
 */
export function anyOriginWorker() {
  return class extends globalThis.Worker {
    /** @param {URL} script @param {WorkerOptions} options */
    constructor(script, options) {
      super(trusted(script.origin === globalThis.origin ? script : importing(script)), options);
    }
  };
}

/** The address of a script that imports another. @param {URL} script */
function importing(script) {
  return URL.createObjectURL(
    new Blob([`import ${JSON.stringify(script.href)};`], { type: 'text/javascript' }),
  );
}
