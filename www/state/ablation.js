/**
 * The ablation that a view asks for: the heads, the MLPs, and what replaces their output. Pure.
 *
 * @typedef {import('./view.js').View} View
 *
 * @typedef {object} Ablation
 * @property {readonly string[]} heads    as `layer.head`, in the order of their names
 * @property {readonly number[]} mlps     the layers of the MLPs, ascending
 * @property {View['ablation']} kind
 */

/** @param {Pick<View, 'off' | 'offMlps' | 'ablation'>} view @returns {Ablation} */
export const ablationOf = ({ off, offMlps, ablation }) => ({
  heads: [...off].sort(),
  mlps: [...offMlps].sort((left, right) => left - right),
  kind: ablation,
});

/** Whether a view ablates anything. @param {Pick<View, 'off' | 'offMlps'>} view */
export const isAblated = ({ off, offMlps }) => off.length > 0 || offMlps.length > 0;

/** The name of a layer's MLP. @param {number} layer */
export const mlpName = (layer) => `MLP ${layer}`;

/** The names of everything ablated. @param {Pick<Ablation, 'heads' | 'mlps'>} ablation */
export const namesOf = ({ heads, mlps }) => [...heads, ...mlps.map(mlpName)];

/**
 * The same in a sentence: `head 0.1`, `heads 0.1, 1.2 and the MLP of layer 3`.
 * @param {Pick<Ablation, 'heads' | 'mlps'>} ablation
 */
export function inWords({ heads, mlps }) {
  const ofHeads = heads.length ? `${heads.length === 1 ? 'head' : 'heads'} ${heads.join(', ')}` : '';
  const ofMlps = mlps.length
    ? `${mlps.length === 1 ? 'the MLP of layer' : 'the MLPs of layers'} ${mlps.join(', ')}`
    : '';
  return [ofHeads, ofMlps].filter(Boolean).join(' and ');
}
