/** Heads switched off: which, how, measured on what, and what that does to the loss and to every score. */

import { changesOf, LEAST } from '../figures/changes.js';
import { toggled } from '../base/heads.js';
import { count, figure } from '../base/format.js';
import { shownOn } from '../state/tabs.js';
import { ablation, unablated } from '../studies/ablation.js';
import { repeated } from '../studies/repeated.js';
import { latest } from '../studies/study.js';
import { button, changed, el, once, previewHeads, setText } from '../ui/dom.js';
import { createSwitch, headLink } from '../ui/controls.js';
import { createHeadTable } from '../ui/head_table.js';
import { createStanding } from '../ui/study_status.js';

/** Rows shown before all are asked for. */
const FEW = 24;

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function off(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  parts.latest = state;
  const { view, result } = state;
  if (!shownOn('off', state) || !result) return;
  const { n_layers, n_heads } = result.model.config;
  parts.toggles.fit(n_layers, n_heads);
  if (changed(parts.ofToggles, view.off, n_layers, n_heads)) showToggles(parts, view.off);
  parts.kind.show(view.ablation);
  parts.on.show(view.on);
  parts.allOn.disabled = view.off.length === 0;
  parts.mean.hidden = !(view.ablation === 'mean' && (view.on === 'text' || view.batch === 1));
  for (const each of parts.standings) each.show(state);
  const any = view.off.length > 0;
  const [before, after] = [latest(state, unablated), any ? latest(state, ablation) : null];
  const current = Boolean(before?.current && (after?.current || !any));
  parts.results.hidden = !before || !after;
  for (const part of [parts.told, parts.results]) part.classList.toggle('stale', !current);
  if (!current || !before) return;
  setText(parts.told, toldOf(state, before.value, after?.value ?? null));
  setText(
    parts.first,
    view.on === 'repeats' && view.batch > 1
      ? 'The stripes are means over the draws; the other scores are those of the first draw.'
      : '',
  );
  if (after && changed(parts.ofTable, before.value, after.value, parts.all))
    showTable(parts, before.value, after.value, emit);
}

/** @param {Element} root @param {import('../state/state.js').Emit} emit */
function build(root, emit) {
  const toggles = createHeadTable(
    { title: 'Heads to switch off', testid: 'off-heads' },
    (head) => emit({ type: 'set', change: { off: toggled(parts.latest?.view.off ?? [], head) } }),
    emit,
  );
  toggles.element.classList.add('toggles');
  const kind = createSwitch(
    {
      legend: 'What a head’s output is replaced by',
      testid: 'off-kind',
      options: [
        { value: 'zero', label: 'to zero', title: 'Its output z is replaced by 0 at every position' },
        {
          value: 'mean',
          label: 'to the mean',
          title: 'Its output z is replaced by its mean over the draws, at every position',
        },
      ],
    },
    (ablation) => emit({ type: 'set', change: { ablation } }),
  );
  const on = createSwitch(
    {
      legend: 'What it is measured on',
      testid: 'off-on',
      options: [
        { value: 'repeats', label: 'repeated sequences', title: 'Those of the Repeats tab' },
        { value: 'text', label: 'your text', title: 'The text above' },
      ],
    },
    (on) => emit({ type: 'set', change: { on } }),
  );
  const allOn = button('All on again', () => emit({ type: 'set', change: { off: [] } }), {
    class: 'chip',
    'data-testid': 'off-none',
  });
  const mean = el(
    'p',
    { class: 'hint', 'data-testid': 'off-mean' },
    'The mean over a single sequence is that sequence’s own: mean ablation changes nothing here. Measure on repeated sequences, with more than one draw.',
  );
  const told = el('p', { class: 'sentence', role: 'status', 'data-testid': 'off-told' });
  const standings = [
    createStanding(repeated, 'Running the draws', 'draws', emit),
    createStanding(unablated, 'Running with every head', 'heads', emit),
    createStanding(ablation, 'Running without them', 'heads', emit),
  ];
  const first = el('p', { class: 'hint' });
  const body = el('tbody');
  const more = button(
    '',
    () => {
      parts.all = !parts.all;
      if (parts.latest) off(root, parts.latest, emit);
    },
    { class: 'link', 'data-testid': 'off-more' },
  );
  const titles = ['Head', 'Score', 'Before', 'After', 'Change'].map((title, at) =>
    el('th', { scope: 'col', class: at > 1 && 'figure' }, title),
  );
  previewHeads(body, emit);
  const table = el(
    'table',
    { class: 'listed', 'data-testid': 'off-table' },
    el('caption', { class: 'unseen' }, 'Every score before and after, the one that changed most first'),
    el('thead', {}, el('tr', {}, ...titles)),
    body,
  );
  const results = el(
    'div',
    { class: 'results', hidden: true },
    el('h3', {}, 'Every score beside the old one'),
    first,
    el(
      'div',
      { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Scores before and after' },
      table,
    ),
    more,
  );
  root.append(
    el('h2', { id: 'off-title' }, 'Switch heads off'),
    el(
      'p',
      { class: 'lead' },
      'A head that is off adds nothing of its own to the residual stream, and every later head has to do without it. Choose any set of heads.',
    ),
    toggles.element,
    el('div', { class: 'fields' }, kind.element, on.element, allOn),
    mean,
    ...standings.map(({ element }) => element),
    told,
    results,
  );
  const parts = {
    ...{ toggles, kind, on, allOn, mean, told, standings, first, body, more, results },
    latest: /** @type {import('../state/state.js').State | null} */ (null),
    all: false,
    ofToggles: {},
    ofTable: {},
  };
  return parts;
}

/** @param {ReturnType<typeof build>} parts @param {readonly string[]} off */
function showToggles({ toggles }, off) {
  for (const [name, toggle] of toggles.buttons) {
    const isOff = off.includes(name);
    setText(toggle, isOff ? `${name} off` : name);
    toggle.setAttribute('aria-pressed', String(isOff));
    toggle.setAttribute('aria-label', `Switch head ${name} off`);
  }
}

/**
 * @param {import('../state/state.js').State} state @param {import('../studies/ablation.js').Ablated} before
 * @param {import('../studies/ablation.js').Ablated | null} after
 */
function toldOf({ view, result }, before, after) {
  if (!result) return '';
  const on =
    view.on === 'text'
      ? `on ${result.seq === 2 ? 'the one prediction' : `all ${count(result.seq - 1)} predictions`} of your text`
      : `on the last ${view.seqLen === 2 ? 'prediction' : `${count(view.seqLen - 1)} predictions`} of ${view.batch === 1 ? 'the repeated sequence' : `${view.batch} repeated sequences`}`;
  if (!after) return `With every head on, the loss ${on} is ${figure(before.loss, 3)} nats.`;
  const heads = view.off.length === 1 ? `head ${view.off[0]}` : `heads ${view.off.join(', ')}`;
  return `Without ${heads}, the loss ${on} goes from ${figure(before.loss, 3)} to ${figure(after.loss, 3)} nats, a change of ${signed(after.lossIncrease)}.`;
}

/** @param {number} value */
const signed = (value) => `${value > LEAST ? '+' : ''}${figure(value, 3)}`;

/**
 * @param {ReturnType<typeof build>} parts @param {import('../studies/ablation.js').Ablated} before
 * @param {import('../studies/ablation.js').Ablated} after @param {import('../state/state.js').Emit} emit
 */
function showTable({ body, more, all }, before, after, emit) {
  const changes = changesOf(before, after);
  const moved = changes.filter(({ change }) => Math.abs(change) >= LEAST);
  const shown = all ? changes : moved.slice(0, FEW);
  const rows = shown.map(({ head, what, before: was, after: is, change }) => {
    const figures = [figure(was, 3), figure(is, 3), signed(change)].map((words) =>
      el('td', { class: 'figure' }, words),
    );
    return el('tr', {}, el('th', { scope: 'row' }, headLink(head, emit)), el('td', {}, what), ...figures);
  });
  if (!rows.length) rows.push(el('tr', {}, el('td', { colspan: 5 }, 'No score of any head changed.')));
  body.replaceChildren(...rows);
  setText(
    more,
    all
      ? 'Show those that changed most'
      : `Show all ${count(changes.length)} scores, ${count(moved.length)} of them changed`,
  );
  more.hidden = !all && changes.length === shown.length;
}
