/**
 * The answer: the model's induction heads on repeated random tokens, then the heads of each kind on this
 * text. A click on a head pins it.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Emit} Emit
 * @typedef {import('../figures/heads.js').Verdict} Verdict
 * @typedef {import('../figures/heads.js').Named} Named
 */

import { bare, count, counted, figure } from '../base/format.js';
import { nameOf, parseHead } from '../base/heads.js';
import { answerOf, fewRepeat } from '../figures/answer.js';
import { pairsOf } from '../figures/circuits.js';
import { above, verdicts } from '../figures/heads.js';
import { scoreOf } from '../figures/scores/index.js';
import { uniformStripe } from '../figures/stripes.js';
import { namesOf } from '../state/ablation.js';
import { shownAblation, shownDetection } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';
import { answer as study } from '../studies/answer.js';
import { answerAfter } from '../studies/answer_after.js';
import { latest } from '../studies/study.js';
import { createAblatedBadge } from '../ui/ablated_badge.js';
import { button, changed, el, once, previewHeads, reveal } from '../ui/dom.js';
import { signed } from '../ui/heat_cells.js';
import { createStudyStatus } from '../ui/study_status.js';
import { term } from '../ui/term.js';

/** With fewer tokens uniform attention passes the thresholds. */
const ENOUGH_TOKENS = 10;

/** The kinds that the sentence names only if there are some. @type {ReadonlySet<string>} */
const RARE = new Set(['offset', 'duplicate']);

/** More heads of a kind are folded to their number. */
const MOST_LISTED = 4;

/** So many induction heads are listed, the highest scores first; the others are folded. */
const MOST_INDUCTION = 6;

/**
 * @param {Element} root
 * @param {State} state
 * @param {Emit} emit
 */
export function answer(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { view, result } = state;
  const detection = shownDetection(state);
  parts.status.show(state);
  parts.badge.show(state);
  const before = latest(state, study)?.value ?? null;
  const ablated = latest(state, answerAfter);
  const after = shownAblation(state) && ablated?.current ? ablated.value : null;
  if (changed(parts.ofModel, before, after, view.mean, state.detection, parts.unfolded)) {
    const words = before && (after ? afterOf(before, after, view.mean, parts) : null);
    parts.headline.replaceChildren(...(words ?? (before ? headlineOf(before, state, parts) : [])));
    parts.ofHead = {};
  }
  parts.headline.hidden = !before;
  // A known answer stays in place while it is computed again.
  parts.status.element.classList.toggle('quietly', before !== null);
  if (detection && result && changed(parts.ofText, detection, parts.unfolded)) {
    parts.sentence.replaceChildren(...sentenceOf(state, parts));
    parts.ofHead = {};
  }
  if (changed(parts.ofHead, view.head)) {
    for (const link of root.querySelectorAll('[data-head]'))
      link.setAttribute('aria-pressed', String(link.getAttribute('data-head') === view.head));
  }
}

/** @typedef {Pick<ReturnType<typeof build>, 'show' | 'unfolded' | 'unfold'>} Folding */

/** @param {Element} root @param {State} state @param {Emit} emit */
function build(root, state, emit) {
  const badge = createAblatedBadge('answer-ablated', emit);
  const headline = el('p', { class: 'headline', role: 'status', 'data-testid': 'headline' });
  const status = createStudyStatus(study, 'Testing every head on repeated random tokens', 'parts', emit);
  status.element.classList.add('headline-status');
  const sentence = el('p', { class: 'on-text', 'data-testid': 'answer' });
  root.append(
    el('h2', { id: 'answer-title', class: 'unseen' }, 'The induction heads, and the heads of each kind'),
    badge.element,
    headline,
    status.element,
    sentence,
  );
  for (const part of [headline, sentence]) previewHeads(part, emit);
  const show = (/** @type {string} */ head) => {
    emit({ type: 'lock', head });
    reveal('pattern');
  };
  /** The kinds whose heads are listed, however many. @type {ReadonlySet<string>} */
  const unfolded = new Set();
  const unfold = (/** @type {string} */ kind) => {
    parts.unfolded = new Set([...parts.unfolded, kind]);
    answer(root, parts.latest, emit);
    // The button that had the focus is gone.
    const first = root.querySelector(`[data-unfolded="${kind}"] button`);
    if (first instanceof HTMLElement) first.focus();
  };
  const parts = {
    ...{ badge, headline, status, sentence, show, unfolded, unfold, latest: state },
    ...{ ofModel: {}, ofText: {}, ofHead: {} },
  };
  return parts;
}

/**
 * A head as a button that pins it.
 * @param {Named} head @param {string} what the name of the score @param {(head: string) => void} show
 */
const headButton = ({ name, score }, what, show) =>
  button(name, () => show(name), {
    class: 'head-link',
    title: `${what} ${figure(score)}: show its pattern`,
    'data-head': name,
    'aria-label': `Head ${name}, ${what} ${figure(score)}`,
  });

/**
 * Entries with commas between them. No line breaks between an entry and its comma.
 * @param {(Node | string)[][]} entries @returns {(Node | string)[]}
 */
const inList = (entries) =>
  entries.flatMap((entry, at) => {
    const last = at === entries.length - 1;
    return [el('span', { class: 'entry' }, ...entry, last ? '' : ','), last ? '' : ' '];
  });

/**
 * The heads with the highest scores as buttons, and their scores. The others are behind a button.
 * @param {Named[]} heads the highest score first @param {string} what the name of the score
 * @param {string} key of the list @param {Folding} parts
 */
function listed(heads, what, key, { show, unfolded, unfold }) {
  const few = unfolded.has(key) ? heads : heads.slice(0, MOST_INDUCTION);
  const more = heads.length - few.length;
  const links = inList(few.map((head) => [headButton(head, what, show)]));
  const others = button(`${count(more)} more ▸`, () => unfold(key), {
    class: 'unfold',
    'aria-label': `List the other ${more} heads`,
    'aria-expanded': 'false',
  });
  return {
    links: [el('span', { 'data-unfolded': key }, ...links), ...(more ? [' and ', others] : [])],
    scores: few.map(({ score }) => bare(score)).join(', ') + (more ? ', …' : ''),
  };
}

/**
 * The model's answer in words.
 * @param {import('../studies/answer.js').ModelAnswer} value
 * @param {State} state
 * @param {Folding} parts
 */
function headlineOf({ repeats, composition }, { view, detection }, parts) {
  const { show } = parts;
  const known = composition && { pairs: pairsOf(composition), baseline: composition.baseline };
  const { heads, best, fedBy } = answerOf(repeats.strict, view.mean, known);
  const uniform = [term('uniform attention'), ` ${bare(uniformStripe(scoreOf('strict'), repeats))}`];
  const what = 'strict induction score on repeated random tokens';
  if (!heads.length) {
    const strongest = best
      ? [' (best ', headButton(best, what, show), ` at ${bare(best.score)}; `, ...uniform, ')']
      : [];
    return [el('b', {}, 'Induction heads: '), 'none on repeated tokens', ...strongest, '.'];
  }
  const { links, scores } = listed(heads, what, 'model', parts);
  return [
    el('b', {}, `${count(heads.length)} `, term(`induction head${heads.length === 1 ? '' : 's'}`), ': '),
    ...links,
    el('span', { class: 'aside' }, ` (${scores} on `, term('repeated random tokens'), '; ', ...uniform, ')'),
    ...(fedBy ? [', fed by ', ...feederName(fedBy, detection, view.mean), ...feeder(fedBy, show)] : []),
    '.',
  ];
}

/**
 * The model's answer after the ablation. The ablated heads write nothing, so they are none of its heads.
 * @param {import('../studies/answer.js').ModelAnswer} before
 * @param {import('../studies/answer_after.js').AnswerAfter} after
 * @param {number} threshold
 * @param {Folding} parts
 */
function afterOf({ repeats }, { heads, mlps, strict, lossIncrease }, threshold, parts) {
  const { show } = parts;
  if (!strict) return null;
  const left = strict.map((row, layer) =>
    row.map((score, head) => (heads.includes(nameOf(layer, head)) ? null : score)),
  );
  const now = answerOf(left, threshold, null);
  const were = above(repeats.strict, threshold).heads.length;
  const what = 'strict induction score after ablation';
  const { links, scores } = listed(now.heads, what, 'model', parts);
  const best = now.best ? [' (best ', headButton(now.best, what, show), ` at ${bare(now.best.score)})`] : [];
  const named = now.heads.length
    ? [
        `${counted(now.heads.length, 'induction head')}: `,
        ...links,
        el('span', { class: 'aside' }, ` (${scores})`),
      ]
    : ['no induction heads', ...best];
  return [
    el('b', {}, `Without ${namesOf({ heads, mlps }).join(', ')}: `),
    ...named,
    `; ${were} with ${mlps.length ? 'nothing ablated' : 'all heads'}. `,
    el('span', { class: 'aside' }, `Loss on the second copy ${signed(lossIncrease)} nats.`),
  ];
}

/** @param {string} name @param {(head: string) => void} show */
const feeder = (name, show) => [
  button(name, () => show(name), {
    class: 'head-link',
    'data-head': name,
    'aria-label': `Show head ${name}`,
  }),
];

/**
 * @param {string} name @param {State['detection']} detection @param {number} threshold
 * @returns {(Node | string)[]}
 */
function feederName(name, detection, threshold) {
  const at = parseHead(name);
  const score = at && detection?.mean.previous[at.layer]?.[at.head];
  return typeof score === 'number' && score > threshold ? [term('previous-token head'), ' '] : ['head '];
}

/**
 * The heads on this text: induction first, then the other kinds.
 * @param {State} state @param {Folding} parts
 */
function sentenceOf(state, parts) {
  const { result, view } = state;
  const detection = shownDetection(state);
  if (!detection || !result) return [];
  const all = verdicts(detection, thresholdsOf(view));
  const judged = all.filter(({ uniformPasses }) => !uniformPasses);
  const induction = judged.find(({ kind }) => kind === 'induction');
  const others = judged.filter(
    ({ kind, heads }) => kind !== 'induction' && (!RARE.has(kind) || heads.length),
  );
  const clauses = others.map((verdict) => kindClause(verdict, parts));
  const short =
    judged.length < all.length
      ? el('span', { class: 'clause', 'data-testid': 'too-short' }, tooShort(result.seq))
      : null;
  return [induction ? textClause(induction, result.ids, parts) : null, ...clauses, short].filter(
    (part) => part !== null,
  );
}

/** If uniform attention passes, every head would be named. @param {number} tokens */
const tooShort = (tokens) =>
  `Too short to judge: with ${counted(tokens, 'token')} even uniform attention passes. ` +
  `Use ${ENOUGH_TOKENS} or more.`;

/** @param {Verdict} verdict @param {ArrayLike<number>} ids @param {Folding} parts */
function textClause({ heads, best, uniform, label }, ids, parts) {
  const { show } = parts;
  const what = `${label.toLowerCase()} score on this text`;
  const clause = (/** @type {(Node | string)[]} */ ...words) =>
    el('span', { class: 'clause', 'data-testid': 'answer-induction' }, ...words);
  if (heads.length) {
    const ordered = [...heads].sort((left, right) => right.score - left.score);
    const { links, scores } = listed(ordered, what, 'text', parts);
    return clause('On this text: ', ...links, ` (${scores}; uniform attention ${bare(uniform)})`);
  }
  if (!best) return clause('On this text no token occurs twice, so no head can show induction');
  const why = fewRepeat(ids) ? 'few tokens repeat' : `uniform attention ${bare(uniform)}`;
  return clause('On this text: best ', headButton(best, what, show), `, ${bare(best.score)} (${why})`);
}

/** @param {Verdict} verdict @param {Folding} parts */
function kindClause({ kind, label, heads, best }, { show, unfolded, unfold }) {
  const what = `${label.toLowerCase()} score`;
  const clause = (/** @type {(Node | string)[]} */ ...words) =>
    el(
      'span',
      { class: 'clause', 'data-testid': `answer-${kind}`, 'data-unfolded': kind },
      el('span', { class: 'kind' }, kind === 'offset' ? term('Offset head') : label, ': '),
      ...words,
    );
  if (!heads.length)
    return clause(
      el('span', { class: 'nobody' }, best ? `none (best ${best.name} at ${bare(best.score)})` : 'none'),
    );
  if (heads.length > MOST_LISTED && !unfolded.has(kind)) {
    const label = `${count(heads.length)} heads ▸`;
    return clause(
      button(label, () => unfold(kind), {
        class: 'unfold',
        'aria-label': `List the ${heads.length} heads`,
        'aria-expanded': 'false',
      }),
    );
  }
  const named = heads.map((head) => [headButton(head, what, show), head.note ? ` (${head.note})` : '']);
  return clause(...inList(named));
}
