/**
 * The guided tour: the notebook's way from plain heads to induction heads, in six steps. A step says where on
 * the page to
 * look, and what is to be seen there: a claim made of the figures that were computed here, on this model and
 * this text, so
 * that it is true of them or says that it is not. Pure.
 *
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/state.js').Settings} Settings
 * @typedef {{ words: string, holds: boolean | null }} Claim     holds: null where there is nothing to hold,
 *   or not yet
 * @typedef
 *   {{ title: string, words: string, at: string, look: (state: State) => Settings, claim: (state: State) => Claim }}
 *   Step
 *   `at`: the part of the page, by its id, that it is about
 */

import { above, verdicts } from '../figures/heads.js';
import { nameOf, parseHead } from '../base/heads.js';
import { figure } from '../base/format.js';
import { shownOn } from '../state/tabs.js';
import { thresholdsOf } from '../state/view.js';
import { ablation } from './ablation.js';
import { composition } from './composition.js';
import { repeated } from './repeated.js';
import { latest, standing } from './study.js';

/** A strict stripe above this is an induction head's. */
const STRIPE = 0.4;

/** @type {Claim} */
const WAITING = Object.freeze({ words: 'This is being computed…', holds: null });

/** The visitor has gone on to other settings than the last step's. @type {Claim} */
const ELSEWHERE = Object.freeze({
  words:
    'In the tab Switch off, with a head off and repeated sequences to measure on, it is told here what becomes of the stripe.',
  holds: null,
});

/**
 * What to say while a study is not done, or cannot be.
 * @param {State} state
 * @param {import('./study.js').Study<any>} study
 * @returns {Claim}
 */
function without(state, study) {
  const { problem } = standing(state, study);
  if (!problem) return WAITING;
  return {
    words:
      problem.code === 'AbortError'
        ? 'It was stopped before there was anything to tell.'
        : `This cannot be told here: ${problem.detail.replace(/\.$/, '')}.`,
    holds: false,
  };
}

/** @param {boolean} holds @param {string} words @returns {Claim} */
const claim = (holds, words) => ({ words, holds });

/**
 * The head with the strongest stripe on repeated tokens; before that is known, the one that matches tokens
 * best in the text.
 * @param {State} state
 */
function inductionHead(state) {
  const stripes = latest(state, repeated)?.value.strict;
  const scores = stripes ?? state.detection?.token_matching.induction;
  return (scores && above(scores, STRIPE).best?.name) ?? null;
}

/**
 * The head of an earlier layer that an induction head's keys read most.
 * @param {State} state
 * @param {string | null} induction
 * @returns {{ name: string, score: number, baseline: number } | null}
 */
function mostRead(state, induction) {
  const found = latest(state, composition)?.value;
  const to = parseHead(induction);
  if (!found || !to) return null;
  const pairs = [
    ...(to.layer === 1 ? found.K.map((row, head) => ({ name: nameOf(0, head), score: row[to.head] })) : []),
    ...found.deeper.filter((pair) => pair.to === induction).map(({ from, K }) => ({ name: from, score: K })),
  ];
  const best = pairs.reduce((one, other) => (other.score > one.score ? other : one), { name: '', score: -1 });
  return best.name ? { ...best, baseline: found.baseline } : null;
}

/**
 * Of the heads with a stripe the one that matches tokens best in the text; before the stripes are known, of
 * all.
 * @param {State} state
 */
function inText(state) {
  const stripes = latest(state, repeated)?.value.strict;
  const scores = state.detection?.token_matching.induction;
  const fit = scores?.map((row, layer) =>
    row.map((score, head) => (stripes && stripes[layer][head] <= STRIPE ? null : score)),
  );
  return (fit && above(fit, 0).best?.name) ?? inductionHead(state);
}

/** @param {State} state */
const previousHead = ({ detection }) => (detection && above(detection.mean.previous, 0).best?.name) ?? null;

/**
 * The head to switch off: the one read most by the induction head's keys, else the one that looks back by
 * one.
 * @param {State} state
 */
const feeder = (state) => mostRead(state, inductionHead(state))?.name ?? previousHead(state);

/** What every step starts from: nothing chosen, nothing off. @type {Settings} */
const PLAIN = Object.freeze({ query: null, key: null, off: [], score: null, weighted: 'attention' });

/** @type {readonly Step[]} */
export const STEPS = Object.freeze([
  {
    title: 'Three simple heads',
    at: 'grid',
    words:
      'Much of what the heads of a small model do is plain: they look at the token itself, at the one before it, or at the first of all. Each head’s pattern above shows it: a diagonal, a diagonal one below, a bright first column.',
    look: (state) => ({ ...PLAIN, tab: 'detectors', head: previousHead(state) }),
    claim({ detection, view }) {
      if (!detection) return WAITING;
      const told = verdicts(detection, thresholdsOf(view))
        .filter(({ kind }) => kind === 'current' || kind === 'previous' || kind === 'first')
        .map(({ kind, heads, best, uniformPasses }) => ({ kind, best, named: heads.length > 0 && !uniformPasses }));
      const words = told.map(({ kind, best, named }) =>
        named && best
          ? `${best.name} looks at the ${kind} token in ${figure(best.score)} of its rows`
          : `no head is named for the ${kind} token`,
      );
      return claim(
        told.some(({ named }) => named),
        `On this text, ${words.join('; ')}.`,
      );
    },
  },
  {
    title: 'The loss on repeats',
    at: 'repeats',
    words:
      'Tokens drawn at random cannot be foretold. Said a second time they can, but only by a model that looks back at what followed the first time. The chart shows the log-probability of every token, the second half shaded.',
    look: () => ({ ...PLAIN, tab: 'repeats', head: null }),
    claim(state) {
      const { meanFirst, meanSecond } = latest(state, repeated)?.value ?? {};
      if (meanFirst === undefined || meanSecond === undefined) return without(state, repeated);
      const gained = meanSecond - meanFirst > 1;
      const halves = `The first time a token has a log-probability of ${figure(meanFirst)} on average, the second time ${figure(meanSecond)}`;
      return claim(
        gained,
        `${halves}: ${gained ? 'this model looks back.' : 'this model hardly gains from looking back.'}`,
      );
    },
  },
  {
    title: 'The stripe',
    at: 'stripe',
    words:
      'A head that finds what followed the first time looks, from each token of the second copy, at the token after its first occurrence. In its pattern this is a stripe, parallel to the diagonal.',
    look: (state) => ({ ...PLAIN, tab: 'repeats', head: inductionHead(state) }),
    claim(state) {
      const value = latest(state, repeated)?.value;
      if (!value) return without(state, repeated);
      const { heads, best } = above(value.strict, STRIPE);
      if (!heads.length)
        return claim(
          false,
          `No head has more than ${figure(STRIPE)} of its weight on the stripe; ${best?.name} has most, ${figure(best?.score)}.`,
        );
      const told = heads.map(({ name, score }) => `${name} (${figure(score)})`).join(', ');
      return claim(
        true,
        `${heads.length === 1 ? 'One head has' : `${heads.length} heads have`} more than ${figure(STRIPE)} of ${heads.length === 1 ? 'its' : 'their'} weight there: ${told}.`,
      );
    },
  },
  {
    title: 'The same heads in your text',
    at: 'grid',
    words:
      'Real text repeats itself too. Token matching asks, wherever a token occurs again, how much of the head’s attention is on what followed it before. The cells that count are marked on the pattern.',
    look: (state) => ({ ...PLAIN, tab: 'detectors', head: inText(state), score: 'matching-induction' }),
    claim(state) {
      const name = inText(state);
      const at = parseHead(name);
      if (!state.detection || !at) return WAITING;
      const score = state.detection.token_matching.induction[at.layer][at.head];
      const uniform = state.detection.null.token_matching.induction;
      if (score === null || uniform === null)
        return claim(
          false,
          'No token of this text occurs twice, so that there is nothing to continue. Choose “A phrase, three times” above.',
        );
      const more = score > 2 * uniform;
      return claim(
        more,
        `Head ${name} scores ${figure(score)} on this text, where uniform attention would score ${figure(uniform)}${more ? '.' : ': on this text it hardly shows.'}`,
      );
    },
  },
  {
    title: 'Which head feeds it',
    at: 'composition',
    words:
      'To find the place after the earlier occurrence, each position has to carry which token stood before it. A head of an earlier layer writes that, and the keys of the induction head read it: K-composition says how much, beside what random heads would score.',
    look: (state) => ({ ...PLAIN, tab: 'circuits', head: feeder(state) }),
    claim(state) {
      const induction = inductionHead(state);
      const read = mostRead(state, induction);
      if (state.result?.model.config.n_layers === 1)
        return claim(false, 'This model has one layer: there is no earlier head to read from.');
      if (!read && latest(state, composition))
        return claim(
          false,
          induction
            ? `Head ${induction} is one of the first layer: there is no earlier head to read from.`
            : 'No head was found to ask this of.',
        );
      if (!read) return without(state, composition);
      const previous = previousHead(state);
      const same = read.name === previous;
      const which = same
        ? 'It is the head that looks at the previous token most.'
        : `That is not the head that looks at the previous token most, ${previous}.`;
      return claim(
        same && read.score > read.baseline,
        `The keys of ${induction} read ${read.name} most: ${figure(read.score, 3)}, where random heads score ${figure(read.baseline, 3)}. ${which}`,
      );
    },
  },
  {
    title: 'Switch it off',
    at: 'off',
    words:
      'If that head feeds the induction head, then without it the stripe should go, and the second copy should be as hard as the first.',
    look: (state) => {
      const head = feeder(state);
      return {
        ...PLAIN,
        tab: 'off',
        head: inductionHead(state),
        off: head ? [head] : [],
        ablation: 'zero',
        on: 'repeats',
      };
    },
    claim(state) {
      const induction = inductionHead(state);
      const at = parseHead(induction);
      const before = latest(state, repeated)?.value.strict;
      const after = latest(state, ablation);
      if (!before) return without(state, repeated);
      const { on, off } = state.view;
      if (!shownOn('off', state) || on !== 'repeats' || !off.length) return ELSEWHERE;
      if (!at || !after?.current || !after.value.strict) return without(state, ablation);
      const [full, left] = [before[at.layer][at.head], after.value.strict[at.layer][at.head]];
      const gone = left < full / 2;
      const loss = `the loss on the second copy ${after.value.lossIncrease < 0 ? 'falls' : 'rises'} by ${figure(Math.abs(after.value.lossIncrease))} nats`;
      return claim(
        gone,
        `With ${state.view.off.join(' and ')} off, the stripe of ${induction} goes from ${figure(full)} to ${figure(left)}, and ${loss}.${gone ? '' : ' The stripe stays: something else feeds it too.'}`,
      );
    },
  },
]);

/**
 * Keeps a step's view on what its claim is about: it is entered before its experiments are done, and the head
 * that it shows
 * may turn out to be another. What the visitor has changed, or a link has set, is left alone.
 * @param {() => State} getState @param {import('../state/state.js').Emit} emit
 */
export function createTouring(getState, emit) {
  /** @type {{ step: number | null, settings: Settings | null }} */ let at = { step: null, settings: null };
  /** @param {Settings} settings */
  const holds = (settings) => {
    const { view } = getState();
    return Object.entries(settings).every(
      ([name, value]) => JSON.stringify(view[/** @type {keyof Settings} */ (name)]) === JSON.stringify(value),
    );
  };
  return {
    update() {
      const state = getState();
      const { step } = state.view;
      const here = step === null ? undefined : STEPS[step];
      if (!here) return void (at = { step: null, settings: null });
      if (step === at.step && !at.settings) return;
      const look = here.look(state);
      if (step !== at.step) at = { step, settings: holds(look) ? look : null };
      else if (!at.settings || !holds(at.settings)) at = { step, settings: null };
      else if (JSON.stringify(look) !== JSON.stringify(at.settings)) {
        at = { step, settings: look };
        emit({ type: 'set', change: look });
      }
    },
  };
}

/**
 * What brings the page to a step.
 * @param {State} state
 * @param {number} step
 * @returns {import('../state/state.js').Action}
 */
export const entered = (state, step) => ({ type: 'set', change: { ...STEPS[step].look(state), step } });
