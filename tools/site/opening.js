// The result that the page opens with: the default model on the default text, computed by the engine itself
// while the site is built. It is in index.html, so that the first paint has it. The page marks it as
// precomputed and replaces it when its own run is complete.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseHead } from '../../www/base/heads.js';
import { OPENING_VIEW, thresholdsOf } from '../../www/state/view.js';
import { answerSettings } from '../../www/studies/answer.js';

/** @param {string} path from the root */
const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url));

/** Rounds what a person reads with two or three decimals. @param {string} _key @param {unknown} value */
const rounded = (_key, value) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(4)) : value;

/** Weights in 16 bits, as base64. @param {Float32Array} weights */
const packed = (weights) =>
  Buffer.from(Uint16Array.from(weights, (weight) => Math.round(weight * 65535)).buffer).toString('base64');

/**
 * The figures of the opening view, in the form that www/state/opening.js reads.
 * @returns {Promise<import('../../www/state/opening.js').Precomputed>}
 */
export async function openingFigures() {
  const { default: init, Engine } = await import('../../www/wasm/headscope.js');
  const { Tokenizers } = await import('../../www/engine/tokenizers.js');
  const started = init({ module_or_path: read('www/wasm/headscope_bg.wasm') });
  const tokenizers = new Tokenizers(started, read('www/wasm/tokenizer_bg.wasm'));
  await started;
  const engine = await Engine.open('cpu');
  const weights = read('models/default/model.safetensors');
  const config = read('models/default/config.json').toString();
  const model = await engine.load_model(
    [new Blob([weights])],
    ['model.safetensors'],
    undefined,
    config,
    tokenizers.read(read('models/default/tokenizer.json')),
    false,
  );
  const { text, head } = OPENING_VIEW;
  const at = parseHead(head);
  if (!at) throw new Error('The opening view pins no head.');
  const { run, ids, pieces, seq } = await engine.run_text(model, text, true);
  const { active, fraction, mean } = thresholdsOf(OPENING_VIEW);
  const info = engine.model_info(model);
  const layers = Uint32Array.from({ length: info.config.n_layers }, (_, layer) => layer);
  const { side, cells } = await engine.thumbnails(run, layers);
  const settings = answerSettings(info.config);
  if (!settings) throw new Error('The default model is too short for its own experiment.');
  const { name } = JSON.parse(read('models/catalogue.json').toString()).models.find(
    (/** @type {{ id: string }} */ { id }) => id === 'default',
  );
  return {
    text,
    head: /** @type {string} */ (head),
    model: { name, sha256: createHash('sha256').update(weights).digest('hex'), config: info.config },
    ids: [...ids],
    pieces,
    detection: engine.detect(run, active, fraction, mean),
    thumbnails: { side, cells: Buffer.from(cells).toString('base64') },
    pattern: packed(await engine.pattern(run, at.layer, at.head, 0)),
    logProbs: [...engine.log_probs(run)].slice(0, seq - 1),
    settings,
    repeats: await engine.repeated(model, settings),
    composition: { layers: [0, 1], ...(await engine.composition(model, new Uint32Array(), 0)) },
  };
}

/**
 * Puts the figures into index.html.
 * @returns {import('vite').Plugin}
 */
export function opening() {
  return {
    name: 'headscope-opening',
    apply: 'build',
    transformIndexHtml: async () => {
      const json = JSON.stringify(await openingFigures(), rounded).replaceAll('<', '\\u003c');
      const attrs = { type: 'application/json', id: 'opening' };
      return [{ tag: 'script', attrs, children: json, injectTo: /** @type {const} */ ('body') }];
    },
  };
}
