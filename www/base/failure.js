/**
 * An error with a stable code. Every failed promise of the engine rejects with one of these errors.
 *
 * @param {string} code becomes the error's `name`, the same in every version
 * @param {string} message a whole sentence: what was expected, what was found
 * @param {{ data?: Record<string, unknown>, cause?: unknown }} [more] `data`: the figures of the message
 * @returns {Error & { data?: Record<string, unknown> }}
 */
export function failure(code, message, { data, cause } = {}) {
  const error = Object.assign(
    new Error(message, cause === undefined ? undefined : { cause }),
    data && { data },
  );
  // `name` is not enumerable, as on every built-in error.
  Object.defineProperty(error, 'name', { value: code, configurable: true, writable: true });
  return error;
}

/** The error that a promise rejects with after its signal was aborted. @param {AbortSignal} signal */
export function aborted(signal) {
  return failure('AbortError', 'The work was stopped before it finished.', { cause: signal.reason });
}

/** The message of a thrown value, whether it is an error or not. @param {unknown} thrown */
export function wordsOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
