/** OV copying: which heads, asked for over the whole vocabulary, with progress and a way to stop. */

import { count, figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { copying as study } from '../studies/copying.js';
import { latest } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createStudyStatus } from '../ui/study_status.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function copying(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { view, result, studying } = state;
  if (!result) return;
  const { n_layers, n_heads, d_vocab } = result.model.config;
  if (changed(parts.ofShape, n_layers, n_heads)) showHeads(parts, n_layers, n_heads, emit);
  for (const { name, input } of parts.boxes) input.checked = view.copying.includes(name);
  parts.standing.show(state);
  const found = latest(state, study);
  const fits = found?.current && !studying[study.kind];
  parts.ask.disabled = view.copying.length === 0 || Boolean(fits) || Boolean(studying[study.kind]);
  setText(parts.ask, view.copying.length ? `Count over ${count(d_vocab)} tokens` : 'Choose heads to count');
  parts.told.classList.toggle('faded', Boolean(found && !found.current));
  if (!found) return setText(parts.told, '');
  const { heads, top1, top5 } = found.value;
  const which = heads.length === 1 ? `Head ${heads[0]}` : `Heads ${heads.join(', ')} together`;
  setText(
    parts.told,
    `${which}: of ${count(d_vocab)} tokens, ${figure(top1 * 100, 2)} % are raised most by attending to themselves (top-1 ${figure(top1, 4)}), and ${figure(top5 * 100, 2)} % are among the five raised most (top-5 ${figure(top5, 4)}).`,
  );
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const group = el('fieldset', { class: 'head-boxes' });
  const ask = button('', () => emit({ type: 'ask', study: study.kind }), {
    class: 'chip',
    'data-testid': 'copying-ask',
  });
  const standing = createStudyStatus(study, 'Counting', 'tokens', emit);
  const told = el('p', { class: 'told', role: 'status', 'data-testid': 'copying-told' });
  root.append(
    el('h2', { id: 'copying-title' }, 'OV copying'),
    el(
      'p',
      { class: 'hint' },
      'For each token of the vocabulary: if the chosen heads, together, attend to it, is it the one whose logit they raise most? The matrix W_E W_V W_O W_U is never stored; its diagonal is counted row by row.',
    ),
    group,
    ask,
    standing.element,
    told,
  );
  /** @type {{ name: string, input: HTMLInputElement }[]} */ const boxes = [];
  return { group, ask, standing, told, boxes, latest: state, ofShape: {} };
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {number} nLayers
 * @param {number} nHeads
 * @param {import('../state/state.js').Emit} emit
 */
function showHeads(parts, nLayers, nHeads, emit) {
  const rows = Array.from({ length: nLayers }, (_, layer) => {
    const boxes = Array.from({ length: nHeads }, (_, head) => {
      const name = nameOf(layer, head);
      const input = el('input', { type: 'checkbox', 'data-testid': `copying-${name}` });
      input.addEventListener('change', () => {
        const others = parts.latest.view.copying.filter((other) => other !== name);
        // Another choice is another count: it is asked for anew.
        emit({ type: 'stop study', study: study.kind });
        emit({ type: 'set', change: { copying: input.checked ? [...others, name] : others } });
      });
      return { name, input, label: el('label', {}, input, ` ${name}`) };
    });
    return {
      boxes,
      row: el(
        'div',
        { class: 'head-row' },
        el('span', { class: 'hint' }, `Layer ${layer}`),
        ...boxes.map(({ label }) => label),
      ),
    };
  });
  parts.boxes = rows.flatMap(({ boxes }) => boxes);
  parts.group.replaceChildren(
    el('legend', { class: 'unseen' }, 'Heads to count together'),
    ...rows.map(({ row }) => row),
  );
}
