/**
 * Direct logit attribution of the shown run: what each component adds to a logit at each position. The logit
 * is that of the next token, of a chosen token, or the difference of two. Definition:
 * docs/definitions.md#direct-logit-attribution.
 */

import { failure } from '../base/failure.js';
import { quoted } from '../base/tokens.js';
import { spread } from '../figures/sampled.js';
import { shownOn } from '../state/tabs.js';
import { patient } from './study.js';

/** @typedef {import('../engine/experiments.js').Attribution} Attribution */

/**
 * The id of a token that the visitor typed.
 * @param {import('../engine/headscope.js').Model} model @param {string} typed
 */
async function idOf(model, typed) {
  // Without a tokenizer, texts are ids.
  if (!model.hasTokenizer && /^\s*\d{1,9}\s*$/.test(typed)) return Number(typed);
  const { ids, pieces } = await model.encode(typed);
  if (ids.length === 1) return ids[0];
  const parts = pieces.map(quoted).join(' ');
  throw failure(
    'TokenOutOfRange',
    `${quoted(typed)} is ${ids.length} tokens of this model: ${parts}. Type a text that is one token.`,
    { data: { found: ids.length, expected: 1 } },
  );
}

/** @type {import('./study.js').Study<Attribution>} */
export const attribution = {
  kind: 'attribution',
  title: 'the direct logit attribution',
  ofRun: true,
  needs: (state) => (shownOn('explain', state) ? [...state.view.target] : null),
  async perform({ model, run, state, signal: stopped }) {
    const signal = patient(stopped);
    /** @type {number[]} */ const ids = [];
    for (const typed of state.view.target) ids.push(await idOf(model, typed));
    const [one, other] = ids;
    const target = other === undefined ? (one ?? 'next') : /** @type {[number, number]} */ ([one, other]);
    return model.attribution(run, { target, signal });
  },
  figures({ components, values, logits }) {
    // A logit, then its components without the bias, position by position. 2,048 tokens have fifty thousand.
    const width = components.length;
    return spread(logits.length * width, (index) => {
      const [at, component] = [Math.floor(index / width), (index % width) - 1];
      return component < 0
        ? { what: `logit after position ${at}`, value: logits[at] }
        : { what: `component ${component} after position ${at}`, value: values[at][component] };
    });
  },
};
