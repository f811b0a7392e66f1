/**
 * Every head's strict stripe with the chosen heads off, and how much that is less than with all of them on.
 */

import { shownOn } from '../state/tabs.js';
import { ablation, unablated } from '../studies/ablation.js';
import { latest } from '../studies/study.js';
import { changed, el, once } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function offStripes(root, state, emit) {
  const parts = once(root, () => {
    const strict = createHeadmap(
      { title: 'Strict induction stripe without them', testid: 'off-strict' },
      emit,
    );
    const change = createHeadmap({ title: 'Change of the strict stripe', testid: 'off-change' }, emit);
    const maps = el('div', { class: 'maps', hidden: true }, strict.element, change.element);
    root.append(maps);
    return { strict, change, maps, memory: {} };
  });
  const { view, result } = state;
  if (!shownOn('off', state) || !result) return;
  const [all, without] = [latest(state, unablated), view.off.length ? latest(state, ablation) : null];
  const [before, after] = [all?.value.strict, without?.value.strict];
  const current = Boolean(all?.current && without?.current);
  parts.maps.hidden = !before || !after;
  parts.maps.classList.toggle('stale', !current);
  if (!current || !before || !after || !changed(parts.memory, before, after, view.head)) return;
  const subtitle = `${result.model.name}, repeated sequences, without ${view.off.join(', ')} (${view.ablation} ablation)`;
  const values = after.map((row, layer) => row.map((value, head) => value - before[layer][head]));
  const locked = view.head;
  parts.strict.show({
    values: after,
    unit: 'strict induction stripe',
    subtitle,
    file: 'headscope-strict-without',
    locked,
  });
  parts.change.show({
    values,
    differences: true,
    most: 1,
    unit: 'change of the strict induction stripe',
    subtitle,
    file: 'headscope-strict-change',
    locked,
  });
}
