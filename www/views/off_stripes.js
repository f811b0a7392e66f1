/** The strict induction score of every head after ablation, and its change. */

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
    const title = 'Strict induction score after ablation';
    const strict = createHeadmap({ title, testid: 'off-strict' }, emit);
    const change = createHeadmap({ title: 'Change of the score', testid: 'off-change' }, emit);
    const maps = el('div', { class: 'maps', hidden: true }, strict.element, change.element);
    root.append(maps);
    return { strict, change, maps, memory: {} };
  });
  const { view, result } = state;
  if (!shownOn('ablate', state) || !result) return;
  const [all, without] = [latest(state, unablated), view.off.length ? latest(state, ablation) : null];
  const [before, after] = [all?.value.strict, without?.value.strict];
  const current = Boolean(all?.current && without?.current);
  parts.maps.hidden = !before || !after;
  parts.maps.classList.toggle('stale', !current);
  if (!current || !before || !after || !changed(parts.memory, before, after, view.head)) return;
  const ablated = `without ${view.off.join(', ')} (${view.ablation} ablation)`;
  const shared = { subtitle: `${result.model.name}, repeated sequences, ${ablated}`, locked: view.head };
  parts.strict.show({
    ...shared,
    values: after,
    unit: 'strict induction stripe',
    file: 'headscope-strict-without',
  });
  parts.change.show({
    ...shared,
    values: after.map((row, layer) => row.map((value, head) => value - before[layer][head])),
    differences: true,
    most: 1,
    unit: 'change of the strict induction stripe',
    file: 'headscope-strict-change',
  });
}
