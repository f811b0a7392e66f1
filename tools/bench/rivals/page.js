// The page of the bench: opens programs and passes work to them. Libraries run in workers of their own.
// Headscope's engine has its own worker, so the page calls it as any page does.
import { host } from './host.js';

/**
 * @typedef {import('./types').Setup} Setup
 * @typedef {import('./types').Work} Work
 * @typedef {object} Hosted
 * @property {(setup: Setup) => Promise<any>} open
 * @property {(work: Work) => Promise<any>} run
 * @property {() => unknown} close
 *
 * @typedef {{ resolve: (answer: any) => void, reject: (error: Error) => void }} Call
 */

/** @type {Map<string, Hosted>} */ const hosts = new Map();
/** @type {Promise<Omit<Setup, 'options' | 'config'>> | undefined} */ let files;

const FILES = {
  weights: 'target/standin/notebook.safetensors',
  forward: 'target/bench/notebook.onnx',
  unembed: 'target/bench/notebook_unembed.onnx',
};

/** Everything that is read, brought once, so that no program waits for the disk. */
async function bring() {
  const root = new URL('../../../', location.href).href;
  const blob = async (/** @type {string} */ path) => {
    const answer = await fetch(root + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.blob();
  };
  const [weights, forward, unembed] = await Promise.all(Object.values(FILES).map(blob));
  return { root, weights, graphs: { forward, unembed } };
}

/** A program in a worker. @param {string} module @returns {Hosted} */
function inWorker(module) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  /** @type {Map<number, Call>} */ const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data: { id, answer, error } }) => {
    if (error === undefined) waiting.get(id)?.resolve(answer);
    else waiting.get(id)?.reject(new Error(error));
    waiting.delete(id);
  };
  worker.onerror = ({ message }) => {
    for (const call of waiting.values())
      call.reject(new Error(`the worker ended: ${message ?? 'no reason'}`));
  };
  const ask = (/** @type {string} */ method) => (/** @type {unknown} */ argument) => {
    last += 1;
    worker.postMessage({ id: last, method, module, argument });
    return new Promise((resolve, reject) => waiting.set(last, { resolve, reject }));
  };
  return { open: ask('open'), run: ask('run'), close: () => worker.terminate() };
}

export const bench = {
  /**
   * Loads the model into a program.
   * @param {string} id
   * @param {string} module
   * @param {{ options: object, config: object }} given
   */
  async open(id, module, given) {
    await hosts.get(id)?.close();
    hosts.delete(id);
    files ??= bring();
    const setup = /** @type {Setup} */ ({ ...(await files), ...given });
    const hosted = module === 'ours' ? host(() => import('./ours.js')) : inWorker(module);
    const opened = await hosted.open(setup);
    hosts.set(id, hosted);
    return opened;
  },

  /** @param {string} id @param {Work} work */
  run(id, work) {
    const hosted = hosts.get(id);
    if (!hosted) throw new Error(`${id} is not open`);
    return hosted.run(work);
  },
};

Object.assign(globalThis, { bench });
