/** A helper's worker: its own instance of the engine's wasm, with some columns of matrices. See team.js. */
import { answerCalls } from '../base/answering.js';
import { wordsOf } from '../base/failure.js';
import init, { Helper } from '../wasm/headscope.js';

/** Settles when the helper is open. @type {Promise<{ helper: any, heap: WebAssembly.Memory }> | null} */
let opened = null;

/** @param {WebAssembly.Module} module */
async function open(module) {
  const { memory } = await init({ module_or_path: module });
  return { helper: new Helper(), heap: memory };
}

answerCalls(
  async (method, args) => {
    if (method === 'open') {
      opened = open(/** @type {WebAssembly.Module} */ (args[0]));
      await opened;
      return null;
    }
    if (!opened) throw new Error('a helper is opened first');
    const { helper, heap } = await opened;
    return method === 'memory' ? heap.buffer.byteLength : (helper[method](...args) ?? null);
  },
  // Nothing here fails but by a bug or for want of memory.
  (thrown) => ({ name: 'WorkerDied', message: `A helper of the engine stopped: ${wordsOf(thrown)}` }),
);
