/**
 * An error with a stable code, as every promise of the engine rejects with.
 *
 * @param {string} code becomes the error's `name`, the same in every version
 * @param {string} message a whole sentence: what was expected, what was found
 * @param {{ data?: Record<string, unknown>, cause?: unknown }} [more] `data`: the figures of the message, by name
 * @returns {Error & { data?: Record<string, unknown> }}
 */
export declare function failure(code: string, message: string, { data, cause }?: {
    data?: Record<string, unknown>;
    cause?: unknown;
}): Error & {
    data?: Record<string, unknown>;
};
/**
 * What a promise rejects with after its signal was aborted.
 * @param {AbortSignal} signal
 */
export declare function aborted(signal: AbortSignal): Error & {
    data?: Record<string, unknown>;
};
/**
 * The words of anything that was thrown.
 * @param {unknown} thrown
 */
export declare function wordsOf(thrown: unknown): string;
