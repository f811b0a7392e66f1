/**
 * The result that the page opens with: the default text, computed when the site was built. It stands until
 * the page's own run is complete, and is marked as precomputed. tools/site/opening.js writes it.
 *
 * @typedef {object} Precomputed
 * @property {string} text
 * @property {string} head                the head of the pattern
 * @property {{ name: string, sha256: string, config: import('./types.js').Config }} model
 * @property {number[]} ids               `[seq]`
 * @property {string[]} pieces            `[seq]`
 * @property {import('./types.js').Detection} detection
 * @property {{ side: number, cells: string }} thumbnails   bytes as base64
 * @property {string} pattern             weights * 65535 in 16 bits as base64, `[query_pos, key_pos]`
 * @property {number[]} logProbs          `[seq - 1]`
 * @property {unknown} settings           of the experiment on repeated tokens
 * @property {unknown} repeats
 * @property {unknown} composition
 */

import { pieceShown } from '../base/tokens.js';
import { DEFAULT_VIEW, thresholdsOf } from './view.js';

/** @param {string} base64 */
const bytesOf = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/**
 * Whether the figures are those of a view.
 * @param {Precomputed} figures @param {import('./view.js').View} view
 */
const fits = ({ text }, view) =>
  view.text === text &&
  view.model === DEFAULT_VIEW.model &&
  JSON.stringify(thresholdsOf(view)) === JSON.stringify(thresholdsOf(DEFAULT_VIEW));

/**
 * The parts of the state that the precomputed figures fill; none without figures of this view.
 * @param {string | null | undefined} json
 * @param {import('./view.js').View} view
 * @returns {Partial<import('./types.js').State>}
 */
export function openingOf(json, view) {
  if (!json) return {};
  /** @type {Precomputed} */ const figures = JSON.parse(json);
  if (!fits(figures, view)) return {};
  const { text, head, ids, pieces, thumbnails, detection, model, settings, repeats, composition } = figures;
  const { sha256 } = model;
  const seq = ids.length;
  const weights = Float32Array.from(new Uint16Array(bytesOf(figures.pattern).buffer), (part) => part / 65535);
  /** A finding that no study asks for: the page's own is made as soon as its run is there. */
  const finding = (/** @type {unknown} */ value) => ({
    key: JSON.stringify([sha256, 'precomputed']),
    value,
    problem: null,
  });
  return {
    result: {
      precomputed: true,
      text,
      bos: view.bos,
      ids: Uint32Array.from(ids),
      pieces: pieces.map((piece) => pieceShown(piece)),
      fragments: pieces.map(() => null),
      seq,
      dropped: 0,
      uncovered: [],
      notFinite: null,
      timing: { run_ms: 0, bytes_read: 0, dispatches: 0, reused: 0 },
      wall_ms: 0,
      backend: 'cpu',
      model: { id: view.model, ...model },
      thumbnails: { side: thumbnails.side, cells: bytesOf(thumbnails.cells) },
    },
    detection,
    pattern: { head, by: 'attention', weights, max: 1 },
    findings: {
      answer: finding({ settings, repeats, composition }),
      expected: finding({ logProbs: Float32Array.from(figures.logProbs) }),
    },
  };
}
