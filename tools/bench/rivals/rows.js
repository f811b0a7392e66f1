// The rows of the bench: pieces of work that every program does.

/**
 * @typedef {import('./types').Work} Work
 * @typedef {import('./types').Competitor} Competitor
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} label
 * @property {number} tokens of all sequences
 * @property {boolean} figures whether the row is one of the whole figures of a text
 * @property {(competitor: Competitor) => boolean} takes whether a program does the work
 * @property {(turn: number) => Work} work
 */

/** Ids of the model's vocabulary. */
const VOCABULARY = 50_278;

/** An induction head of the stand-in, whose pattern is asked for (target/standin/plan.json). */
const SHOWN = { layer: 1, head: 10 };

/** Rows of a pattern, and predictions, that are compared with float64. */
const SAMPLES = 8;

/**
 * Ids that differ with the seed, from the first on, so that nothing of the last run is of use.
 * @param {number} length
 * @param {number} seed
 */
const random = (length, seed) =>
  Array.from({ length }, (_, at) => (1 + seed + at * 7919 + seed * 104_729) % VOCABULARY);

/** Positions from the first to the last. @param {number} length */
const spread = (length) =>
  Array.from({ length: SAMPLES }, (_, at) => Math.round((at * (length - 1)) / (SAMPLES - 1)));

/** @param {Work['what']} what @param {number[][]} rows @returns {Work} */
const of = (what, rows) => ({ what, rows, ...SHOWN, samples: spread(rows[0].length) });

const all = () => true;
const notWebgpu = (/** @type {Competitor} */ { kind }) => kind !== 'webgpu';
const engine = (/** @type {Competitor} */ { module }) => module === 'ours';
const engineOnCpu = (/** @type {Competitor} */ { module, kind }) => module === 'ours' && kind === 'cpu';

/** @param {number} tokens @param {Row['takes']} takes @returns {Row} */
const text = (tokens, takes) => ({
  ...{ id: `${tokens}`, label: `${tokens} tokens`, tokens, figures: true, takes },
  work: (turn) => of('text', [random(tokens, turn)]),
});

/** @param {number} tokens @param {Row['takes']} takes @returns {Row} */
const edit = (tokens, takes) => ({
  ...{ id: `edit-${tokens}`, label: `last of ${tokens} tokens edited`, tokens, figures: false, takes },
  work: (turn) => {
    const before = random(tokens, turn);
    return { ...of('edit', [[...before.slice(0, -1), (before[tokens - 1] + 5) % VOCABULARY]]), before };
  },
});

/** @param {number} seqLen @param {number} batch @returns {Row} */
const repeated = (seqLen, batch) => ({
  id: 'repeated',
  label: `repeated tokens, ${batch} x ${seqLen}`,
  tokens: batch * (1 + 2 * seqLen),
  figures: false,
  takes: notWebgpu,
  work: (turn) => {
    const rows = Array.from({ length: batch }, (_, sequence) => {
      const [first, ...copy] = random(1 + seqLen, turn * batch + sequence);
      return [first, ...copy, ...copy];
    });
    return { ...of('repeated', rows), seqLen };
  },
});

/**
 * WebGPU in software takes minutes for batches and ablations, so the CPU's programs alone do them. No other
 * library resumes, so an edit is the engine's alone: the others run the whole text.
 * @type {Row[]}
 */
export const ROWS = [
  text(16, all),
  text(62, all),
  text(256, all),
  text(1024, all),
  text(2048, notWebgpu),
  {
    ...{ id: 'unembed', label: 'unembedding alone, 62 tokens', tokens: 62, figures: false, takes: all },
    work: (turn) => of('unembed', [random(62, turn)]),
  },
  edit(256, engine),
  edit(2048, engineOnCpu),
  repeated(50, 10),
  {
    ...{ id: 'ablate', label: 'each of 24 heads ablated, 62 tokens', tokens: 62, figures: false },
    takes: notWebgpu,
    work: (turn) => of('ablate', [random(62, turn)]),
  },
];

/**
 * Whether a row of `starts.js` is asked for.
 * @param {string | undefined} names
 * @param {'load' | 'cold'} row
 */
export const asksFor = (names, row) => names === undefined || names.split(',').includes(row);

/** Rows named by the command line; all when none is. @param {string | undefined} names */
export function chosenRows(names) {
  if (names === undefined) return ROWS;
  const wanted = names.split(',');
  for (const name of wanted)
    if (!['load', 'cold'].includes(name) && !ROWS.some(({ id }) => id === name))
      throw new Error(`--rows takes ${ROWS.map(({ id }) => id).join(', ')}, load, cold; found ${name}`);
  return ROWS.filter(({ id }) => wanted.includes(id));
}
