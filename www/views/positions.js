/** The position-by-position previous-token score of the heads of layer 0. */

import { positions as study } from '../studies/positions.js';
import { latest } from '../studies/study.js';
import { changed, once } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

const HINT = [
  'The mean weight on the previous position, over all positions of the model, if the queries and keys of',
  'layer 0 saw only the positional embedding.',
].join(' ');

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function positions(root, state, emit) {
  const parts = once(root, () => {
    const status = createStudyStatus(study, 'Comparing positions', 'heads', emit);
    const title = 'Previous-token score from positions alone';
    const map = createHeadmap({ title, testid: 'positions' }, emit);
    root.append(
      ...introduction('positions-title', 'Position by position', HINT, 'hint'),
      status.element,
      map.element,
    );
    return { status, map, memory: {} };
  });
  const { result, view } = state;
  parts.status.show(state);
  const found = latest(state, study);
  parts.map.element.hidden = !found;
  if (!found || !result || !changed(parts.memory, found.value, view.head)) return;
  parts.map.show({
    values: [found.value],
    unit: 'position-by-position previous-token score',
    subtitle: `${result.model.name}, ${result.model.config.n_ctx} positions`,
    file: 'headscope-positions',
    locked: view.head,
  });
}
