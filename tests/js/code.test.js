// The script for TransformerLens, and all heads as one figure.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { headsFigure } from '../../www/exports/heads_figure.js';
import { transformerLensCode } from '../../www/exports/transformer_lens.js';

const CONFIG = {
  ...{ n_layers: 2, n_heads: 8, d_model: 256, d_head: 32, n_ctx: 512, d_vocab: 4096, eps: 1e-5 },
  normalization_type: null,
  positional_embedding_type: 'shortformer',
};
const MODEL = {
  name: 'Headscope default',
  sha256: 'ab'.repeat(32),
  origin: { family: 'transformer_lens', files: ['model.safetensors'], repo: null },
  config: CONFIG,
};
const HUB = { family: 'gpt2', files: ['model.safetensors'], repo: 'openai-community/gpt2' };
const SHOWN = {
  ids: [0, 5, 6, 7, 5, 6],
  head: '1.2',
  cell: { query: 4, key: 2, weight: 0.83957 },
  target: { query: 4, logProb: -0.1046 },
  ablated: [],
  ablatedMlps: [],
  kind: /** @type {const} */ ('zero'),
};

/** Whether Python reads a script; null where there is no Python. @param {string} code */
function isPython(code) {
  const run = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: code });
  if (run.error) return null;
  return run.status === 0 || run.stderr.toString();
}

test('the script runs the same tokens and prints the shown figures beside its own', () => {
  const code = transformerLensCode(MODEL, SHOWN);
  assert.match(code, /ids = torch\.tensor\(\[\[\n {4}0, 5, 6, 7, 5, 6,\n\]\]\)/);
  assert.match(code, /load_file\("model\.safetensors"\)/);
  assert.match(code, /n_layers=2, n_heads=8, d_model=256, d_head=32, n_ctx=512, d_vocab=4096, eps=0\.00001/);
  assert.match(code, /normalization_type=None, .*attn_only=True, positional_embedding_type="standard"/);
  assert.match(code, /cache\["blocks\.1\.attn\.hook_pattern"\]\[0, 2\]/);
  assert.match(code, /print\(pattern\[4, 2\]\.item\(\)\) {2}# Headscope: 0\.8396/);
  assert.match(code, /print\(log_probs\[4, ids\[0, 5\]\]\.item\(\)\) {2}# Headscope: -0\.1046/);
  assert.match(code, /# Runs on TransformerLens 3 and 4\.\n/);
  assert.match(code, /HookedTransformer = None {2}# TransformerLens 4/);
  assert.match(code, /W_pos\[: ids\.shape\[1\]\]/, 'shortformer positions are added in hooks');
});

test('Python reads every kind of script', (t) => {
  const standard = { ...MODEL, config: { ...CONFIG, positional_embedding_type: 'standard' } };
  const torch = { ...MODEL, origin: { ...MODEL.origin, files: ['a "b".pth'] } };
  const toy = { ...MODEL, origin: { ...torch.origin, repo: 'NeelNanda/GELU_1L' } };
  const hub = { ...MODEL, origin: HUB };
  for (const model of [MODEL, standard, torch, toy, hub]) {
    for (const shown of [
      SHOWN,
      { ...SHOWN, head: null, cell: null, target: null },
      { ...SHOWN, ablated: ['0.2', '1.0'] },
      { ...SHOWN, ids: Array.from({ length: 101 }, (_, at) => at) },
    ]) {
      const read = isPython(transformerLensCode(model, shown));
      if (read === null) return t.skip('there is no python3 here');
      assert.equal(read, true);
    }
  }
});

test('other positions need no hooks; ablated heads get one; a model of the hub is loaded by its name', () => {
  const standard = { ...MODEL, config: { ...CONFIG, positional_embedding_type: 'standard' } };
  assert.doesNotMatch(transformerLensCode(standard, SHOWN), /shortformer|W_pos/i);
  const ablated = transformerLensCode(MODEL, { ...SHOWN, ablated: ['0.2'] });
  assert.match(ablated, /ablated = \[\[0,2\]\]/);
  assert.match(ablated, /hook_z/);
  const mlps = transformerLensCode(MODEL, { ...SHOWN, ablatedMlps: [0, 3] });
  assert.match(mlps, /without_mlp = \[0,3\]/);
  assert.match(mlps, /hook_mlp_out/);
  assert.doesNotMatch(transformerLensCode(MODEL, { ...SHOWN, ablated: ['0.2'], kind: 'mean' }), /hook_z/);
  const hub = transformerLensCode({ ...MODEL, origin: HUB }, SHOWN);
  assert.match(hub, /boot_transformers\("openai-community\/gpt2"/);
  assert.doesNotMatch(hub, /load_file|sha256/);
  const folder = transformerLensCode({ ...MODEL, origin: { ...HUB, repo: null } }, SHOWN);
  assert.match(folder, /# The folder of config\.json, .*\nmodel = .*boot_transformers\("\."/);
  const toy = { ...MODEL.origin, files: ['model_final.pth'], repo: 'NeelNanda/GELU_1L512W_C4_Code' };
  const downloaded = transformerLensCode({ ...MODEL, origin: toy }, SHOWN);
  assert.match(
    downloaded,
    /torch\.load\(hf_hub_download\("NeelNanda\/GELU_1L512W_C4_Code", "model_final\.pth"\)/,
  );
});

test('a model with MLPs has them in the script; one that only TransformerLens 3 runs says so', () => {
  const mlps = { ...CONFIG, d_mlp: 64, act_fn: 'gelu', gated_mlp: false, parallel_attn_mlp: false };
  const code = transformerLensCode({ ...MODEL, config: mlps }, SHOWN);
  assert.match(code, /d_mlp=64, act_fn="gelu", gated_mlp=False, parallel_attn_mlp=False, attn_only=False/);
  const rotary = { ...CONFIG, positional_embedding_type: 'rotary', rotary_dim: 8, rotary_base: 10000 };
  const only = transformerLensCode({ ...MODEL, config: rotary }, SHOWN);
  assert.match(only, /# Runs on TransformerLens 3\.\n/);
  assert.match(only, /positional_embedding_type="rotary"/);
  assert.doesNotMatch(only, /TransformerBridge|shortformer/i);
});

test('a name of several lines stays in its comment', () => {
  const code = transformerLensCode({ ...MODEL, name: 'a\nimport os' }, SHOWN);
  assert.match(code, /^# a import os, 6 tokens/);
});

test('all heads stand in rows of layers, with their names, and the title is escaped', () => {
  const svg = headsFigure({
    title: 'a < b',
    subtitle: 'm',
    nLayers: 30,
    nHeads: 9,
    imageOf: (layer, head) => `data:,${layer}.${head}`,
  });
  assert.equal([...svg.matchAll(/<image /g)].length, 270);
  assert.match(svg, />29\.8<\/text>/);
  assert.match(svg, /href="data:,18\.6"/);
  assert.match(svg, /a &#60; b/);
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  assert.ok(Number(width) > 9 * 70 && Number(height) > 30 * 90);
});
