/**
 * The model's answer: the experiment on repeated tokens at its default settings, and the composition of its
 * heads. It runs by itself after the first result, once a model, and is kept for the session.
 * Definition: docs/definitions.md#repeated-tokens.
 *
 * @typedef {import('../engine/experiments.js').Repeated} Repeated
 * @typedef {import('../engine/experiments.js').Composition} Composition
 * @typedef {import('../state/state.js').State} State
 *
 * @typedef {object} ModelAnswer
 * @property {Settings} settings          of the experiment
 * @property {Repeated} repeats
 * @property {Composition | null} composition   null for a model of one layer, for a large model, or where it
 *   is not defined
 *
 * @typedef {{ seqLen: number, batch: number, seed: number }} Settings
 */

import { DEFAULT_VIEW } from '../state/view.js';
import { patient } from './study.js';

/** The work of an experiment that still starts by itself, in floating-point operations. */
const LIGHT = 2e11;

/**
 * Whether an experiment takes long on this model, so that the visitor asks for it.
 * @param {import('../state/state.js').Config} config
 * @param {Pick<Settings, 'seqLen' | 'batch'>} settings
 */
export function isHeavy({ n_layers, d_model, d_vocab }, { seqLen, batch }) {
  // Attention and an MLP of the usual width have 12 d_model^2 weights. A weight is a product and a sum.
  const weights = 12 * n_layers * d_model ** 2 + d_model * d_vocab;
  return 2 * weights * batch * (1 + 2 * seqLen) > LIGHT;
}

/**
 * The settings of the experiment: the defaults, as far as the model reads so many tokens; a single sequence
 * of a large model. Null for a model that reads too few tokens.
 * @param {import('../state/state.js').Config} config
 * @returns {Settings | null}
 */
export function answerSettings(config) {
  const seqLen = Math.min(DEFAULT_VIEW.seqLen, Math.floor((config.n_ctx - 1) / 2));
  if (seqLen < 2) return null;
  const { batch, seed } = DEFAULT_VIEW;
  return { seqLen, batch: isHeavy(config, { seqLen, batch }) ? 1 : batch, seed };
}

/** The answers of this session, by weights and backend. @type {Map<string, ModelAnswer>} */
const known = new Map();

/** @type {import('./study.js').Study<ModelAnswer>} */
export const answer = {
  kind: 'answer',
  title: 'the test on repeated tokens',
  needs: ({ result }) => (result && answerSettings(result.model.config) ? [] : null),
  async perform({ model, state, signal: stopped, onProgress }) {
    const { result } = state;
    const settings = result && answerSettings(result.model.config);
    if (!settings) throw new Error('There is no experiment to run.');
    const key = `${result.model.sha256} ${result.backend}`;
    const kept = known.get(key);
    if (kept) return kept;
    const signal = patient(stopped);
    const { config } = result.model;
    onProgress({ done: 0, total: 2 });
    const repeats = await model.repeated({ ...settings, signal });
    stopped.throwIfAborted();
    onProgress({ done: 1, total: 2 });
    const light = config.n_layers > 1 && settings.batch === DEFAULT_VIEW.batch;
    const composition = light ? await composed(model, signal) : null;
    const made = { settings, repeats, composition };
    known.set(key, made);
    return made;
  },
};

/** Codes of a figure that a model does not have. */
const UNDEFINED = new Set(['NotDefined', 'NormalizedModel']);

/**
 * The composition; null where this model has none.
 * @param {import('../engine/headscope.js').Model} model @param {AbortSignal} signal
 */
async function composed(model, signal) {
  try {
    return await model.composition({ signal });
  } catch (thrown) {
    if (UNDEFINED.has(/** @type {Error} */ (thrown).name)) return null;
    throw thrown;
  }
}
