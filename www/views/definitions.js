/**
 * The definitions of each kind of head, side by side: where they disagree about a head, and every figure of
 * the locked one.
 */

import { agreement, DEFINITIONS, disagree, firstBy } from '../figures/definitions.js';
import { KINDS } from '../figures/heads.js';
import { nameOf, parseHead } from '../base/heads.js';
import { counted, figure } from '../base/format.js';
import { overDraws, stripeNull } from '../figures/stripes.js';
import { besideNull, scoreOf, shortTitleOf, thresholdNameOf } from '../figures/scores.js';
import { thresholdsOf } from '../state/view.js';
import { options } from '../studies/options.js';
import { repeated } from '../studies/repeated.js';
import { found, latest } from '../studies/study.js';
import { columns } from '../figures/table.js';
import { button, changed, el, once, previewHeads, setText } from '../ui/dom.js';
import { headLink } from '../ui/controls.js';
import { createStudyStatus } from '../ui/study_status.js';

/**
 * @typedef {import('../figures/heads.js').Detection} Detection
 * @typedef {{ id: string, value: number | null, nullLine: number | null, sd: number | null }} Measured
 * @typedef
 *   {{ detection: Detection, extra: import('../studies/options.js').Options | null, repeats: import('../engine/experiments.js').Repeated | null }}
 *   Sources
 */

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function definitions(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { detection, view } = state;
  parts.standing.show(state);
  if (!detection) return;
  const repeats = latest(state, repeated)?.value ?? null;
  const extra = found(state, options);
  const sources = { detection, extra, repeats };
  if (changed(parts.ofMap, detection, repeats, view.active, view.fraction, view.mean))
    showMap(parts, sources, view, emit);
  if (
    changed(
      parts.ofHead,
      detection,
      repeats,
      extra,
      view.head,
      view.score,
      view.active,
      view.fraction,
      view.mean,
    )
  )
    showHead(parts, sources, view, emit);
  for (const row of parts.map.rows) row.classList.toggle('locked', row.dataset.head === view.head);
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const map = el('tbody');
  previewHeads(map, emit);
  const first = el('tr', { 'data-testid': 'ranked-first' });
  previewHeads(first, emit);
  const names = KINDS.map(({ label }) => el('th', { scope: 'col' }, label));
  const overview = el(
    'table',
    { class: 'agreement', 'data-testid': 'agreement' },
    el(
      'caption',
      { class: 'unseen' },
      'How many definitions of each kind name each head, and where they disagree',
    ),
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Head'), ...names)),
    map,
    el('tfoot', {}, first),
  );
  const standing = createStudyStatus(repeated, 'Running repeated sequences', 'draws', emit);
  const stripes = el('p', { class: 'hint', 'data-testid': 'definitions-stripes' });
  const open = button('Run repeated sequences', () => emit({ type: 'ask', study: repeated.kind }), {
    class: 'link',
    'data-testid': 'definitions-repeats',
  });
  const title = el('h3');
  const body = el('tbody');
  const heads = ['Definition', 'Score', 'Null line', 'Threshold', 'Verdict'].map((words) =>
    el('th', { scope: 'col' }, words),
  );
  const table = el(
    'table',
    { class: 'definitions-of', 'data-testid': 'definitions-of' },
    el('caption', { class: 'unseen' }, 'Every definition on the head that is kept'),
    el('thead', {}, el('tr', {}, ...heads)),
    body,
  );
  root.append(
    el('h2', { id: 'definitions-title' }, 'Definitions side by side'),
    el(
      'p',
      { class: 'hint' },
      'How many of the definitions that have a threshold name a head. ',
      el('b', {}, '≠'),
      ' where one names it and another does not, ',
      el('b', {}, '≠ stripes'),
      ' where one stripe is at least twice the other, ',
      el('b', {}, '≠ null line'),
      ' where detect_head’s mul, which has no threshold, is not above uniform attention and another speaks for the head. ' +
        'A definition that uniform attention passes on this text has no say. The last row has the head that each definition ranks first.',
    ),
    el('div', { class: 'stripes-told' }, stripes, open, standing.element),
    el(
      'div',
      { class: 'side-by-side' },
      el(
        'div',
        { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Table of agreement, every head' },
        overview,
      ),
      el(
        'div',
        {
          class: 'scroller',
          tabindex: 0,
          role: 'region',
          'aria-label': 'Table of definitions, the head that is kept',
        },
        title,
        table,
      ),
    ),
  );
  return { map, first, standing, stripes, open, title, table, body, ofMap: {}, ofHead: {} };
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Sources} sources
 * @param {import('../state/view.js').View} view
 * @param {import('../state/state.js').Emit} emit
 */
function showMap({ map, first, stripes, open }, sources, view, emit) {
  const { detection, repeats } = sources;
  const thresholds = thresholdsOf(view);
  setText(
    stripes,
    repeats
      ? `Stripes: ${counted(repeats.tokens.length, 'draw')} of ${(repeats.tokens[0].length - 1) / 2} tokens, said twice. `
      : 'The stripes are missing. ',
  );
  open.hidden = Boolean(repeats);
  map.replaceChildren(
    ...detection.mean.current.flatMap((heads, layer) =>
      heads.map((_, head) => {
        const name = nameOf(layer, head);
        const cells = KINDS.map(({ kind }) => {
          const told = agreement(measuredOf(sources, kind, layer, head), thresholds);
          const named = told.votes.filter((vote) => vote.named).length;
          const differs = disagree(told);
          const words = told.votes.length ? `${named} of ${told.votes.length}` : '–';
          const why = [
            ...told.votes.map((vote) => `${shortTitleOf(scoreOf(vote.id))}: ${vote.named ? 'yes' : 'no'}`),
            ...told.sides.map(
              (side) => `${shortTitleOf(scoreOf(side.id))}: ${figure(side.times, 1)} times its null line`,
            ),
          ].join('; ');
          const short = told.atThresholds ? '≠' : told.stripes ? '≠ stripes' : '≠ null line';
          const mark = differs
            ? el(
                'span',
                { class: 'differs', title: differing(told) },
                short,
                el('span', { class: 'unseen' }, ' they disagree'),
              )
            : null;
          return el('td', { class: named ? 'some' : false, title: why, 'data-kind': kind }, words, mark);
        });
        return el('tr', { 'data-head': name }, el('th', { scope: 'row' }, headLink(name, emit)), ...cells);
      }),
    ),
  );
  first.replaceChildren(
    el('th', { scope: 'row' }, 'First'),
    ...KINDS.map(({ kind }) => el('td', { 'data-kind': kind }, ...firstOf(sources, kind, emit))),
  );
}

/**
 * How definitions disagree about a head, in words.
 * @param {import('../figures/definitions.js').Agreement} told
 */
const differing = ({ atThresholds, nullLines, stripes }) =>
  [
    atThresholds && 'they disagree at the thresholds',
    nullLines && 'by mul it is not above uniform attention, and another speaks for it',
    stripes && 'one stripe is at least twice the other',
  ]
    .filter(Boolean)
    .join('; ');

/**
 * The head that each definition ranks first.
 * @param {Sources} sources
 * @param {import('../figures/heads.js').Kind} kind
 * @param {import('../state/state.js').Emit} emit
 */
function firstOf({ detection, repeats }, kind, emit) {
  const definitions = DEFINITIONS[kind].flatMap((id) => {
    const scores =
      id === 'stripe' || id === 'strict'
        ? repeats?.[id]
        : columns.find((column) => column.id === id)?.scores(detection);
    return scores ? [{ id, scores }] : [];
  });
  const found = firstBy(definitions);
  if (!found.length) return ['–'];
  const apart = found.length > 1;
  return [
    ...found.map(({ head, ids }) => {
      const by = ids.map((id) => shortTitleOf(scoreOf(id))).join(', ');
      return el(
        'span',
        { class: 'ranked' },
        headLink(head, emit),
        ` ${apart ? `by ${by}` : ids.length === 1 ? 'by the one there is' : `by all ${ids.length}`}`,
      );
    }),
    apart ? el('span', { class: 'differs' }, '≠', el('span', { class: 'unseen' }, ' they disagree')) : null,
  ];
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Sources} sources
 * @param {import('../state/view.js').View} view
 * @param {import('../state/state.js').Emit} emit
 */
function showHead({ title, table, body }, sources, view, emit) {
  const at = parseHead(view.head);
  table.hidden = !at;
  setText(title, at ? `Head ${view.head}` : 'Choose a head to see each of its figures');
  if (!at) return;
  const thresholds = thresholdsOf(view);
  const { activeElement } = document;
  const focused =
    activeElement instanceof HTMLElement && body.contains(activeElement)
      ? activeElement.dataset.score
      : undefined;
  body.replaceChildren(
    ...KINDS.flatMap(({ kind, label }) => {
      const measured = measuredOf(sources, kind, at.layer, at.head);
      const told = agreement(measured, thresholds);
      const differs = disagree(told) ? ` ≠ ${differing(told)}` : '';
      const heading = el(
        'th',
        { scope: 'colgroup', colspan: 5 },
        label,
        el('span', { class: 'differs' }, differs),
      );
      return [
        el('tr', { class: 'kind-row', 'data-kind': kind }, heading),
        ...measured.map((one) => rowOf(one, told, thresholds, view, emit)),
      ];
    }),
  );
  const again = focused ? body.querySelector(`button[data-score="${focused}"]`) : null;
  if (again instanceof HTMLElement) again.focus();
}

/**
 * @param {Measured} measured
 * @param {import('../figures/definitions.js').Agreement} told
 * @param {import('../figures/heads.js').Thresholds} thresholds
 * @param {import('../state/view.js').View} view @param {import('../state/state.js').Emit} emit
 */
function rowOf({ id, value, nullLine, sd }, told, thresholds, view, emit) {
  const score = scoreOf(id);
  const name = thresholdNameOf(score);
  const vote = told.votes.find((other) => other.id === id);
  const verdict = vote
    ? vote.named
      ? 'named'
      : 'not named'
    : name && value !== null
      ? 'no say: its null line passes'
      : (besideNull(score, value, nullLine) ?? '');
  const choose = button(
    shortTitleOf(score),
    () => emit({ type: 'set', change: { score: view.score === id ? null : id } }),
    {
      class: 'head-link',
      'aria-pressed': String(view.score === id),
      'data-score': id,
      title: 'Mark its cells on the pattern',
      'data-testid': `definition-${id}`,
    },
  );
  return el(
    'tr',
    { 'data-score': id },
    el('th', { scope: 'row' }, choose),
    el(
      'td',
      {},
      figure(value, id.includes('abs') ? 3 : 4),
      sd === null ? null : el('span', { class: 'sd' }, ` ± ${figure(sd, 4)}`),
    ),
    el('td', {}, figure(nullLine, 3)),
    el('td', {}, name ? figure(thresholds[name]) : ''),
    el('td', { class: vote?.named ? 'named' : false }, verdict),
  );
}

/**
 * Every definition of a kind on one head.
 * @param {Sources} sources
 * @param {import('../figures/heads.js').Kind} kind
 * @param {number} layer
 * @param {number} head
 * @returns {Measured[]}
 */
function measuredOf({ detection, extra, repeats }, kind, layer, head) {
  const own = extra?.head === nameOf(layer, head) ? extra.scores : {};
  return DEFINITIONS[kind].map((id) => {
    const column = columns.find((other) => other.id === id);
    if (column)
      return {
        id,
        value: column.scores(detection)[layer]?.[head] ?? null,
        nullLine: column.nullLine(detection),
        sd: null,
      };
    if (id === 'stripe' || id === 'strict') {
      const over = repeats && overDraws(id, repeats, nameOf(layer, head));
      return {
        id,
        value: over?.value ?? null,
        nullLine: repeats && stripeNull(id, repeats),
        sd: over?.sd ?? null,
      };
    }
    return { id, value: own[id]?.value ?? null, nullLine: own[id]?.nullLine ?? null, sd: null };
  });
}
