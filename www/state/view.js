/**
 * The part of the page's state that a link carries.
 *
 * @typedef {'attention' | 'value' | 'output'} Weighting   value: by the norm of v; output: by the norm of v
 *   W_O
 * @typedef {'from' | 'to'} Direction     from: where the chosen token attends; to: what attends to it
 *
 * @typedef {object} View
 * @property {string} text
 * @property {string} model               an id of the catalogue, or `own-` and the beginning of a sha256
 * @property {'stored' | 'half'} precision   of weights in f32
 * @property {'model' | 'on' | 'off'} bos whether a BOS goes before the text; model: as the model has it
 * @property {string | null} head         the pinned head, `layer.head`; null: the mean of all heads
 * @property {number | null} query        the chosen query position
 * @property {number | null} key          the chosen key position
 * @property {Direction} direction        of the strip's colours
 * @property {string} tab                 the open tab
 * @property {import('../figures/head_map.js').Layout} grid   of the heads: a map, or thumbnails of all
 * @property {string} map                 the score that the map shows
 * @property {string} x                   the score across the scatter
 * @property {string} y                   the score up the scatter
 * @property {number} active              a threshold, from 0 to 1
 * @property {number} fraction            a threshold, from 0 to 1
 * @property {number} mean                a threshold, from 0 to 1
 * @property {Weighting} weighted         the factor of the weights of the large pattern
 * @property {string | null} score        the score whose cells are marked on the pattern
 * @property {readonly string[]} texts    more texts, to compare labels
 * @property {number} seqLen              tokens of a copy in the repeated tokens
 * @property {number} batch               sequences of repeated tokens
 * @property {number} seed                of the repeated tokens
 * @property {readonly string[]} off      the ablated heads
 * @property {readonly number[]} offMlps  the layers whose MLP is ablated
 * @property {'zero' | 'mean'} ablation   the replacement of their output
 * @property {'before' | 'after'} side   of the ablation: whose figures the evidence shows
 * @property {'repeats' | 'text'} on      the tokens on which the ablation is measured
 * @property {readonly number[] | null} layers   an earlier and a later one, whose composition is shown; null:
 *   those of the pinned head
 * @property {readonly string[]} target   the tokens whose logit is attributed: one, or two for the first
 *   minus the second; empty: the next token
 * @property {'attention' | 'loss'} colour   the figures that colour the tokens
 * @property {readonly string[]} copying  the heads whose copying is counted, together
 * @property {readonly string[]} ran      the long studies that the visitor asked for
 * @property {number | null} step         of the tour
 */

import { defaultsOf } from './settings.js';

/** The view of a link that says nothing. */
export const DEFAULT_VIEW = Object.freeze(/** @type {View} */ (defaultsOf()));

/** The view of a first visit: the head with the strongest stripe on the default text, and a cell of it. */
export const OPENING_VIEW = Object.freeze({ ...DEFAULT_VIEW, head: '1.0', query: 41, key: 20 });

/** Many programs cut a link with more characters. */
export const LONG = 8_000;

/** @param {Pick<View, 'active' | 'fraction' | 'mean'>} view */
export const thresholdsOf = ({ active, fraction, mean }) => ({ active, fraction, mean });
