/**
 * What the page shows, as a Python script for TransformerLens 3 and 4 that gives the same figures. Pure.
 *
 * The script runs token ids, so that no tokenizer can differ. A weights file with TransformerLens' names is
 * loaded into a model of the same configuration; a model of the Hugging Face hub is loaded by its name.
 * TransformerLens 4 has no shortformer positions, so the script adds them to q and k in hooks: W_pos W_Q is
 * what they add there.
 *
 * @typedef {object} ShownModel
 * @property {string} name
 * @property {string} sha256
 * @property {{ file: string } | { repo: string }} source   a weights file, or a repository of the hub
 * @property {Record<string, any>} config                   as TransformerLens names it
 *
 * @typedef {object} ShownFigures
 * @property {number[]} ids
 * @property {string | null} head         the pinned head
 * @property {{ query: number, key: number, weight: number } | null} cell
 * @property {{ query: number, logProb: number } | null} target   the prediction after a query
 * @property {readonly string[]} ablated
 * @property {'zero' | 'mean'} kind       of the ablation
 */

/** A Python list, some numbers a line. @param {readonly number[]} numbers */
function listOf(numbers) {
  const lines = [];
  for (let at = 0; at < numbers.length; at += 20) lines.push(`    ${numbers.slice(at, at + 20).join(', ')},`);
  return `[\n${lines.join('\n')}\n]`;
}

/** A Python value. @param {unknown} value */
const python = (value) =>
  value === null || value === undefined
    ? 'None'
    : typeof value === 'boolean'
      ? value
        ? 'True'
        : 'False'
      : JSON.stringify(value);

/** The head of the script. @param {ShownModel} model @param {ShownFigures} shown */
const opening = ({ name, sha256, source }, { ids }) => [
  `# ${name.replace(/\s+/g, ' ')}, ${ids.length} tokens, as Headscope shows them.`,
  '# Runs on TransformerLens 3 and 4.',
  ...('file' in source
    ? ['# pip install transformer-lens safetensors', `# The weights file has the sha256 ${sha256}.`]
    : ['# pip install transformer-lens']),
  'import torch',
  '',
  `ids = torch.tensor([${listOf(ids)}])`,
  '',
];

/** Loads a model of the hub: the same call in both versions. @param {string} repo */
const fromHub = (repo) => [
  'from transformer_lens.model_bridge import TransformerBridge',
  '',
  `model = TransformerBridge.boot_transformers(${python(repo)}, dtype=torch.float32)`,
  'model.enable_compatibility_mode(no_processing=True)',
  'positions = []',
  '',
];

/** Reads the weights file into `weights`. @param {string} file */
const readFile = (file) =>
  /\.safetensors$/i.test(file)
    ? ['from safetensors.torch import load_file', '', `weights = load_file(${python(file)})`]
    : [`weights = torch.load(${python(file)}, map_location="cpu", weights_only=True)`];

/** Loads a file with TransformerLens' names. @param {string} file @param {Record<string, any>} config */
function fromFile(file, config) {
  const { n_layers, n_heads, d_model, d_head, n_ctx, d_vocab, eps } = config;
  const fields = {
    ...{ n_layers, n_heads, d_model, d_head, n_ctx, d_vocab, eps },
    d_mlp: config.d_mlp ?? 4 * d_model,
    act_fn: config.act_fn ?? 'relu',
    attn_only: config.attn_only ?? true,
    normalization_type: config.normalization_type ?? null,
    positional_embedding_type: 'standard',
  };
  const shortformer = config.positional_embedding_type === 'shortformer';
  return [
    ...readFile(file),
    'weights = {name: tensor.float() for name, tensor in weights.items()}',
    `config = dict(${Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${python(value)}`)
      .join(', ')})`,
    'shapes = {"b_Q": (config["n_heads"], config["d_head"]), "b_O": (config["d_model"],)}',
    'shapes |= {"b_K": shapes["b_Q"], "b_V": shapes["b_Q"]}',
    'for layer in range(config["n_layers"]):',
    '    for name, shape in shapes.items():',
    '        weights.setdefault(f"blocks.{layer}.attn.{name}", torch.zeros(shape))',
    'weights.setdefault("unembed.b_U", torch.zeros(config["d_vocab"]))',
    'positions = []',
    ...(shortformer ? SHORTFORMER : []),
    'try:  # TransformerLens 4',
    '    from transformer_lens.config import TransformerBridgeConfig',
    '    from transformer_lens.model_bridge import TransformerBridge',
    '    from transformer_lens.model_bridge.sources import native',
    '    from transformer_lens.utilities.tl_checkpoint_conversion import convert_tl_checkpoint',
    '',
    '    bridge_config = TransformerBridgeConfig(**config, architecture="TransformerLensNative")',
    '    model = native.boot(bridge_config, dtype=torch.float32)',
    '    model.load_state_dict(convert_tl_checkpoint(weights, bridge_config), strict=True)',
    '    model.enable_compatibility_mode(no_processing=True)',
    'except ImportError:  # TransformerLens 3',
    '    from transformer_lens import HookedTransformer, HookedTransformerConfig',
    '',
    '    model = HookedTransformer(HookedTransformerConfig(**config))',
    '    model.load_state_dict(weights, strict=False)',
    'model.eval()',
    '',
  ];
}

/** Shortformer positions by hooks: q and k read them, the residual stream does not. */
const SHORTFORMER = [
  '# Shortformer positions: q and k read them, the residual stream does not.',
  'W_pos = weights["pos_embed.W_pos"]',
  'weights["pos_embed.W_pos"] = torch.zeros_like(W_pos)',
  'for layer in range(config["n_layers"]):',
  '    for which in "QK":',
  '        W = weights[f"blocks.{layer}.attn.W_{which}"]',
  '        added = torch.einsum("pd,hdc->phc", W_pos[: ids.shape[1]], W)',
  '        add = lambda x, hook, added=added: x + added',
  '        positions.append((f"blocks.{layer}.attn.hook_{which.lower()}", add))',
];

/** Zero-ablates heads in hooks. @param {readonly string[]} heads */
const ablation = (heads) => [
  `ablated = ${python(heads.map((head) => head.split('.').map(Number)))}  # layer, head: z is 0`,
  'def ablate(z, hook):',
  '    for layer, head in ablated:',
  '        if hook.name == f"blocks.{layer}.attn.hook_z":',
  '            z[:, :, head] = 0',
  '    return z',
  '',
  'positions += [(f"blocks.{layer}.attn.hook_z", ablate) for layer, _ in ablated]',
  '',
];

/** The figures that the page shows, each with the page's own. @param {ShownFigures} shown */
function figures({ head, cell, target }) {
  const lines = [];
  if (head !== null) {
    const [layer, index] = head.split('.');
    lines.push(`pattern = cache["blocks.${layer}.attn.hook_pattern"][0, ${index}]  # [query_pos, key_pos]`);
    if (cell)
      lines.push(`print(pattern[${cell.query}, ${cell.key}].item())  # Headscope: ${cell.weight.toFixed(4)}`);
  }
  if (target) {
    const next = `log_probs[${target.query}, ids[0, ${target.query + 1}]].item()`;
    lines.push(
      'log_probs = logits.log_softmax(-1)[0]',
      `print(${next})  # Headscope: ${target.logProb.toFixed(4)}`,
    );
  }
  return lines;
}

/**
 * The script. Mean ablation of a single sequence changes nothing, so the script ablates nothing then.
 * @param {ShownModel} model
 * @param {ShownFigures} shown
 */
export function transformerLensCode(model, shown) {
  const { source, config } = model;
  const heads = shown.kind === 'zero' ? shown.ablated : [];
  return [
    ...opening(model, shown),
    ...('repo' in source ? fromHub(source.repo) : fromFile(source.file, config)),
    ...(heads.length ? ablation(heads) : []),
    'with torch.no_grad(), model.hooks(fwd_hooks=positions):',
    '    logits, cache = model.run_with_cache(ids)',
    '',
    ...figures(shown),
    '',
  ].join('\n');
}
