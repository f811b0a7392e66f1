// Detector figures made by hand, in the shape of run.detect(), and the state of a page after an analysis.
import { initial, reduce } from '../../www/state/state.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';

/**
 * @param {(layer: number, head: number, kind: string) => number | null} scoreAt
 * @param {{ nLayers?: number, nHeads?: number, fractionThreshold?: number, uniform?: number }} [options]
 * @returns {import('../../www/figures/heads.js').Detection}
 */
export function detection(
  scoreAt,
  { nLayers = 2, nHeads = 3, fractionThreshold = 0.3, uniform = 0.02 } = {},
) {
  /** @param {string} kind */
  const scores = (kind) =>
    Array.from({ length: nLayers }, (_, layer) =>
      Array.from({ length: nHeads }, (_, head) => scoreAt(layer, head, kind)),
    );
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
  const passing = (/** @type {boolean} */ passes) => ({ current: passes, previous: passes, first: passes });
  const pair = { mul: uniform, abs: uniform };
  return {
    dominant: { current: dominant('current'), previous: dominant('previous'), first: dominant('first') },
    mean: { current: numbers('current'), previous: numbers('previous'), first: numbers('first') },
    offset: { distance: scores('distance'), mean: numbers('offset'), score: scores('offset') },
    token_matching: { induction: scores('induction'), duplicate: scores('duplicate') },
    neuronpedia_induction: scores('neuronpedia'),
    head_detector: {
      previous_token_head: matched('previous'),
      duplicate_token_head: matched('duplicate'),
      induction_head: matched('induction'),
    },
    null: {
      dominant: { current: uniform, previous: uniform, first: uniform },
      mean: { current: uniform, previous: uniform, first: uniform },
      offset: { distance: 0, mean: uniform, score: null },
      token_matching: { induction: uniform, duplicate: uniform },
      neuronpedia_induction: uniform,
      head_detector: { previous_token_head: pair, duplicate_token_head: pair, induction_head: pair },
      passes: { dominant: passing(uniform > fractionThreshold), mean: passing(uniform > 0.4) },
    },
  };
}

/** @param {number} seq @param {string} text @returns {import('../../www/state/state.js').Result} */
const result = (seq, text) => ({
  text,
  bos: 'model',
  seq,
  ids: new Uint32Array(seq),
  dropped: 0,
  uncovered: [],
  notFinite: null,
  wall_ms: 1,
  backend: 'cpu',
  pieces: Array(seq).fill('a'),
  fragments: Array(seq).fill(null),
  timing: { run_ms: 0, bytes_read: 0, dispatches: 0, reused: 0 },
  model: {
    id: 'default',
    name: 'm',
    sha256: 'ab',
    config: { n_layers: 2, n_heads: 3, n_ctx: 512, d_model: 8, d_head: 4, d_vocab: 9 },
  },
  thumbnails: { side: 1, cells: new Uint8Array(6) },
});

/**
 * The state after a run of `seq` tokens.
 * @param {import('../../www/state/state.js').State} state
 * @param {number} seq
 * @param {string} [text]
 */
export const analysed = (state, seq, text = DEFAULT_VIEW.text) =>
  reduce(state, {
    type: 'result',
    result: result(seq, text),
    detection: detection(() => 0.1),
    pattern: { head: null, by: 'attention', weights: new Float32Array(seq * seq), max: 1 },
  });

/** An idle page that shows an analysis. @param {Partial<import('../../www/state/view.js').View>} [view] */
export const analysedState = (view) => reduce(analysed(initial(view), 10), { type: 'phase', phase: 'idle' });
