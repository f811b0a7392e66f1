// The size gates of the built site: what a first visit transfers, in bytes of brotli at its highest quality.
// tests/js/sizes.test.js holds them. A change that needs more room changes the number here, and says why.

/**
 * The files of a first visit by what they are. `files` matches paths in dist/.
 * @type {readonly { part: string, files: RegExp, most: number }[]}
 */
export const PARTS = [
  { part: 'wasm of the engine', files: /^assets\/headscope_bg-[\w-]+\.wasm$/, most: 0 },
  { part: 'wasm of the tokenizer', files: /^assets\/tokenizer_bg-[\w-]+\.wasm$/, most: 0 },
  {
    part: 'JavaScript',
    files: /^(?:headscope-[\w-]+|assets\/(?:index|worker|hash_worker)-[\w-]+)\.js$/,
    most: 0,
  },
  { part: 'style sheets', files: /^assets\/[\w-]+\.css$/, most: 0 },
  { part: 'page with its precomputed figures', files: /^index\.html$/, most: 0 },
  {
    part: 'default model',
    files:
      /^models\/(?:catalogue\.json|default\/(?:config|tokenizer)\.json|default\/model\.safetensors\.planes)$/,
    most: 0,
  },
];

/** The most that a first visit transfers until its own figures are there. */
export const FIRST_VISIT = 5_500_000;
