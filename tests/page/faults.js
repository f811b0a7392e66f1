// Faults that a test makes happen on a page: workers that end at a call, and an engine with little memory.

/** @typedef {import('@playwright/test').Page} Page */

/**
 * Lets a test end the engine's worker. Call it before the page is opened.
 * @param {Page} page
 * @param {{ method: string, times: number }} [first] ends workers as the page starts
 */
export async function watchWorkers(page, first = { method: '', times: 0 }) {
  await page.addInitScript((first) => {
    const fault = { ...first, after: 0, ended: 0, last: /** @type {Worker | null} */ (null) };
    /** @type {any} */ (globalThis).fault = fault;
    const { postMessage } = Worker.prototype;
    /** @this {Worker} @param {any} message @param {any[]} rest */
    Worker.prototype.postMessage = function (message, ...rest) {
      postMessage.call(this, message, ...rest);
      if (message.method === 'open') fault.last = this;
      if (message.method !== fault.method || fault.times === 0 || fault.after-- > 0) return;
      fault.times--;
      fault.after = 0;
      fault.ended++;
      this.terminate();
    };
  }, first);
}

/**
 * Ends the worker when it is next called.
 * @param {Page} page @param {string} method of the engine @param {number} times how many workers end so
 * @param {number} [after] calls that come first
 */
export const endAt = (page, method, times, after = 0) =>
  page.evaluate((how) => void Object.assign(/** @type {any} */ (globalThis).fault, how), {
    method,
    times,
    after,
  });

/** Ends the worker that is idle. @param {Page} page */
export const endIdle = (page) => page.evaluate(() => /** @type {any} */ (globalThis).fault.last.terminate());

/** How many workers a call has ended. @param {Page} page @returns {Promise<number>} */
export const ended = (page) => page.evaluate(() => /** @type {any} */ (globalThis).fault.ended);

/** A number in LEB128, as wasm has it. @param {number} value */
function leb(value) {
  /** @type {number[]} */ const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

/** Reads LEB128. @param {Buffer} bytes @param {number} at @returns {[number, number]} the value, its end */
function unleb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

/**
 * A wasm module whose memory cannot grow past a number of pages.
 * @param {Buffer} module @param {number} most pages of 64 KiB
 */
export function withLittleMemory(module, most) {
  const MEMORY = 5;
  for (let at = 8; at < module.length; ) {
    const [bytes, start] = unleb(module, at + 1);
    if (module[at] === MEMORY) {
      const [least] = unleb(module, start + 2);
      const limits = [1, 1, ...leb(least), ...leb(most)];
      const section = Buffer.from([MEMORY, ...leb(limits.length), ...limits]);
      return Buffer.concat([module.subarray(0, at), section, module.subarray(start + bytes)]);
    }
    at = start + bytes;
  }
  throw new Error('The module defines no memory.');
}
