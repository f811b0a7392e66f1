/**
 * Words for attention weights, and for attention weights multiplied by the norm of what they move.
 * Norms have the units of the residual stream, so their scale does not end at 1.
 * Definition: docs/definitions.md#value-weighted-pattern.
 *
 * @typedef {import('../state/view.js').Weighting} Weighting
 *
 * @typedef {object} Words
 * @property {string} label               of the choice
 * @property {string} hint                the meaning in a sentence
 * @property {string} scale               the quantity of the colour scale
 * @property {string} figure              the name of one figure
 * @property {string} aside               after a head's name; empty for plain attention
 */

/** @type {Readonly<Record<Weighting, Words>>} */
export const WEIGHTED = Object.freeze({
  attention: {
    label: 'attention',
    hint: 'The attention weights. Each row sums to 1.',
    scale: 'attention weight',
    figure: 'Weight',
    aside: '',
  },
  value: {
    label: '× |v|',
    hint: 'Each weight times the norm of its key’s value. Attention to empty values fades.',
    scale: 'weight × |v|',
    figure: 'Weight × |v|',
    aside: ', weighted by |v|',
  },
  output: {
    label: '× |v W_O|',
    hint: 'Each weight times the norm of what that value writes into the residual stream.',
    scale: 'weight × |v W_O|',
    figure: 'Weight × |v W_O|',
    aside: ', weighted by |v W_O|',
  },
});

/** @type {readonly Weighting[]} */
export const WEIGHTINGS = Object.freeze(['attention', 'value', 'output']);
