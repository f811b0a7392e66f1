// Counts the memory that a library takes in this worker: the heaps of its wasm, and its buffers on the GPU.
// It must be imported before the library.

/** @type {Set<WebAssembly.Memory>} */ const heaps = new Set();
let gpu = 0;

/** Remembers the heaps of an instance. @param {unknown} made */
function remember(made) {
  const { exports } = /** @type {any} */ (made).instance ?? made;
  for (const value of Object.values(exports)) if (value instanceof WebAssembly.Memory) heaps.add(value);
  return made;
}

const { Instance, Memory, instantiate, instantiateStreaming } = WebAssembly;
Object.assign(WebAssembly, {
  instantiate: (/** @type {any[]} */ ...given) =>
    Reflect.apply(instantiate, WebAssembly, given).then(remember),
  instantiateStreaming: (/** @type {any[]} */ ...given) =>
    Reflect.apply(instantiateStreaming, WebAssembly, given).then(remember),
  Instance: new Proxy(Instance, {
    construct: (target, given) => /** @type {object} */ (remember(Reflect.construct(target, given))),
  }),
  Memory: new Proxy(Memory, {
    construct(target, given) {
      const made = Reflect.construct(target, given);
      heaps.add(made);
      return made;
    },
  }),
});

if ('GPUDevice' in globalThis) {
  const { GPUDevice, GPUBuffer } = /** @type {any} */ (globalThis);
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  const standing = new WeakSet();
  GPUDevice.prototype.createBuffer = function (/** @type {unknown} */ what) {
    const made = createBuffer.call(this, what);
    gpu += made.size;
    standing.add(made);
    return made;
  };
  GPUBuffer.prototype.destroy = function () {
    if (standing.delete(this)) gpu -= this.size;
    return destroy.call(this);
  };
}

/** Bytes now. A heap never shrinks. */
export const memory = () => ({
  wasm: [...heaps].reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
  gpu,
});
