/**
 * Copying of every head by itself, as a map. On a large model it takes long, and the visitor asks for it.
 * Definition: docs/definitions.md#copying.
 */

import { nameOf } from '../base/heads.js';
import { perHead } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';

/** The work of a map that still starts by itself, in floating-point operations. */
const LIGHT = 1e11;

/** @type {import('./study.js').Study<number[][]>} `[layer][head]`: the share of the vocabulary, top 1 */
export const copyingMap = {
  kind: 'copying-map',
  title: 'the copying of every head',
  long: true,
  byItself({ result }) {
    if (!result) return false;
    const { n_layers, n_heads, d_head, d_vocab } = result.model.config;
    return 2 * n_layers * n_heads * d_head * d_vocab ** 2 < LIGHT;
  },
  shown: (state) => shownOn('explain', state),
  needs: () => [],
  async perform({ model, state, signal, onProgress }) {
    const { n_layers, n_heads } = /** @type {import('../state/state.js').Result} */ (state.result).model
      .config;
    const total = n_layers * n_heads;
    /** @type {number[][]} */ const shares = [];
    for (let layer = 0; layer < n_layers; layer++) {
      shares.push([]);
      for (let head = 0; head < n_heads; head++) {
        const { top1 } = await model.copying([nameOf(layer, head)], { signal });
        shares[layer].push(top1);
        onProgress({ done: layer * n_heads + head + 1, total });
      }
    }
    return shares;
  },
  figures: (shares) => perHead('copying, top 1,', shares),
};
