/**
 * How well labels hold: in how many of several texts each head is named for each kind. Pure.
 *
 * @typedef {import('./heads.js').Kind} Kind
 * @typedef {{ kind: Kind, label: string, named: number, of: number }} Held      in `named` of the `of` texts
 *   that can tell
 * @typedef {{ name: string, perText: Kind[][], held: Held[] }} Row
 */

import { KINDS, scoresOf, thresholdOf, verdicts } from './heads.js';
import { nameOf } from '../base/heads.js';

/** Caps, so that a link can carry the texts. */
export const MOST_TEXTS = Object.freeze({ texts: 12, characters: 40_000 });

/**
 * A head a row. A text tells of a kind where the score is defined and uniform attention does not pass for it.
 * @param {(import('./heads.js').Detection | null)[]} detections a text each; null where it could not be run
 * @param {import('./heads.js').Thresholds} thresholds @returns {Row[]}
 */
export function labelsOver(detections, thresholds) {
  const first = detections.find((detection) => detection !== null);
  if (!first) return [];
  const passes = detections.map(
    (detection) =>
      detection && new Map(verdicts(detection, thresholds).map(({ kind, nullPasses }) => [kind, nullPasses])),
  );
  return first.mean.current.flatMap((heads, layer) =>
    heads.map((_, head) => {
      /** @type {Kind[][]} */ const perText = detections.map(() => []);
      const held = KINDS.map(({ kind, label }) => {
        let [named, of] = [0, 0];
        detections.forEach((detection, at) => {
          const score =
            detection && !passes[at]?.get(kind) ? (scoresOf(detection, kind)[layer]?.[head] ?? null) : null;
          if (score === null) return;
          of++;
          if (score <= thresholdOf(kind, thresholds)) return;
          named++;
          perText[at].push(kind);
        });
        return { kind, label, named, of };
      });
      return { name: nameOf(layer, head), perText, held: held.filter(({ named }) => named > 0) };
    }),
  );
}

/** `previous token in 4 of 4 texts`. @param {Held} held */
export const heldWords = ({ label, named, of }) =>
  `${label.toLowerCase()} in ${named} of ${of} ${of === 1 ? 'text' : 'texts'}`;

/**
 * Why a text can't be added to the others; null when it can.
 * @param {readonly string[]} texts
 * @param {string} text
 */
export function refusal(texts, text) {
  if (text.trim() === '') return 'There is no text in the box.';
  if (texts.includes(text)) return 'That text is there already.';
  if (texts.length >= MOST_TEXTS.texts)
    return `These are ${MOST_TEXTS.texts} texts already, as many as a link carries.`;
  const characters = texts.reduce((sum, other) => sum + other.length, text.length);
  return characters > MOST_TEXTS.characters
    ? `The texts would have ${characters} characters together, and a link carries ${MOST_TEXTS.characters} of them.`
    : null;
}
