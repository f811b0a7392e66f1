/**
 * Attention, and attention weighted by what it moves: how each is told. The norms have the residual stream's
 * own units; no
 * scale of theirs ends at 1.
 *
 * @typedef {import('../state/view.js').Weighting} Weighting
 * @typedef {object} Told
 * @property {string} label      of the choice
 * @property {string} hint       what it is, in a sentence
 * @property {string} scale      what the scale measures
 * @property {string} figure     what one figure of it is
 * @property {string} aside      after a head's name; nothing for plain attention
 */

/** @type {Readonly<Record<Weighting, Told>>} */
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
    hint: 'Each weight times the norm of the value it moves: what is attended to and carries nothing fades.',
    scale: 'weight × |v|',
    figure: 'Weight × |v|',
    aside: ', weighted by |v|',
  },
  output: {
    label: '× |v W_O|',
    hint: 'Each weight times the norm of what the value writes into the residual stream.',
    scale: 'weight × |v W_O|',
    figure: 'Weight × |v W_O|',
    aside: ', weighted by |v W_O|',
  },
});

/** @type {readonly Weighting[]} */
export const WEIGHTINGS = Object.freeze(['attention', 'value', 'output']);
