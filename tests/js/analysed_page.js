// A page's state with an analysis at work, and an engine that answers when a test says so.
import { initial, reduce } from '../../www/state/state.js';
import { createAnalysis } from '../../www/work/analysis.js';
import { detection } from './fixtures.js';

export const CONFIG = { n_layers: 2, n_heads: 3, n_ctx: 8, d_model: 4, d_head: 2, d_vocab: 9 };

/** @param {string} name @param {string} message */
export const error = (name, message) => Object.assign(new Error(message), { name });

/** Rows of a pattern of three tokens. @param {number} from @param {number} weight */
const rowsFrom = (from, weight) => new Float32Array(9 - 3 * from).fill(weight);

/**
 * A page's state with an analysis at work, and the calls of its engine.
 * @param {Partial<import('../../www/state/view.js').View>} view
 * @param {Map<string, () => Promise<any>>} [instead] other answers, by the call as `asked` has it
 */
export function page(view, instead = new Map()) {
  let state = initial(view);
  /** @type {string[]} */ const asked = [];
  /** @type {string[]} */ const gone = [];
  /** The layers of each call for thumbnails. @type {string[]} */ const pictured = [];
  /** @param {string} call @param {() => any} usual */
  const answer = async (call, usual) => {
    asked.push(call);
    return instead.has(call) ? instead.get(call)?.() : usual();
  };
  /** A run as the page uses it. @param {string} text what names it in the calls @returns {any} */
  const runOf = (text) => ({
    ids: new Uint32Array(3),
    pieces: ['a', 'b', 'c'],
    fragments: [null, null, null],
    seq: 3,
    dropped: 0,
    timing: {},
    pattern: (
      /** @type {number} */ layer,
      /** @type {number} */ head,
      /** @type {string} */ by,
      /** @type {number} */ from,
    ) =>
      answer(`pattern ${layer}.${head}${by === 'attention' ? '' : ` by ${by}`} of ${text}`, () =>
        rowsFrom(from, layer * 3 + head),
      ),
    meanPattern: (/** @type {number} */ from) => answer(`mean of ${text}`, () => rowsFrom(from, 0)),
    thumbnails: async (/** @type {number[]} */ layers) => {
      pictured.push(`${layers} of ${text}`);
      return { side: 3, cells: new Uint8Array(27 * layers.length).fill(1 + layers[0]) };
    },
    notFinite: async () => null,
    logProbs: async () => new Float32Array(2),
    detect: (/** @type {{ active: number }} */ { active }) =>
      answer(`detect ${active} of ${text}`, () => detection(() => 0.1)),
    ablated: (/** @type {{ heads: string[], kind: string }} */ { heads, kind }) =>
      answer(`${kind} ${heads} in ${text}`, () => runOf(`${text} without ${heads}`)),
    free: () => asked.push(`free ${text}`),
  });
  /** @param {string} text @param {{ signal: AbortSignal }} options */
  const run = (text, { signal }) => {
    const call = `run ${text}`;
    const stopped = new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(error('AbortError', 'stopped'))),
    );
    const made = answer(call, () => runOf(text));
    return Promise.race([made, stopped]);
  };
  /** @type {any} */ const handle = {
    backend: 'cpu',
    adapter: 'wasm',
    software: false,
    helpers: 0,
    reason: null,
    onLost: null,
    loadModel: (/** @type {{ source: string }} */ { source }) =>
      answer(`load ${source}`, () => ({
        id: source,
        hasTokenizer: true,
        name: source,
        sha256: 'ab',
        config: CONFIG,
        run,
        free: () => asked.push(`free ${source}`),
      })),
    close: () => asked.push('close'),
  };
  /** @type {any} */ const opener = {
    open: (/** @type {{ backend: string }} */ { backend }) => answer(`open ${backend}`, () => handle),
    download: async (/** @type {string} */ source) => ({ source }),
    gone: (/** @type {{ source: string }} */ files) => gone.push(files.source),
  };
  const analysis = createAnalysis(opener, () => state, emit);
  /** @param {import('../../www/state/state.js').Action} action */
  function emit(action) {
    state = reduce(state, action);
    analysis.update();
  }
  analysis.update();
  return {
    emit,
    asked,
    gone,
    pictured,
    instead,
    handle,
    shown: analysis.shown,
    state: () => state,
    codes: () => state.problems.map(({ code }) => code),
  };
}
