/**
 * A model's configuration and the origin of its weights, as the engine reports them.
 *
 * @typedef {object} Config the fields of TransformerLens' configuration that the engine uses
 * @property {number} n_layers
 * @property {number} n_heads of each layer
 * @property {number} d_model
 * @property {number} d_head
 * @property {number} n_ctx most tokens of a run
 * @property {number} d_vocab
 * @property {'LN' | 'LNPre' | 'RMS' | 'RMSPre' | null} normalization_type docs/definitions.md#normalization
 * @property {'standard' | 'shortformer' | 'rotary' | 'none'} positional_embedding_type
 *   docs/definitions.md#positions
 * @property {number} eps added to the variance or mean square by a normalization
 * @property {number} [rotary_dim] numbers of each query and key that are turned
 * @property {number} [rotary_base]
 * @property {boolean} [rotary_adjacent_pairs]
 * @property {number} [n_key_value_heads] where heads share keys and values
 * @property {number} [attn_scale] where it is not the root of `d_head`: scores are divided by it
 * @property {boolean} [scale_attn_by_inverse_layer_idx]
 * @property {boolean} [use_qk_norm]
 * @property {boolean} [use_local_attn]
 * @property {number} [window_size]
 * @property {('global' | 'local')[]} [attn_types] of each layer
 * @property {number} [d_mlp] of a model with MLPs
 * @property {'gelu' | 'gelu_new' | 'relu' | 'silu' | 'solu_ln'} [act_fn]
 * @property {boolean} [gated_mlp]
 * @property {boolean} [parallel_attn_mlp]
 * @property {boolean} [tie_word_embeddings]
 *
 * @typedef {object} Origin where a model's weights come from
 * @property {string} family whose tensor names they have: `transformer_lens`, `gpt2`, `gpt_neo`, `gpt_neox`
 *   or `llama`
 * @property {readonly string[]} files names of the weights files
 * @property {string | null} repo the hub's repository, `owner/name`; null for other files
 */
export {};
