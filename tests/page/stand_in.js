// The full-size stand-ins. That for the notebook's model is a checkpoint of 184 MB with planted heads.
// `cargo xtask test` writes them before the browser tests (tools/standin, tools/xtask/src/stand_in.rs).
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param {string} name */
function file(name) {
  const path = fileURLToPath(new URL(`../../target/standin/${name}`, import.meta.url));
  if (!existsSync(path))
    throw new Error(`${path} is not there: \`cargo xtask test page\` writes it and runs these tests`);
  return path;
}

export const WEIGHTS = file('model.pth');
export const CONFIG = file('config.json');

/** A stand-in for GPT-2 small: random weights in f32, 548 MB. */
export const GPT2 = { weights: file('gpt2.safetensors'), config: file('gpt2.config.json') };

/**
 * The planted heads of each kind, such as `1.4`.
 * @type {Record<'current' | 'previous' | 'first' | 'induction', string[]>}
 */
export const PLAN = JSON.parse(readFileSync(file('plan.json'), 'utf8'));
for (const heads of Object.values(PLAN)) heads.sort(byPlace);

/** @param {string} left @param {string} right */
function byPlace(left, right) {
  const [[layer, head], [otherLayer, otherHead]] = [left, right].map((name) => name.split('.').map(Number));
  return layer - otherLayer || head - otherHead;
}

/** Bytes of the f16 weights: the file without its two masks. */
export const F16_BYTES = statSync(WEIGHTS).size - 2 * 2048 * 2048 * 2;

/**
 * `[BOS, x, x]` with distinct random ids `x`; where `count` is even the first id comes a third time.
 * @param {number} count
 */
export function repeated(count) {
  let seed = 1;
  const half = Array.from({ length: (count - 1) >> 1 }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return 1 + (seed % 50277);
  });
  return Array.from({ length: count }, (_, at) => (at === 0 ? 0 : half[(at - 1) % half.length]));
}
