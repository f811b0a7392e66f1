/**
 * What is published of a model's heads, in sentences, with the figures of this page beside it. Heads that
 * were found on another task stand apart.
 */

import { figure } from '../base/format.js';
import { parseHead } from '../base/heads.js';

/** @typedef {import('../state/library.js').Listed} Listed */

/** The kinds of heads of `published.dominant`, as they are called. */
const DOMINANT = /** @type {const} */ ([
  ['previous', 'previous token'],
  ['current', 'current token'],
  ['first', 'first token'],
]);

/** The kinds of heads of `published.repeated`, as they are called. */
const REPEATED = /** @type {const} */ ([
  ['induction', 'induction'],
  ['previous', 'previous token'],
]);

/** Published scores have this many decimals. */
const DECIMALS = 3;

/**
 * @param {Listed} listed
 * @param {readonly (readonly (number | null)[])[] | null} stripe induction scores that this page measured on
 *   the model, `[layer][head]`; null where there are none
 * @returns {string[]} sentences
 */
export function publishedHeads({ published: said }, stripe) {
  if (!said) return [];
  if (said.words) return [said.words];
  /** @type {string[]} */ const kinds = [];
  if (said.induction?.length) kinds.push(`induction ${said.induction.join(', ')}`);
  for (const [kind, words] of REPEATED) {
    const heads = Object.entries(said.repeated?.[kind] ?? {});
    if (heads.length) kinds.push(`${words} ${heads.map(scored).join(', ')}`);
  }
  for (const [kind, words] of DOMINANT)
    if (said.dominant?.[kind]?.length) kinds.push(`${words} ${said.dominant[kind].join(', ')}`);
  const sentences = kinds.length ? [`Published heads: ${kinds.join('; ')}.`] : [];
  const measured = stripe && measuredHere(said, stripe);
  if (measured) sentences.push(`Measured here on repeated tokens: ${measured}.`);
  if (said.task) sentences.push(ofTask(said.task));
  return sentences;
}

/**
 * The induction scores, measured here, of the heads that are published as induction heads.
 * @param {NonNullable<Listed['published']>} said
 * @param {readonly (readonly (number | null)[])[]} stripe
 */
function measuredHere({ induction = [], repeated }, stripe) {
  const heads = [...induction, ...Object.keys(repeated?.induction ?? {})];
  return heads
    .flatMap((head) => {
      const at = parseHead(head);
      const score = at && stripe[at.layer]?.[at.head];
      return typeof score === 'number' ? [scored([head, score])] : [];
    })
    .join(', ');
}

/** A head with its score. @param {[string, number]} of */
const scored = ([head, score]) => `${head} (${figure(score, DECIMALS)})`;

/** @param {import('../store/catalogue.js').PublishedTask} task */
function ofTask({ name, source, heads }) {
  const roles = Object.entries(heads).map(([role, of]) => `${role} ${of.join(', ')}`);
  return `Published for another task, ${name} (${source}): ${roles.join('; ')}.`;
}
