/**
 * What the page shows, as a Python script for TransformerLens 3 and 4 that gives the same figures. Pure.
 *
 * The script runs token ids, so that no tokenizer can differ. A weights file with TransformerLens' names is
 * loaded into a model of the same configuration; other models are loaded as the Hugging Face hub has them.
 * TransformerLens 4 has no shortformer positions, so the script adds them to q and k in hooks: W_pos W_Q is
 * what they add there. `cargo xtask test --real` runs scripts in both versions.
 *
 * @typedef {import('../engine/headscope.js').Origin} Origin
 *
 * @typedef {object} ShownModel
 * @property {string} name
 * @property {string} sha256
 * @property {Origin} origin
 * @property {Record<string, any>} config as TransformerLens names it
 *
 * @typedef {object} ShownFigures
 * @property {number[]} ids
 * @property {string | null} head         the pinned head
 * @property {{ query: number, key: number, weight: number } | null} cell
 * @property {{ query: number, logProb: number } | null} target   the prediction after a query
 * @property {readonly string[]} ablated  heads
 * @property {readonly number[]} ablatedMlps   layers
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
const opening = ({ name, sha256, origin, config }, { ids }) => [
  `# ${name.replace(/\s+/g, ' ')}, ${ids.length} tokens, as Headscope shows them.`,
  `# Runs on TransformerLens ${isOwn(origin) && !runsOn4(config) ? '3' : '3 and 4'}.`,
  '# pip install transformer-lens safetensors',
  ...(isOwn(origin) ? [`# The weights file has the sha256 ${sha256}.`] : []),
  'import torch',
  '',
  `ids = torch.tensor([${listOf(ids)}])`,
  '',
];

/** Whether a weights file has TransformerLens' own tensor names. @param {Origin} origin */
const isOwn = ({ family }) => family === 'transformer_lens';

/**
 * Whether TransformerLens 4 runs a model of this configuration that is in no format of the hub.
 * @param {Record<string, any>} config
 */
const runsOn4 = ({ positional_embedding_type: positions, parallel_attn_mlp: parallel }) =>
  !parallel && (positions === 'standard' || positions === 'shortformer');

/** Loads a model as the hub has it: the same call in both versions. @param {string | null} repo */
const fromHub = (repo) => [
  'from transformer_lens.model_bridge import TransformerBridge',
  '',
  ...(repo === null ? ['# The folder of config.json, of the weights and of the tokenizer.'] : []),
  `model = TransformerBridge.boot_transformers(${python(repo ?? '.')}, dtype=torch.float32)`,
  'model.enable_compatibility_mode(no_processing=True)',
  'positions = []',
  '',
];

/** Reads the weights file into `weights`. @param {Origin} origin */
function readFile({ files: [file], repo }) {
  const fetched = repo === null ? [] : ['from huggingface_hub import hf_hub_download', ''];
  const path = repo === null ? python(file) : `hf_hub_download(${python(repo)}, ${python(file)})`;
  return /\.safetensors$/i.test(file)
    ? [...fetched.slice(0, 1), 'from safetensors.torch import load_file', '', `weights = load_file(${path})`]
    : [...fetched, `weights = torch.load(${path}, map_location="cpu", weights_only=True)`];
}

/** The fields of the configuration as TransformerLens takes them. @param {Record<string, any>} config */
function fieldsOf({ positional_embedding_type: positions, ...config }) {
  const withMlp = config.d_mlp !== undefined;
  return {
    ...config,
    d_mlp: config.d_mlp ?? 4 * config.d_model,
    act_fn: config.act_fn ?? 'relu',
    attn_only: !withMlp,
    positional_embedding_type: positions === 'rotary' ? positions : 'standard',
  };
}

/** Loads a file with TransformerLens' names. @param {Origin} origin @param {Record<string, any>} config */
function fromFile(origin, config) {
  const shortformer = config.positional_embedding_type === 'shortformer';
  return [
    ...readFile(origin),
    'weights = {name: tensor.float() for name, tensor in weights.items()}',
    `config = dict(${Object.entries(fieldsOf(config))
      .map(([name, value]) => `${name}=${python(value)}`)
      .join(', ')})`,
    'shapes = {"b_Q": (config["n_heads"], config["d_head"]), "b_O": (config["d_model"],)}',
    'shapes |= {"b_K": shapes["b_Q"], "b_V": shapes["b_Q"]}',
    'for layer in range(config["n_layers"]):',
    '    for name, shape in shapes.items():',
    '        weights.setdefault(f"blocks.{layer}.attn.{name}", torch.zeros(shape))',
    'weights.setdefault("unembed.b_U", torch.zeros(config["d_vocab"]))',
    ...(config.act_fn === 'solu_ln' ? SOLU_LN : []),
    'positions = []',
    ...(shortformer ? SHORTFORMER : []),
    ...(runsOn4(config) ? IN_BOTH : IN_3),
    'model.eval()',
    '',
  ];
}

/** The LayerNorm in the MLP, which a file may leave out. */
const SOLU_LN = [
  'for layer in range(config["n_layers"]):',
  '    weights.setdefault(f"blocks.{layer}.mlp.ln.w", torch.ones(config["d_mlp"]))',
  '    weights.setdefault(f"blocks.{layer}.mlp.ln.b", torch.zeros(config["d_mlp"]))',
];

/** Loads `weights` in TransformerLens 3. */
const IN_3 = [
  'from transformer_lens import HookedTransformer, HookedTransformerConfig',
  '',
  'model = HookedTransformer(HookedTransformerConfig(**config))',
  'model.load_state_dict(weights, strict=False)',
];

/** Loads `weights` in either version. */
const IN_BOTH = [
  'try:',
  '    from transformer_lens import HookedTransformer, HookedTransformerConfig',
  'except ImportError:',
  '    HookedTransformer = None  # TransformerLens 4',
  'if HookedTransformer:',
  '    model = HookedTransformer(HookedTransformerConfig(**config))',
  '    model.load_state_dict(weights, strict=False)',
  'else:',
  '    from transformer_lens.config import TransformerBridgeConfig',
  '    from transformer_lens.model_bridge.sources import native',
  '    from transformer_lens.utilities.tl_checkpoint_conversion import convert_tl_checkpoint',
  '',
  '    bridge_config = TransformerBridgeConfig(**config, architecture="TransformerLensNative")',
  '    model = native.boot(bridge_config, dtype=torch.float32)',
  '    model.load_state_dict(convert_tl_checkpoint(weights, bridge_config), strict=True)',
  '    model.enable_compatibility_mode(no_processing=True)',
];

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

/** Zero-ablates MLPs in hooks. @param {readonly number[]} layers */
const mlpAblation = (layers) => [
  `without_mlp = ${python(layers)}  # layers whose MLP writes 0`,
  'zero = lambda out, hook: torch.zeros_like(out)',
  'positions += [(f"blocks.{layer}.hook_mlp_out", zero) for layer in without_mlp]',
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
  const { origin, config } = model;
  const [heads, mlps] = shown.kind === 'zero' ? [shown.ablated, shown.ablatedMlps] : [[], []];
  return [
    ...opening(model, shown),
    ...(isOwn(origin) ? fromFile(origin, config) : fromHub(origin.repo)),
    ...(heads.length ? ablation(heads) : []),
    ...(mlps.length ? mlpAblation(mlps) : []),
    'with torch.no_grad(), model.hooks(fwd_hooks=positions):',
    '    logits, cache = model.run_with_cache(ids)',
    '',
    ...figures(shown),
    '',
  ].join('\n');
}
