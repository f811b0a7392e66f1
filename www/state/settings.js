/**
 * Every setting of the view, one row each: its default, its key and form in a link, and what drops it. The
 * view's defaults, the link's keys and the reducers are derived from these rows.
 *
 * @typedef {import('./view.js').View} View
 */

import { DEFAULT_THRESHOLDS } from '../base/thresholds.js';
import { wellFormed } from '../base/tokens.js';
import { FIRST_SCORE } from '../figures/head_scores.js';
import { DEFAULT_TEXT } from './examples.js';
import * as read from './readers.js';
import { TABS } from './tabs.js';

/**
 * @template Value
 * @typedef {object} Setting
 * @property {Value} initial              the default, which a link leaves out. Frozen with version 2: another
 *   default would change the meaning of links already sent
 * @property {string} key                 in a link
 * @property {(written: string) => Value | null} read   null for anything that is no value
 * @property {(value: any) => string} [write]   the form in a link; `String` when absent
 * @property {string} [packed]            the key of the compressed form, for long values
 * @property {'head' | 'heads' | 'mlps' | 'layers' | 'position'} [names]   a part of the model or of the text.
 *   It is dropped when the model or the text does not have it
 * @property {boolean} [ofModel]          another model resets it to its default
 */

const EMPTY = Object.freeze(/** @type {string[]} */ ([]));
const NO_LAYERS = Object.freeze(/** @type {number[]} */ ([]));
const heads = read.listOf(read.head);

/** @type {Readonly<{ [Name in keyof View]: Setting<View[Name]> }>} */
export const SETTINGS = Object.freeze({
  text: { key: 't', initial: DEFAULT_TEXT, read: read.text, write: wellFormed, packed: 'z' },
  model: { key: 'model', initial: 'default', read: read.modelId },
  precision: { key: 'precision', initial: 'stored', read: read.oneOf(['stored', 'half']), ofModel: true },
  bos: { key: 'bos', initial: 'model', read: read.oneOf(['model', 'on', 'off']), ofModel: true },
  head: { key: 'head', initial: null, read: read.head, names: 'head', ofModel: true },
  query: { key: 'query', initial: null, read: read.position, names: 'position', ofModel: true },
  key: { key: 'key', initial: null, read: read.position, names: 'position', ofModel: true },
  direction: { key: 'direction', initial: 'from', read: read.oneOf(['from', 'to']) },
  tab: { key: 'tab', initial: TABS[0].id, read: read.oneOf(TABS.map(({ id }) => id)) },
  grid: { key: 'grid', initial: 'auto', read: read.oneOf(['auto', 'map', 'thumbnails']) },
  map: { key: 'map', initial: FIRST_SCORE, read: read.pageName },
  x: { key: 'across', initial: FIRST_SCORE, read: read.pageName },
  y: { key: 'up', initial: 'matching-induction', read: read.pageName },
  active: { key: 'active', initial: DEFAULT_THRESHOLDS.active, read: read.share },
  fraction: { key: 'fraction', initial: DEFAULT_THRESHOLDS.fraction, read: read.share },
  mean: { key: 'mean', initial: DEFAULT_THRESHOLDS.mean, read: read.share },
  weighted: {
    key: 'weighted',
    initial: 'attention',
    read: read.oneOf(['attention', 'value', 'output']),
  },
  score: { key: 'score', initial: null, read: read.pageName },
  texts: { key: 'texts', initial: EMPTY, read: read.texts, write: JSON.stringify, packed: 'zz' },
  seqLen: { key: 'len', initial: 50, read: read.whole(2, read.MOST.position) },
  batch: { key: 'batch', initial: 10, read: read.whole(1, read.MOST.batch) },
  seed: { key: 'seed', initial: 0, read: read.whole(0, 0xffffffff) },
  off: { key: 'off', initial: EMPTY, read: heads, write: read.listed, names: 'heads', ofModel: true },
  offMlps: {
    key: 'mlps',
    initial: NO_LAYERS,
    read: read.layers,
    write: read.listed,
    names: 'mlps',
    ofModel: true,
  },
  ablation: { key: 'ablation', initial: 'zero', read: read.oneOf(['zero', 'mean']) },
  side: { key: 'side', initial: 'after', read: read.oneOf(['before', 'after']), ofModel: true },
  on: { key: 'on', initial: 'repeats', read: read.oneOf(['repeats', 'text']) },
  layers: {
    key: 'layers',
    initial: null,
    read: read.layerPair,
    write: read.listed,
    names: 'layers',
    ofModel: true,
  },
  target: { key: 'target', initial: EMPTY, read: read.tokens, write: JSON.stringify, ofModel: true },
  colour: { key: 'colour', initial: 'attention', read: read.oneOf(['attention', 'loss']) },
  copying: { key: 'copy', initial: EMPTY, read: heads, write: read.listed, names: 'heads', ofModel: true },
  ran: {
    key: 'ran',
    initial: EMPTY,
    read: read.listOf(read.pageName),
    write: read.listed,
    ofModel: true,
  },
  step: { key: 'step', initial: null, read: read.whole(0, 99) },
});

/** The rows with their names. */
export const ROWS = Object.freeze(
  Object.entries(SETTINGS).map(([name, row]) => ({
    .../** @type {Setting<any>} */ (row),
    name: /** @type {keyof View} */ (name),
  })),
);

/**
 * The defaults of some settings.
 * @param {(row: typeof ROWS[number]) => unknown} [fits]
 * @returns {Partial<View>}
 */
export const defaultsOf = (fits = () => true) =>
  Object.fromEntries(ROWS.filter(fits).map(({ name, initial }) => [name, initial]));
