// The work of the soak, inside a page, through the engine's public interface.
// The function travels to the page as text, so it refers to nothing outside itself.

/**
 * @typedef {object} Plan
 * @property {'cpu' | 'webgpu'} backend
 * @property {string} module address of the engine's module
 * @property {number} from number of the first analysis
 * @property {number} count of analyses
 * @property {number} texts of which each has a length of its own; later analyses repeat them in turn
 * @property {number} longest text, in tokens
 * @property {{ weights: string, config: string }[]} models addresses of others, loaded and freed in turn
 *
 * @typedef {object} Done
 * @property {number} wasm bytes of the engine's wasm heap
 * @property {number} gpu bytes of its GPU buffers
 * @property {number} results whose figures were compared with those of the first time
 * @property {string[]} changed what had other figures than the first time
 */

/**
 * Makes analyses `from` to `from + count`, with experiments, ablations, stopped runs and other models among
 * them. The engine stays open between calls.
 * @param {Plan} plan
 * @returns {Promise<Done>}
 */
export async function soak({ backend, module, from, count, texts, longest, models }) {
  const { Headscope } = await import(module);
  const kept = /** @type {any} */ (globalThis);
  if (!kept.soak) {
    const hs = await Headscope.open({ backend });
    kept.soak = { hs, model: await hs.loadModel('default'), known: new Map(), files: [] };
    const blob = async (/** @type {string} */ path) => (await fetch(path)).blob();
    for (const { weights, config } of models) {
      const file = new File([await blob(weights)], weights.split('/').at(-1) ?? '');
      kept.soak.files.push({ path: weights, weights: file, config: await (await blob(config)).text() });
    }
  }
  const { soak } = kept;
  /** @type {string[]} */ const changed = [];
  let results = 0;

  /** FNV-1a of the bits of figures. @param {ArrayBufferView[]} arrays */
  const digest = (arrays) => {
    let hash = 0x811c9dc5;
    for (const { buffer, byteOffset, byteLength } of arrays)
      for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
        hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    return hash;
  };
  /** Compares a result with the first one of its name. @param {string} name @param {ArrayBufferView[]} of */
  const same = (name, of) => {
    const found = digest(of);
    results += 1;
    if (!soak.known.has(name)) soak.known.set(name, found);
    else if (soak.known.get(name) !== found) changed.push(name);
  };
  /** The numbers of a plain result, in order. @param {any} value @returns {number[]} */
  const numbers = (value) => {
    if (typeof value === 'number') return [value];
    if (ArrayBuffer.isView(value)) return [.../** @type {any} */ (value)];
    return value && typeof value === 'object' ? Object.values(value).flatMap(numbers) : [];
  };
  const plain = (/** @type {any} */ value) => [Float64Array.from(numbers(value))];

  /** Ids of text `text`; a third of them repeat. @param {number} text @param {number} vocabulary */
  const idsOf = (text, vocabulary) => {
    const length = 1 + Math.round(((longest - 1) * text) / (texts - 1));
    const at = (/** @type {number} */ position) => (text * 7919 + position * 104729) % vocabulary;
    return Array.from({ length }, (_, position) => at(position % 3 ? position : position % 11));
  };

  /** The figures that the page waits for. @param {any} model @param {string} name @param {number[]} ids */
  const analysed = async (model, name, ids) => {
    const run = await model.run(ids);
    const [thumbnails, detection, mean] = await Promise.all([
      run.thumbnails(),
      run.detect(),
      run.meanPattern(),
    ]);
    same(name, [thumbnails, mean, ...plain(detection)]);
    if (ids.length > 1) same(`${name}: log-probabilities`, [await run.logProbs()]);
    return run;
  };

  for (let number = from; number < from + count; number += 1) {
    const text = (number * 29) % texts;
    const { model } = soak;
    const ids = idsOf(text, model.config.d_vocab);
    const run = await analysed(model, `text ${text}`, ids);
    const turn = Math.floor(number / 10) % 6;
    if (number % 10 === 5) {
      if (turn === 0) {
        const on = await model.repeated({ seqLen: 20, batch: 2 });
        same('repeated tokens', plain(on));
        same('ablation', plain(await model.ablate({ heads: ['0.2'], on })));
      } else if (turn === 1) {
        const ablated = await run.ablated({ heads: ['0.2'] });
        same(`text ${text} without 0.2`, plain(await ablated.detect()));
        ablated.free();
      } else if (turn === 2) same('composition', plain(await model.composition()));
      else if (turn === 3) same('copying of 1.1', plain(await model.copying(['1.1'])));
      else if (turn === 4) {
        if (ids.length > 1) same(`attribution of text ${text}`, plain(await model.attribution(run)));
      } else {
        // A run that is stopped leaves nothing behind.
        const abort = new AbortController();
        const stopped = model.run(ids, { signal: abort.signal }).catch(() => null);
        abort.abort();
        (await stopped)?.free();
      }
    }
    run.free();
    if (number % 20 === 19) {
      const { path, weights, config } = soak.files[Math.floor(number / 20) % soak.files.length];
      const other = await soak.hs.loadModel({ weights, config: JSON.parse(config) });
      const some = idsOf(text, other.config.d_vocab).slice(0, 40);
      (await analysed(other, `text ${text} of ${path}`, some)).free();
      other.free();
    }
    if (number % 50 === 49) {
      soak.model.free();
      soak.model = await soak.hs.loadModel('default');
    }
  }
  return { ...(await soak.hs.memory()), results, changed };
}
