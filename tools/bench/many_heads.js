// A model of 30 layers of 9 heads in the layout of Llama, small in all else: random weights, made here.

const LAYERS = 30;
const HEADS = 9;
const KEY_HEADS = 3;
const D_HEAD = 4;
const D_MODEL = HEADS * D_HEAD;
const D_MLP = 48;
const D_VOCAB = 300;

/** As the hub's config.json of such a model has it. */
export const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: D_VOCAB,
  hidden_size: D_MODEL,
  intermediate_size: D_MLP,
  num_hidden_layers: LAYERS,
  num_attention_heads: HEADS,
  num_key_value_heads: KEY_HEADS,
  hidden_act: 'silu',
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  bos_token_id: 0,
  head_dim: D_HEAD,
  rope_theta: 10000,
};

/** Heads, and heads and MLPs, of the model. */
export const COUNT = { heads: LAYERS * HEADS, parts: LAYERS * (HEADS + 1) };

/** The tensors of a layer: its name after `model.layers.N.`, and its shape. @type {[string, number[]][]} */
const OF_A_LAYER = [
  ['input_layernorm.weight', [D_MODEL]],
  ['self_attn.q_proj.weight', [D_MODEL, D_MODEL]],
  ['self_attn.k_proj.weight', [KEY_HEADS * D_HEAD, D_MODEL]],
  ['self_attn.v_proj.weight', [KEY_HEADS * D_HEAD, D_MODEL]],
  ['self_attn.o_proj.weight', [D_MODEL, D_MODEL]],
  ['post_attention_layernorm.weight', [D_MODEL]],
  ['mlp.gate_proj.weight', [D_MLP, D_MODEL]],
  ['mlp.up_proj.weight', [D_MLP, D_MODEL]],
  ['mlp.down_proj.weight', [D_MODEL, D_MLP]],
];

/** The bytes of the model's weights file, and of its config.json. */
export function manyHeads() {
  const tensors = [
    /** @type {[string, number[]]} */ (['model.embed_tokens.weight', [D_VOCAB, D_MODEL]]),
    ...Array.from({ length: LAYERS }, (_, layer) =>
      OF_A_LAYER.map(([name, shape]) => /** @type {const} */ ([`model.layers.${layer}.${name}`, shape])),
    ).flat(),
    /** @type {[string, number[]]} */ (['model.norm.weight', [D_MODEL]]),
  ];
  /** @type {Record<string, object>} */ const header = {};
  let end = 0;
  for (const [name, shape] of tensors) {
    const begin = end;
    end += 4 * shape.reduce((product, side) => product * side, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return {
    'model.safetensors': Buffer.concat([length, json, weights(end / 4, tensors)]),
    'config.json': Buffer.from(JSON.stringify(CONFIG)),
  };
}

/**
 * Random weights of a fixed seed; norms are near 1.
 * @param {number} count @param {(readonly [string, readonly number[]])[]} tensors
 */
function weights(count, tensors) {
  const values = new Float32Array(count);
  let [seed, at] = [1, 0];
  for (const [, shape] of tensors) {
    const size = shape.reduce((product, side) => product * side, 1);
    for (const end = at + size; at < end; at++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const random = seed / 2 ** 32 - 0.5;
      values[at] = shape.length === 1 ? 1 + random / 10 : random / 2;
    }
  }
  return Buffer.from(values.buffer);
}
