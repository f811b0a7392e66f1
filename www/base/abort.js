/**
 * A signal that is aborted as soon as one of several is: `AbortSignal.any`, which browsers have only since
 * Chrome 116, Firefox 124 and Safari 17.4.
 * @param {...(AbortSignal | undefined)} signals
 * @returns {AbortSignal}
 */
export function anySignal(...signals) {
  const any = new AbortController();
  for (const signal of signals) {
    if (signal?.aborted) any.abort(signal.reason);
    signal?.addEventListener('abort', () => any.abort(signal.reason), { signal: any.signal });
  }
  return any.signal;
}
