/**
 * What a link carries of the page's state, and what it leaves out: the defaults.
 *
 * @typedef {'attention' | 'value' | 'output'} Weighting     value: by the norm of v; output: by that of what
 *   v writes
 * @typedef {'from' | 'to'} Direction     from: what the chosen token looks at; to: what looks at it
 *
 * @typedef {object} View                 what a link carries
 * @property {string} text
 * @property {string} model               an id of the catalogue, or `own-` and the beginning of a sha256
 * @property {string | null} head         the locked head, `layer.head`; null: the mean of all heads
 * @property {number | null} query        the chosen query position
 * @property {number | null} key          the chosen key position
 * @property {Direction} direction
 * @property {string} tab
 * @property {number} active
 * @property {number} fraction
 * @property {number} mean
 * @property {Weighting} weighted         what the weights of the large pattern are multiplied by
 * @property {string | null} score        the score whose cells are marked on the pattern
 * @property {readonly string[]} texts    others, on which the labels are tried
 * @property {number} seqLen              tokens that are drawn and said twice
 * @property {number} batch               draws
 * @property {number} seed                of the draws
 * @property {readonly string[]} off      the heads that are switched off
 * @property {'zero' | 'mean'} ablation   what their output is replaced by
 * @property {'repeats' | 'text'} on      what switching them off is measured on
 * @property {readonly string[]} copying  the heads whose copying is counted, together
 * @property {readonly string[]} ran      the studies asked for that take long
 * @property {number | null} step         of the tour
 */

import { DEFAULT_TEXT } from './examples.js';

/** What stands under the evidence, one at a time. */
export const TABS = Object.freeze(['detectors', 'repeats', 'off', 'circuits', 'export', 'tour']);

/**
 * What a link of version 1 leaves out. Frozen: changing one would change the meaning of links already sent.
 * @type {Readonly<View>}
 */
export const DEFAULT_VIEW = Object.freeze({
  text: DEFAULT_TEXT,
  model: 'default',
  head: null,
  query: null,
  key: null,
  direction: 'from',
  tab: TABS[0],
  active: 0.4,
  fraction: 0.3,
  mean: 0.4,
  weighted: 'attention',
  score: null,
  texts: Object.freeze([]),
  seqLen: 50,
  batch: 10,
  seed: 0,
  off: Object.freeze([]),
  ablation: 'zero',
  on: 'repeats',
  copying: Object.freeze([]),
  ran: Object.freeze([]),
  step: null,
});

/** Beyond this many characters many programs cut a link. */
export const LONG = 8_000;

/** @param {View} view */
export const thresholdsOf = ({ active, fraction, mean }) => ({ active, fraction, mean });
