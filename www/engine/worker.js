/** The engine's worker: loads the wasm and does what engine/headscope.js calls, one call at a time. */
import { answerCalls } from '../base/answering.js';
import init, { compiled, Engine } from '../wasm/headscope.js';
import { engineWasm } from './simd.js';
import { Team } from './team.js';
import { Tokenizers } from './tokenizers.js';

/** How often an idle engine on a GPU is asked whether the GPU is still there. */
const LOOK_MS = 500;

/** Names of errors that JavaScript or wasm itself throws. The engine's own errors have a code for a name. */
const UNEXPECTED = /^(Runtime|Range|Type|Reference|Syntax|Eval|URI|Compile|Link)?Error$/;

const started = init({ module_or_path: engineWasm() });
// The call that waits for it reports a failure; until then it must not count as unhandled.
started.catch(() => {});

/** The tokenizer's module comes after the engine's, beside the weights. */
const tokenizers = new Tokenizers(started, new URL('../wasm/tokenizer_bg.wasm', import.meta.url));

/** @type {any} */ let engine = null;
let calls = 0;

/** The CPU backend's helpers. @type {Team | null} */ let team = null;

/**
 * @param {string} backend
 * @param {number} [helpers] the caller's choice of their number; without one, one for each other core
 * @param {string} [tuning] how a GPU multiplies; without a word, the candidates are timed
 * @param {number} [rate] multiply-adds a second of a remembered tuning
 * @param {number} [most] the most helpers, after the death of others
 */
async function open(backend, helpers, tuning, rate, most) {
  await started;
  team = new Team({ chosen: helpers, most }, compiled(), (error) => postMessage({ broken: told(error) }));
  engine = await Engine.open(backend, team, tuning, rate);
  const info = { ...engine.info(), helpers: team.count };
  // Where the CPU was taken by itself, the visitor may still choose an adapter of software.
  if (info.backend !== 'webgpu')
    return { ...info, offersGpu: Boolean(info.reason && (await navigator.gpu?.requestAdapter())) };
  setInterval(lookForGpu, LOOK_MS);
  return { ...info, helpers: 0, adapter: (await gpuName()) || info.adapter };
}

/** The GPU's own name. The engine gets only a description, which Chromium leaves empty. */
async function gpuName() {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  const { vendor, architecture, description } = adapter?.info ?? {};
  return description || [vendor, architecture].filter(Boolean).join(' ');
}

function lookForGpu() {
  // The engine must not be asked while a call uses it, and is asked after every call anyway.
  const lost = calls === 0 ? engine.is_lost() : undefined;
  if (lost !== undefined) postMessage({ broken: told(gpuLost(lost)) });
}

/**
 * Bytes of all wasm heaps, of that of each helper, and of the GPU's buffers. A heap only grows, so these are
 * also the maxima.
 */
async function memory() {
  const helpers = team ? await team.memory() : [];
  const own = (await started).memory.buffer.byteLength + tokenizers.bytes;
  return { wasm: helpers.reduce((sum, heap) => sum + heap, own), helpers, gpu: engine.gpu_bytes() };
}

/**
 * Loads a model; the tokenizer's module may still be on its way.
 * @param {Blob[]} weights @param {string[]} names @param {string | undefined} index
 * @param {string | undefined} config @param {Uint8Array | undefined} json of the tokenizer
 * @param {string | undefined} special @param {boolean} half
 */
function load_model(weights, names, index, config, json, special, half) {
  const tokenizer = json && tokenizers.read(json, special);
  // The engine asks for it after the weights' index, and not at all where that is wrong.
  tokenizer?.catch(() => {});
  return engine.load_model(weights, names, index, config, tokenizer, half);
}

/**
 * The methods of the worker itself; all others are the engine's.
 * @type {Record<string, (...args: any[]) => Promise<unknown>>}
 */
const OWN = { open, memory, load_model };

/** @param {string} method @param {unknown[]} args */
async function perform(method, args) {
  calls++;
  try {
    const own = OWN[method];
    const value = own ? await own(...args) : await engine[method](...args);
    // A result that was computed while the GPU went away may be wrong.
    const lost = engine.is_lost();
    if (lost !== undefined) throw gpuLost(lost);
    return value;
  } finally {
    calls--;
  }
}

answerCalls(perform, told);

/** @param {string} reason the platform's words */
function gpuLost(reason) {
  return Object.assign(new Error(`The GPU was lost: ${reason}`), {
    name: 'GpuLost',
    data: { found: reason },
  });
}

/**
 * An error as plain data.
 * @param {unknown} thrown
 * @returns {import('../base/thread.js').Told}
 */
function told(thrown) {
  const { name, message, data, stack } = /** @type {Error & { data?: Record<string, unknown> }} */ (
    thrown instanceof Error ? thrown : new Error(String(thrown))
  );
  // After a trap, or anything else that was not foreseen, the wasm's memory can't be trusted.
  if (UNEXPECTED.test(name)) return { name: 'WorkerDied', message: `The engine stopped: ${message}`, stack };
  return { name, message, data, stack };
}
