/** The position-by-position previous-token score of the heads of layer 0. */

import { positions as study } from '../studies/positions.js';
import { latest } from '../studies/study.js';
import { changed, el, once } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createStudyStatus } from '../ui/study_status.js';

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function positions(root, state, emit) {
  const parts = once(root, () => {
    const standing = createStudyStatus(study, 'Comparing positions', 'heads', emit);
    const map = createHeadmap(
      { title: 'Previous-token score by positions alone', testid: 'positions' },
      emit,
    );
    root.append(
      el('h2', { id: 'positions-title' }, 'Position by position'),
      el(
        'p',
        { class: 'hint' },
        'The mean weight on the previous position, over all positions the model has, if the queries and keys of layer 0 saw nothing but the positional embedding.',
      ),
      standing.element,
      map.element,
    );
    return { standing, map, memory: {} };
  });
  const { result, view } = state;
  parts.standing.show(state);
  const found = latest(state, study);
  parts.map.element.hidden = !found;
  if (!found || !result || !changed(parts.memory, found.value, view.head)) return;
  const { n_ctx } = result.model.config;
  parts.map.show({
    values: [found.value],
    unit: 'position-by-position previous-token score',
    subtitle: `${result.model.name}, ${n_ctx} positions`,
    file: 'headscope-positions',
    locked: view.head,
  });
}
