// Detector figures made by hand, in the shape run.detect() gives them.

/**
 * @param {(layer: number, head: number, kind: string) => number | null} scoreAt
 * @param {{ nLayers?: number, nHeads?: number, fractionThreshold?: number, nullLine?: number }} [options]
 * @returns {import('../../www/heads.js').Detection}
 */
export function detection(scoreAt, { nLayers = 2, nHeads = 3, fractionThreshold = 0.3, nullLine = 0.02 } = {}) {
  /** @param {string} kind */
  const scores = (kind) =>
    Array.from({ length: nLayers }, (_, layer) => Array.from({ length: nHeads }, (_, head) => scoreAt(layer, head, kind)));
  /** @param {string} kind */
  const numbers = (kind) => scores(kind).map((row) => row.map((score) => score ?? 0));
  /** @param {string} kind */
  const dominant = (kind) => {
    const fraction = numbers(kind);
    const heads = fraction.flatMap((row, layer) =>
      row.flatMap((score, head) => (score > fractionThreshold ? [`${layer}.${head}`] : [])),
    );
    return { fraction, heads };
  };
  /** @param {string} kind */
  const matched = (kind) => ({ mul: scores(`${kind} mul`), abs: scores(`${kind} abs`) });
  const pair = { mul: nullLine, abs: nullLine };
  return {
    dominant: { current: dominant('current'), previous: dominant('previous'), first: dominant('first') },
    mean: { current: numbers('current'), previous: numbers('previous'), first: numbers('first') },
    token_matching: { induction: scores('induction'), duplicate: scores('duplicate') },
    head_detector: {
      previous_token_head: matched('previous'),
      duplicate_token_head: matched('duplicate'),
      induction_head: matched('induction'),
    },
    null: {
      dominant: { current: nullLine, previous: nullLine, first: nullLine },
      mean: { current: nullLine, previous: nullLine, first: nullLine },
      token_matching: { induction: nullLine, duplicate: nullLine },
      head_detector: { previous_token_head: pair, duplicate_token_head: pair, induction_head: pair },
    },
  };
}
