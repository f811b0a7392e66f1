// What a script finds in a browser's worker, in one of Node's threads; then the script itself.
import { parentPort, workerData } from 'node:worker_threads';

Object.assign(globalThis, {
  addEventListener: (/** @type {string} */ type, /** @type {(event: object) => void} */ hear) =>
    type === 'message' && parentPort?.on('message', (data) => hear({ data })),
  postMessage: (/** @type {unknown} */ message, /** @type {{ transfer?: any[] }} */ { transfer = [] } = {}) =>
    parentPort?.postMessage(message, transfer),
});
if (workerData.unreadable)
  Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('It is gone.', 'NotFoundError'));
await import(workerData.script);
