// Waiting in tests that hold the answers themselves.

/** Turns of the event loop: more than any chain of timers and promises in the page's modules has steps. */
const TURNS = 12;

/**
 * Waits until nothing more happens without the test.
 * Counts turns and not time, so a busy machine changes nothing.
 */
export async function settled() {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setTimeout(resolve));
}
