// Times the forward pass of a model beside ONNX Runtime Web's inside the page, in turn, on the same ids.
// The function travels to the page as text, so it refers to nothing outside itself.

/**
 * @typedef {object} Row
 * @property {string} what is timed
 * @property {number[]} ours ms from the ids to the log-probability of every next token
 * @property {number[]} theirs the same of ONNX Runtime Web; entry `n` is of the same turn as that of `ours`
 * @property {number} difference the largest between log-probabilities of the two; NaN if any is
 *
 * @typedef {object} What
 * @property {string} module address of the engine's module
 * @property {string} rival address of the folder that has ONNX Runtime Web's files
 * @property {object} config of the weights. The page's file input has the weights, then the ONNX graph
 * @property {number[]} counts of tokens
 * @property {{ seqLen: number, batch: number }} repeated sequences that are run as one batch
 * @property {number} turns timed passes
 */

/**
 * @param {What} what
 * @returns {Promise<{ version: string, load: { ours: number, theirs: number }, rows: Row[] }>}
 */
export async function measureRival({ module, rival, config, counts, repeated, turns }) {
  const { Headscope } = await import(module);
  const onnx = await import(`${rival}ort.wasm.min.mjs`);
  const input = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=bench]'));
  const [weights, graph] = input?.files ?? [];

  // Whoever loads first must not be the one who waits for the disk.
  await weights.stream().pipeTo(new WritableStream());

  let since = performance.now();
  const engine = await Headscope.open({ backend: 'cpu' });
  const model = await engine.loadModel({ weights, config });
  const load = { ours: performance.now() - since, theirs: 0 };

  since = performance.now();
  onnx.env.wasm.wasmPaths = rival;
  // As on a static host: without its headers a page has no shared memory, so no threads.
  onnx.env.wasm.numThreads = 1;
  const session = await onnx.InferenceSession.create(new Uint8Array(await graph.arrayBuffer()), {
    executionProviders: ['wasm'],
    externalData: [{ path: weights.name, data: weights }],
  });
  load.theirs = performance.now() - since;

  const rows = [];
  for (const count of counts)
    rows.push(await race(`${count} tokens`, (turn) => [random(count, turn)], ofSequence));
  const { seqLen, batch } = repeated;
  rows.push(await race(`repeated tokens, ${batch} x ${seqLen}`, batchOf, ofBatch));
  await session.release();
  engine.close();
  return { version: onnx.env.versions.web, load, rows };

  /**
   * Times both in turn, each first in every other turn. The first turn also allocates, so it does not count.
   * @param {string} what
   * @param {(turn: number) => number[][]} idsOf the sequences of a turn, all of one length
   * @param {(ids: number[][]) => Promise<Iterable<number>>} our log-probabilities
   * @returns {Promise<Row>}
   */
  async function race(what, idsOf, our) {
    /** @type {Row} */ const row = { what, ours: [], theirs: [], difference: 0 };
    for (let turn = 0; turn <= turns; turn += 1) {
      const ids = idsOf(turn);
      const runners = [
        { make: our, into: row.ours },
        { make: their, into: row.theirs },
      ];
      if (turn % 2 === 1) runners.reverse();
      /** @type {number[][]} */ const made = [];
      for (const { make, into } of runners) {
        const started = performance.now();
        const logProbs = await make(ids);
        if (turn > 0) into.push(performance.now() - started);
        made.push([...logProbs]);
      }
      const [one, other] = made;
      if (one.length !== other.length || one.length !== ids.length * (ids[0].length - 1))
        throw new Error(`${what}: ${one.length} and ${other.length} log-probabilities`);
      row.difference = Math.max(row.difference, ...one.map((logProb, at) => Math.abs(logProb - other[at])));
    }
    return row;
  }

  /** @param {number[][]} ids one sequence */
  async function ofSequence([ids]) {
    const run = await model.run(ids);
    const logProbs = await run.logProbs();
    run.free();
    return logProbs;
  }

  /** @param {number[][]} tokens */
  async function ofBatch(tokens) {
    return (await model.repeated({ tokens })).logProbs.flat();
  }

  /** @param {number[][]} ids */
  async function their(ids) {
    const flat = BigInt64Array.from(ids.flat(), BigInt);
    const results = await session.run({ ids: new onnx.Tensor('int64', flat, [ids.length, ids[0].length]) });
    return results.log_probs.data;
  }

  /** Sequences `[first, x, x]`. @param {number} turn */
  function batchOf(turn) {
    return Array.from({ length: batch }, (_, sequence) => {
      const [first, ...copy] = random(1 + seqLen, turn * batch + sequence);
      return [first, ...copy, ...copy];
    });
  }

  /** Ids that differ with the seed, from the first on. @param {number} length @param {number} seed */
  function random(length, seed) {
    return Array.from({ length }, (_, at) => (1 + seed + at * 7919 + seed * 104729) % model.config.d_vocab);
  }
}
