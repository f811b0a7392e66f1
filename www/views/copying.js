/** OV copying: a choice of heads, and the count over the whole vocabulary when it is asked for. */

import { count, figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { copying as study } from '../studies/copying.js';
import { copyingMap } from '../studies/copying_map.js';
import { isAsked, latest } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

const HINT = [
  '[Copying] is the share of the vocabulary that heads copy: if they attend to a token, they raise the logit',
  'of this token more than any other. The matrix W_E W_V W_O W_U is never stored; its diagonal is compared',
  'row by row.',
].join(' ');

/** @typedef {import('../state/state.js').State} State */

/**
 * @param {Element} root
 * @param {State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function copying(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { view, result, studying } = state;
  if (!result) return;
  const { n_layers, n_heads, d_vocab } = result.model.config;
  if (changed(parts.ofShape, n_layers, n_heads)) showHeads(parts, n_layers, n_heads, emit);
  showMap(parts, state);
  for (const { name, input } of parts.boxes) input.checked = view.copying.includes(name);
  parts.status.show(state);
  const found = latest(state, study);
  const atWork = Boolean(studying[study.kind]);
  parts.ask.disabled = view.copying.length === 0 || Boolean(found?.current) || atWork;
  setText(parts.ask, view.copying.length ? `Count over ${count(d_vocab)} tokens` : 'Choose heads to count');
  parts.sentence.classList.toggle('faded', Boolean(found && !found.current));
  setText(parts.sentence, found ? sentenceOf(found.value, d_vocab) : '');
}

/** The map of every head by itself. @param {ReturnType<typeof build>} parts @param {State} state */
function showMap({ map, mapStatus, mapAsk, ofMap }, state) {
  const { result, view, studying } = state;
  if (!result) return;
  mapStatus.show(state);
  const found = latest(state, copyingMap);
  mapAsk.hidden = Boolean(found) || isAsked(state, copyingMap) || Boolean(studying[copyingMap.kind]);
  map.element.hidden = !found;
  if (!found || !changed(ofMap, found.value, view.head)) return;
  map.show({
    values: found.value,
    unit: 'share of the vocabulary that the head copies, top 1',
    subtitle: `${result.model.name}, ${count(result.model.config.d_vocab)} tokens`,
    file: 'headscope-copying',
    locked: view.head,
  });
}

/** @param {import('../studies/copying.js').Copied} value @param {number} vocabulary */
function sentenceOf({ heads, top1, top5 }, vocabulary) {
  const which = heads.length === 1 ? `Head ${heads[0]}` : `Heads ${heads.join(', ')} together`;
  const percent = (/** @type {number} */ share) => `${figure(share * 100, 2)} %`;
  return [
    `${which}: attending to a token raises the logit of this token most for ${percent(top1)}`,
    `of ${count(vocabulary)} tokens (top-1 ${figure(top1, 4)}),`,
    `and among the five most for ${percent(top5)} (top-5 ${figure(top5, 4)}).`,
  ].join(' ');
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const map = createHeadmap({ title: 'Copying of each head, top 1', testid: 'copying-each' }, emit);
  const mapStatus = createStudyStatus(copyingMap, 'Counting for every head', 'heads', emit);
  const mapAsk = button('Count for every head', () => emit({ type: 'ask', study: copyingMap.kind }), {
    class: 'chip',
    'data-testid': 'copying-each-ask',
  });
  const together = el('h3', {}, 'Heads together');
  const group = el('fieldset', { class: 'head-boxes' });
  const ask = button('', () => emit({ type: 'ask', study: study.kind }), {
    class: 'chip',
    'data-testid': 'copying-ask',
  });
  const status = createStudyStatus(study, 'Counting', 'tokens', emit);
  const sentence = el('p', { class: 'told', role: 'status', 'data-testid': 'copying-told' });
  root.append(
    ...introduction('copying-title', 'OV copying', HINT, 'hint'),
    ...[mapAsk, mapStatus.element, map.element, together, group],
    ask,
    status.element,
    sentence,
  );
  /** @type {{ name: string, input: HTMLInputElement }[]} */ const boxes = [];
  return {
    map,
    mapStatus,
    mapAsk,
    ofMap: {},
    group,
    ask,
    status,
    sentence,
    boxes,
    latest: state,
    ofShape: {},
  };
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {string} name
 * @param {import('../state/state.js').Emit} emit
 */
function boxOf(parts, name, emit) {
  const input = el('input', { type: 'checkbox', 'data-testid': `copying-${name}` });
  input.addEventListener('change', () => {
    const others = parts.latest.view.copying.filter((other) => other !== name);
    // Another choice is another count, which has to be asked for.
    emit({ type: 'stop study', study: study.kind });
    emit({ type: 'set', change: { copying: input.checked ? [...others, name] : others } });
  });
  return { name, input, label: el('label', {}, input, ` ${name}`) };
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {number} nLayers
 * @param {number} nHeads
 * @param {import('../state/state.js').Emit} emit
 */
function showHeads(parts, nLayers, nHeads, emit) {
  const rows = Array.from({ length: nLayers }, (_, layer) =>
    Array.from({ length: nHeads }, (_, head) => boxOf(parts, nameOf(layer, head), emit)),
  );
  parts.boxes = rows.flat();
  parts.group.replaceChildren(
    el('legend', { class: 'unseen' }, 'Heads to count together'),
    ...rows.map((boxes, layer) => {
      const labels = boxes.map(({ label }) => label);
      return el('div', { class: 'head-row' }, el('span', { class: 'hint' }, `Layer ${layer}`), ...labels);
    }),
  );
}
