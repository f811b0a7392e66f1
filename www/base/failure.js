/**
 * An error with a stable code, as every promise of the engine rejects with.
 *
 * @param {string} code becomes the error's `name`, the same in every version
 * @param {string} message a whole sentence: what was expected, what was found
 * @param {{ data?: Record<string, unknown>, cause?: unknown }} [more] `data`: the figures of the message, by
 *   name
 * @returns {Error & { data?: Record<string, unknown> }}
 */
export function failure(code, message, { data, cause } = {}) {
  const error = Object.assign(
    new Error(message, cause === undefined ? undefined : { cause }),
    data && { data },
  );
  // Not enumerable, as on any other error.
  Object.defineProperty(error, 'name', { value: code, configurable: true, writable: true });
  return error;
}

/**
 * What a promise rejects with after its signal was aborted.
 * @param {AbortSignal} signal
 */
export function aborted(signal) {
  return failure('AbortError', 'It was stopped before it was done.', { cause: signal.reason });
}

/**
 * The words of anything that was thrown.
 * @param {unknown} thrown
 */
export function wordsOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
