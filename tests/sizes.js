// The size gates of the built site: what a first visit transfers, in bytes of brotli at its highest quality.
// tests/js/sizes.test.js holds them. A change that needs more room changes the number here, and says why.

/**
 * The files of a first visit by what they are. `files` matches paths in dist/.
 * @type {readonly { part: string, files: RegExp, most: number }[]}
 */
export const PARTS = [
  // 16 kB of it are the tuner of GPUs, the GPU's clock in wgpu, and long work in parts.
  { part: 'wasm of the engine', files: /^assets\/headscope_relaxed_bg-[\w-]+\.wasm$/, most: 432_000 },
  { part: 'wasm of the tokenizer', files: /^assets\/tokenizer_bg-[\w-]+\.wasm$/, most: 480_000 },
  {
    part: 'JavaScript',
    files: /^(?:headscope-[\w-]+|assets\/(?:index|worker|hash_worker)-[\w-]+)\.js$/,
    most: 127_500,
  },
  { part: 'style sheets', files: /^assets\/[\w-]+\.css$/, most: 7_200 },
  { part: 'page with its precomputed figures', files: /^index\.html$/, most: 22_500 },
  {
    part: 'default model',
    files:
      /^models\/(?:catalogue\.json|default\/(?:config|tokenizer)\.json|default\/model\.safetensors\.planes)$/,
    most: 4_650_000,
  },
];

/** What a browser without relaxed SIMD gets in place of the first part. @type {typeof PARTS[number]} */
export const PLAIN = {
  part: 'wasm of the engine without relaxed SIMD',
  files: /^assets\/headscope_bg-[\w-]+\.wasm$/,
  most: 432_000,
};

/**
 * The most that a first visit transfers until its own figures are there. The aim is 5.5 MB. What remains is
 * above all in the tokenizer's module: parsers and tables of regular expressions, all of Unicode's classes
 * among them, that Hugging Face's library links whatever it is asked for. In the model nothing remains: of
 * the 16 bits of a weight 13.4 are noise.
 */
export const FIRST_VISIT = 5_703_000;
