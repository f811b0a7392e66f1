// Writes the scripts of "Copy as TransformerLens code" for models of this repository, as the page would: the
// engine computes what is shown, in Node, and www/exports/ writes the script.
//
//   node tools/real/lens.js OUT      OUT/NAME.py, one a case; files are named by their paths from the root
//
// A model in the hub's layout is loaded from a folder, with the default model's tokenizer: transformers wants
// one.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { transformerLensCode } from '../../www/exports/transformer_lens.js';
import { Engine, default as init } from '../../www/wasm/headscope.js';

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} weights     path from the root
 * @property {string} config
 * @property {true} [ofHub]       the weights have the layout of the hub
 * @property {string} head
 * @property {string[]} [heads]   ablated
 * @property {number[]} [mlps]    ablated
 */

const FIXTURES = 'tests/fixtures';
const FAMILIES = `${FIXTURES}/families`;

/** @param {string} name @param {string} head @returns {Case} */
const fixture = (name, head) => ({
  ...{ name, head },
  weights: `${FIXTURES}/${name}.pth`,
  config: `${FIXTURES}/${name}.config.json`,
});

/** @param {string} name @param {Partial<Case>} [rest] @returns {Case} */
const family = (name, rest) => ({
  name,
  weights: `${FAMILIES}/${name}/model_final.pth`,
  config: `${FAMILIES}/${name}/config.json`,
  head: '1.2',
  ...rest,
});

/** A model in the hub's layout. @param {string} name @param {Partial<Case>} [rest] @returns {Case} */
const ofHub = (name, rest) => ({
  ...{ name, head: '1.0', ofHub: true, config: `${FAMILIES}/${name}/config.json` },
  weights: `${FAMILIES}/${name}/${name === 'gpt_neo' ? 'pytorch_model.bin' : 'model.safetensors'}`,
  ...rest,
});

const DEFAULT = { weights: 'models/default/model.safetensors', config: 'models/default/config.json' };

/** @type {Case[]} */
const CASES = [
  { name: 'default', ...DEFAULT, head: '1.0' },
  { name: 'default_ablated', ...DEFAULT, head: '1.0', heads: ['0.2', '0.7'] },
  fixture('planted_f16', '1.2'),
  fixture('random_2layer_lnpre_shortformer', '1.1'),
  fixture('random_3layer_ln_standard', '2.0'),
  family('tl_gelu'),
  family('tl_gelu', { name: 'tl_gelu_ablated', heads: ['0.1'], mlps: [0] }),
  family('tl_solu'),
  family('tl_rotary_adjacent'),
  ofHub('gpt2'),
  ofHub('gpt2', { name: 'gpt2_ablated', heads: ['0.1'], mlps: [1] }),
  ofHub('gpt_neo'),
  ofHub('gpt_neox_sequential'),
  ofHub('llama_untied'),
  ofHub('pythia'),
  ofHub('qwen2'),
  ofHub('qwen3'),
  ofHub('smollm'),
];

const root = new URL('../../', import.meta.url);
const read = (/** @type {string} */ path) => readFileSync(new URL(path, root));

const [out] = process.argv.slice(2);
if (!out) throw new Error('Usage: node tools/real/lens.js OUT');
mkdirSync(out, { recursive: true });
await init({ module_or_path: read('www/wasm/headscope_bg.wasm') });
const engine = await Engine.open('cpu');
for (const one of CASES) {
  writeFileSync(`${out}/${one.name}.py`, await scriptOf(one));
  console.log(one.name);
}

/**
 * A folder as a repository of the hub has it.
 * @param {Case} of @returns {string}
 */
function folderOf({ name, weights, config }) {
  const folder = `${out}/${name}`;
  mkdirSync(folder, { recursive: true });
  for (const path of [weights, config, 'models/default/tokenizer.json'])
    copyFileSync(new URL(path, root), `${folder}/${fileOf(path)}`);
  writeFileSync(`${folder}/tokenizer_config.json`, '{ "tokenizer_class": "PreTrainedTokenizerFast" }');
  return folder;
}

/** @param {string} path */
function fileOf(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** @param {Case} of @returns {Promise<string>} */
async function scriptOf(of) {
  const { name, weights, config: path, head, heads = [], mlps = [] } = of;
  const file = fileOf(weights);
  const model = await engine.load_model(
    [new Blob([read(weights)])],
    [file],
    undefined,
    read(path).toString(),
    undefined,
    false,
  );
  const { config, family } = engine.model_info(model);
  const [layer, index] = head.split('.').map(Number);
  const ids = Uint32Array.from({ length: 40 }, (_, at) => ((at % 13) ** 2 * 7) % (config.d_vocab - 1));
  const whole = await engine.run_ids(model, ids);
  const kind = 'zero';
  const nothing = heads.length + mlps.length === 0;
  const run = nothing
    ? whole.run
    : await engine.ablated_run(whole.run, { heads, mlps, kind, run: whole.run });
  const pattern = await engine.pattern(run, layer, index, 0);
  const [query, key] = [30, 18];
  return transformerLensCode(
    {
      name,
      sha256: 'not checked here',
      origin: { family, files: [weights], repo: of.ofHub ? folderOf(of) : null },
      config,
    },
    {
      ids: [...ids],
      head,
      cell: { query, key, weight: pattern[query * ids.length + key] },
      target: { query, logProb: engine.log_probs(run)[query] },
      ...{ ablated: heads, ablatedMlps: mlps, kind },
    },
  );
}
