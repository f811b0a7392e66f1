/**
 * How stable labels are: in how many of several texts each head is named for each kind. Pure.
 *
 * @typedef {import('./heads.js').Kind} Kind
 * @typedef {import('./heads.js').Detection} Detection
 *
 * @typedef {object} Held                 one label of one head
 * @property {Kind} kind
 * @property {string} label
 * @property {number} named               texts that name the head
 * @property {number} of                  texts that can tell
 *
 * @typedef {{ name: string, perText: Kind[][], held: Held[] }} Row   of one head; perText: its labels in each
 *   text
 */

import { nameOf } from '../base/heads.js';
import { judgements } from './heads.js';
import { KINDS } from './scores/index.js';

/** Caps, so that a link can carry the texts. */
export const MOST_TEXTS = Object.freeze({ texts: 12, characters: 40_000 });

/**
 * One row a head. A text can tell a kind when its score is defined and uniform attention does not pass.
 * @param {(Detection | null)[]} detections one a text; null where the text could not be run
 * @param {import('./heads.js').Thresholds} thresholds @returns {Row[]}
 */
export function labelsOver(detections, thresholds) {
  const first = detections.find((detection) => detection !== null);
  if (!first) return [];
  const judged = detections.map((detection) => detection && judgements(detection, thresholds));
  return first.mean.current.flatMap((heads, layer) =>
    heads.map((_, head) => {
      /** @type {Kind[][]} */ const perText = detections.map(() => []);
      const held = KINDS.map(({ kind, label }, at) => {
        let [named, of] = [0, 0];
        judged.forEach((kinds, text) => {
          const score = kinds && !kinds[at].uniformPasses ? (kinds[at].scores[layer]?.[head] ?? null) : null;
          if (!kinds || score === null) return;
          of++;
          if (score <= kinds[at].threshold) return;
          named++;
          perText[text].push(kind);
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
 * The reason why a text cannot be added to the others; null when it can.
 * @param {readonly string[]} texts
 * @param {string} text
 */
export function refusal(texts, text) {
  if (text.trim() === '') return 'There is no text in the box.';
  if (texts.includes(text)) return 'This text is in the list already.';
  if (texts.length >= MOST_TEXTS.texts)
    return `A link can carry ${MOST_TEXTS.texts} texts, and the list has as many.`;
  const characters = texts.reduce((sum, other) => sum + other.length, text.length);
  if (characters <= MOST_TEXTS.characters) return null;
  return (
    `The texts would have ${characters} characters together, ` +
    `and a link can carry ${MOST_TEXTS.characters}.`
  );
}
