/**
 * The engine's side of the worker: loads the wasm and does what it is told, one call at a time.
 *
 * A call `{ call, method, args }` is answered by `{ call, value }` or `{ call, error }`. Unasked the worker
 * says
 * `{ lock }`, the name of a lock that it holds until it dies, and `{ broken }`, when it can't go on.
 */
import init, { Engine } from '../wasm/headscope.js';

/** How often an idle engine on a GPU is asked whether the GPU is still there. */
const LOOK_MS = 500;

/** Names of errors that JavaScript or wasm itself throws. The engine's own have a code for a name. */
const UNEXPECTED = /^(Runtime|Range|Type|Reference|Syntax|Eval|URI|Compile|Link)?Error$/;

const started = init({ module_or_path: new URL('../wasm/headscope_bg.wasm', import.meta.url) });
// Reported by the call that waits for it; here only kept from counting as unhandled until then.
started.catch(() => {});

/** @type {any} */ let engine = null;
let calls = 0;

/** @param {string} backend */
async function open(backend) {
  await started;
  engine = await Engine.open(backend);
  const info = engine.info();
  if (info.backend !== 'webgpu') return info;
  setInterval(lookForGpu, LOOK_MS);
  return { ...info, adapter: (await gpuName()) || info.adapter };
}

/** What the GPU calls itself. The engine is told only a description, which Chromium leaves empty. */
async function gpuName() {
  // @ts-expect-error: WebGPU is not in TypeScript's own types
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  const { vendor, architecture, description } = adapter?.info ?? {};
  return description || [vendor, architecture].filter(Boolean).join(' ');
}

function lookForGpu() {
  // The engine must not be asked while a call has it, and is asked after every call anyway.
  const lost = calls === 0 ? engine.is_lost() : undefined;
  if (lost !== undefined) postMessage({ broken: told(gpuLost(lost)) });
}

/** A heap only grows, so this is also the most that it has been. */
async function memory() {
  return { wasm: (await started).memory.buffer.byteLength, gpu: engine.gpu_bytes() };
}

/**
 * What the worker itself answers; all other methods are the engine's.
 * @type {Record<string, (...args: any[]) => Promise<unknown>>}
 */
const OWN = { open, memory };

/** @param {string} method @param {unknown[]} args */
async function perform(method, args) {
  const own = OWN[method];
  const value = own ? await own(...args) : await engine[method](...args);
  // What was computed while the GPU went away is not to be trusted.
  const lost = engine.is_lost();
  if (lost !== undefined) throw gpuLost(lost);
  return value;
}

addEventListener('message', async ({ data: { call, method, args } }) => {
  calls++;
  try {
    const value = await perform(method, args);
    postMessage({ call, value }, { transfer: buffersOf(value) });
  } catch (error) {
    postMessage({ call, error: told(error) });
  }
  calls--;
});

// A trap inside a future of the engine's never settles the promise that waits for it.
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  postMessage({ broken: told(event.reason) });
});

// Only pages from https or localhost have locks, and some frames may not use them; there a worker that is
// ended without a
// word stays unnoticed.
if (navigator.locks) {
  const lock = `headscope-${crypto.randomUUID()}`;
  const held = navigator.locks.request(lock, () => {
    postMessage({ lock });
    return new Promise(() => {});
  });
  held.catch(() => {});
}

/** @param {string} reason what the platform says */
function gpuLost(reason) {
  return Object.assign(new Error(`The GPU was lost: ${reason}`), {
    name: 'GpuLost',
    data: { found: reason },
  });
}

/**
 * An error as plain data: one that is sent as it is loses its name and its fields.
 * @param {unknown} thrown
 * @returns {import('./thread.js').Told}
 */
function told(thrown) {
  const { name, message, data, stack } = /** @type {Error & { data?: Record<string, unknown> }} */ (
    thrown instanceof Error ? thrown : new Error(String(thrown))
  );
  // After a trap, or anything else that was not foreseen, the wasm's memory can't be trusted.
  if (UNEXPECTED.test(name)) return { name: 'WorkerDied', message: `The engine stopped: ${message}`, stack };
  return { name, message, data, stack };
}

/**
 * The memory of a result's arrays, which is handed over and not copied.
 * @param {unknown} value an array, or an object that has some
 * @returns {Transferable[]}
 */
function buffersOf(value) {
  const fields = ArrayBuffer.isView(value) ? [value] : Object.values(Object(value));
  return [...new Set(fields.filter((field) => ArrayBuffer.isView(field)).map((field) => field.buffer))];
}
