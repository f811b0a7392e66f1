/**
 * The steps of the tour, from simple heads to induction heads, in the order of ARENA's notebook, and then to
 * the visitor's own text. Each step says where to look, and makes a claim from the figures of this model and
 * this text. The claim is true of them, or says that it does not hold. Pure.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Settings} Settings
 *
 * @typedef {object} Claim
 * @property {string} words
 * @property {boolean | null} holds   null while the figures are missing
 *
 * @typedef {object} Step
 * @property {string} title
 * @property {string} words
 * @property {string} at                              the id of the part of the page that the step is about
 * @property {(state: State) => Settings} look        the settings that show it
 * @property {(state: State) => Claim} claim
 * @property {true} [repeats]   the step needs a text that repeats: a text that hardly does is shown twice
 */

import { figure } from '../base/format.js';
import { parseHead } from '../base/heads.js';
import { above, verdicts } from '../figures/heads.js';
import { apart, pointsOf } from '../figures/scatter.js';
import { shownOn } from '../state/tabs.js';
import { thresholdsOf } from '../state/view.js';
import { ablation } from './ablation.js';
import { composition, inPairs } from './composition.js';
import { path } from './path.js';
import { repeated } from './repeated.js';
import { latest, standing } from './study.js';
import {
  feeder,
  inductionHead,
  mostRead,
  offsetHead,
  previousHead,
  readersOf,
  STRIPE,
  storyHead,
  strongestMatch,
} from './tour_heads.js';

/** The claim while its figures are computed. @type {Claim} */
export const WAITING = Object.freeze({ words: 'This is being computed…', holds: null });

/** The visitor has changed the settings of the last step. @type {Claim} */
const ELSEWHERE = Object.freeze({
  words: [
    'In the Ablate tab, ablate a head and measure on repeated sequences. The effect on the induction',
    'head then appears here.',
  ].join(' '),
  holds: null,
});

/** The beginning of every step's settings: nothing chosen, nothing ablated. @type {Settings} */
const PLAIN = Object.freeze({
  query: null,
  key: null,
  off: [],
  offMlps: [],
  side: 'after',
  score: null,
  weighted: 'attention',
});

/** @param {boolean} holds @param {...string} words @returns {Claim} */
const claim = (holds, ...words) => ({ words: words.join(' '), holds });

/**
 * The claim while a study has no result: it is at work, or it failed.
 * @param {State} state
 * @param {import('./study.js').Study<any>} study
 * @returns {Claim}
 */
function without(state, study) {
  const { problem } = standing(state, study);
  if (!problem) return WAITING;
  if (problem.code === 'AbortError') return claim(false, 'Stopped before it finished.');
  return claim(false, `Not available here: ${problem.detail.replace(/\.$/, '')}.`);
}

/** @param {State} state @returns {Claim} */
function simpleHeads({ detection, view }) {
  if (!detection) return WAITING;
  const simple = verdicts(detection, thresholdsOf(view))
    .filter(({ kind }) => kind === 'current' || kind === 'previous' || kind === 'first')
    .map(({ kind, heads, best, uniformPasses }) => ({
      kind,
      best,
      named: heads.length > 0 && !uniformPasses,
    }));
  const words = simple.map(({ kind, best, named }) =>
    named && best
      ? `${best.name} looks at the ${kind} token in ${figure(best.score)} of its rows`
      : `no head is named for the ${kind} token`,
  );
  const holds = simple.some(({ named }) => named);
  return claim(holds, `On this text, ${words.join('; ')}.`);
}

/** @param {State} state @returns {Claim} */
function lossOnRepeats(state) {
  const { meanFirst, meanSecond } = latest(state, repeated)?.value ?? {};
  if (meanFirst === undefined || meanSecond === undefined) return without(state, repeated);
  const gains = meanSecond - meanFirst > 1;
  return claim(
    gains,
    `The mean log-probability is ${figure(meanFirst)} in the first copy`,
    `and ${figure(meanSecond)} in the second:`,
    gains ? 'this model looks back.' : 'this model hardly gains from looking back.',
  );
}

/** @param {State} state @returns {Claim} */
function stripe(state) {
  const value = latest(state, repeated)?.value;
  if (!value) return without(state, repeated);
  const { heads, best } = above(value.strict, STRIPE);
  const most = figure(STRIPE);
  if (!heads.length) {
    const strongest = `${best?.name} has most, ${figure(best?.score)}`;
    return claim(false, `No head has more than ${most} of its weight on the stripe; ${strongest}.`);
  }
  const [have, their] =
    heads.length === 1 ? ['One head has', 'its'] : [`${heads.length} heads have`, 'their'];
  const list = heads.map(({ name, score }) => `${name} (${figure(score)})`).join(', ');
  return claim(true, `${have} more than ${most} of ${their} weight on the stripe: ${list}.`);
}

/** @param {State} state @returns {Claim} */
function randomAgainstText(state) {
  const strict = latest(state, repeated)?.value.strict;
  const { detection } = state;
  if (!strict || !detection) return without(state, repeated);
  const points = pointsOf(strict, detection.token_matching.induction);
  const { both, only } = apart(points, STRIPE, detection.null.token_matching.induction);
  if (!both.length && !only.length) return claim(false, 'No head has a stripe on random tokens.');
  const names = (/** @type {typeof both} */ of) => of.map(({ name }) => name).join(', ');
  const next = storyHead(state);
  const onward = next && next !== inductionHead(state) ? ` From here the tour follows ${next}.` : '';
  if (!both.length) return claim(false, `On this text none of ${names(only)} shows.`);
  const alone = only.length ? `; ${names(only)} only on random tokens` : '';
  return claim(true, `${names(both)} show on both${alone}.${onward}`);
}

/** @param {State} state @returns {Claim} */
function inYourText(state) {
  const name = storyHead(state);
  const at = parseHead(name);
  if (!state.detection || !at) return WAITING;
  const score = state.detection.token_matching.induction[at.layer][at.head];
  const uniform = state.detection.null.token_matching.induction;
  if (score === null || uniform === null)
    return claim(
      false,
      'No token of this text occurs twice, so no head can continue a repeat.',
      'Choose “A phrase, three times” above.',
    );
  const shows = score > 2 * uniform;
  const scores = `Head ${name} scores ${figure(score)} on this text`;
  const baseline = `where uniform attention would score ${figure(uniform)}`;
  return claim(shows, `${scores}, ${baseline}${shows ? '.' : ': the head hardly shows on this text.'}`);
}

/** @param {State} state @returns {Claim} */
function feedingHead(state) {
  const induction = storyHead(state);
  const read = mostRead(state, induction);
  if (state.result?.model.config.n_layers === 1)
    return claim(false, 'This model has one layer: there is no earlier head to read from.');
  const config = state.result?.model.config;
  if (!read && config && inPairs(config) && induction)
    return claim(
      false,
      `This model has ${config.n_layers} layers. “Trace the path” above compares every earlier head`,
      `with head ${induction}.`,
    );
  if (!read && latest(state, composition)) {
    const noEarlier = `Head ${induction} is in the first layer: there is no earlier head to read from.`;
    return claim(false, induction ? noEarlier : 'No induction head was found.');
  }
  if (!read) return without(state, composition);
  const previous = previousHead(state);
  const same = read.name === previous;
  return claim(
    same && read.score > read.baseline,
    `The keys of ${induction} read ${read.name} most: ${figure(read.score, 3)},`,
    `where random heads score ${figure(read.baseline, 3)}.`,
    same
      ? `Head ${read.name} is also the head that looks at the previous token most.`
      : `Another head, ${previous}, looks at the previous token most.`,
  );
}

/** How a loss changes, in words. @param {number} increase in nats */
const changeOf = (increase) => `${increase < 0 ? 'falls' : 'rises'} by ${figure(Math.abs(increase))} nats`;

/** @param {State} state @returns {Claim} */
function withoutFeeder(state) {
  const induction = storyHead(state);
  const at = parseHead(induction);
  const before = latest(state, repeated)?.value.strict;
  const after = latest(state, ablation);
  if (!before) return without(state, repeated);
  const { on, off } = state.view;
  if (!shownOn('ablate', state) || on !== 'repeats' || !off.length) return ELSEWHERE;
  if (!at || !after?.current || !after.value.strict) return without(state, ablation);
  const [full, left] = [before[at.layer][at.head], after.value.strict[at.layer][at.head]];
  if (full <= STRIPE)
    return claim(false, 'No head has a stripe on random tokens, so no ablation takes one away.');
  const gone = left < full / 2;
  const change = changeOf(after.value.lossIncrease);
  const words = [
    `With ${off.join(' and ')} ablated, the strict induction score of ${induction} goes from ${figure(full)}`,
    `to ${figure(left)}, and the loss on the second copy ${change}.`,
  ];
  return claim(gone, ...words, ...(gone ? [] : ['The stripe stays: another head feeds it too.']));
}

/** @param {State} state @returns {Claim} */
function wholePath(state) {
  const value = latest(state, path)?.value;
  if (!value) return without(state, path);
  const strongest = [...value.edges].sort((left, right) => right.K - left.K)[0];
  if (!strongest) return claim(false, 'No head of this model feeds another.');
  const from = value.feeding.find(({ name }) => name === strongest.from);
  const nats = from ? ` Without ${from.name} the loss ${changeOf(from.lossIncrease)}.` : '';
  return claim(true, `The strongest edge is from ${strongest.from} to ${strongest.to}.${nats}`);
}

/** So many heads are named as readers of a head. */
const MOST_READERS = 4;

/** @param {State} state @returns {Claim} */
function countingBack(state) {
  if (!state.detection) return WAITING;
  const head = offsetHead(state);
  if (!head?.named) {
    const best = head ? ` (best ${head.name} at ${figure(head.score)}, ${head.note})` : '';
    return claim(false, `On this text no head looks a fixed distance of two or more back${best}.`);
  }
  const looks = `Head ${head.name} looks ${head.note}: its mean weight there is ${figure(head.score)}.`;
  const read = readersOf(state, head.name);
  if (!read) return claim(true, looks);
  const { readers, baseline } = read;
  if (!readers.length) return claim(true, looks, 'No later head reads it more than a random head.');
  const list = readers.slice(0, MOST_READERS).map(({ name, score }) => `${name} (${figure(score, 3)})`);
  return claim(
    true,
    looks,
    `Its readers by their keys: ${list.join(', ')}; random heads ${figure(baseline, 3)}.`,
  );
}

/** @type {readonly Step[]} */
export const STEPS = [
  {
    title: 'Three simple heads',
    at: 'grid',
    words: [
      'Many heads of a small model do something simple: they look at the current token, at the previous',
      'token, or at the first token of the text. Each pattern shows it: a diagonal, a diagonal one below, or',
      'a bright first column. The ring is on a cell of the previous token.',
    ].join(' '),
    look(state) {
      const last = (state.result?.seq ?? 0) - 1;
      const cell = last > 0 ? { query: last, key: last - 1 } : {};
      return { ...PLAIN, tab: 'scores', head: previousHead(state), ...cell };
    },
    claim: simpleHeads,
  },
  {
    title: 'The loss on repeats',
    at: 'repeats',
    words: [
      'Random tokens are unpredictable. When the same tokens are repeated, a model can predict them, but',
      'only if it looks back at what followed each token the first time. The chart shows the log-probability',
      'of every token, with the second copy shaded.',
    ].join(' '),
    look: () => ({ ...PLAIN, tab: 'find', head: null }),
    claim: lossOnRepeats,
  },
  {
    title: 'The stripe',
    at: 'stripe',
    words: [
      'An induction head looks, from each token of the second copy, at the token after the first occurrence.',
      'In its pattern this is a stripe, parallel to the diagonal.',
    ].join(' '),
    look: (state) => ({ ...PLAIN, tab: 'find', head: inductionHead(state) }),
    claim: stripe,
  },
  {
    title: 'Random tokens and text',
    at: 'scatter',
    repeats: true,
    words: [
      'A head that copies random tokens need not do so in text. Each point is a head: to the right, its',
      'stripe on random tokens; upwards, how much it continues repeats of this text.',
    ].join(' '),
    look: (state) => ({
      ...PLAIN,
      tab: 'find',
      x: 'strict',
      y: 'matching-induction',
      head: storyHead(state),
    }),
    claim: randomAgainstText,
  },
  {
    title: 'The same head in your text',
    at: 'grid',
    repeats: true,
    words: [
      'Where a token occurs again, token matching measures how much of the head’s attention is on the token',
      'that followed it before. The counted cells are marked on the pattern, and the strongest is ringed.',
    ].join(' '),
    look(state) {
      const head = storyHead(state);
      return { ...PLAIN, tab: 'scores', head, score: 'matching-induction', ...strongestMatch(state, head) };
    },
    claim: inYourText,
  },
  {
    title: 'Which head feeds it',
    at: 'composition',
    words: [
      'To find the token after the earlier occurrence, each position has to carry which token stands before',
      'it. A head of an earlier layer writes this, and the keys of the induction head read it. K-composition',
      'measures how much they read, compared with random heads.',
    ].join(' '),
    look: (state) => ({ ...PLAIN, tab: 'explain', head: feeder(state) }),
    claim: feedingHead,
  },
  {
    title: 'Ablate it',
    at: 'off',
    words: [
      'If that head feeds the induction head, then ablating it should remove the stripe, and the second copy',
      'should be as hard to predict as the first. The switch “before, after” shows the model with and',
      'without the head.',
    ].join(' '),
    look(state) {
      const head = feeder(state);
      const off = head ? [head] : [];
      return { ...PLAIN, tab: 'ablate', head: storyHead(state), off, ablation: 'zero', on: 'repeats' };
    },
    claim: withoutFeeder,
  },
  {
    title: 'The whole path',
    at: 'circuits',
    words: [
      'The drawing shows the heads that write which token stands before, and the heads that read it. Under',
      'each writing head stand the scores and the loss without that head.',
    ].join(' '),
    look: (state) => ({ ...PLAIN, tab: 'explain', head: storyHead(state) }),
    claim: wholePath,
  },
  {
    title: 'A head that counts back',
    at: 'grid',
    words: [
      'Some heads look a fixed distance back, whatever the tokens are. Such a pattern is a diagonal further',
      'down. The counted cells are marked. A later head can read which token stands there, as it reads a',
      'previous-token head.',
    ].join(' '),
    look: (state) => ({ ...PLAIN, tab: 'scores', head: offsetHead(state)?.name ?? null, score: 'offset' }),
    claim: countingBack,
  },
  {
    title: 'Now your own text',
    at: 'text',
    words: [
      'Type or paste any text that repeats itself: names, code, a poem. The heads, the patterns and the',
      'answer follow as you type. Models lets you load another model, or your own.',
    ].join(' '),
    look: (state) => ({ ...PLAIN, tab: 'find', head: storyHead(state) }),
    claim: inYourText,
  },
];
