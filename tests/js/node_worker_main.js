// Gives a Node thread the globals of a browser's worker, then runs the worker's script.
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
