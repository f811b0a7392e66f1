/** A button that runs the sequences of repeated tokens, where they take long and wait for the visitor. */

import { counted } from '../base/format.js';
import { isAskedFor, repeated } from '../studies/repeated.js';
import { button, el, setText } from './dom.js';

/** @param {string} testid @param {import('../state/state.js').Emit} emit */
export function createAskRepeats(testid, emit) {
  const ask = button('', () => emit({ type: 'ask', study: repeated.kind }), {
    class: 'primary',
    'data-testid': testid,
  });
  const hint = 'They take long with this model, so a single sequence runs by itself.';
  const element = el(
    'p',
    { class: 'ask-repeats', hidden: true },
    ask,
    ' ',
    el('span', { class: 'hint' }, hint),
  );
  return {
    element,
    /** @param {import('../state/state.js').State} state */
    show(state) {
      const { batch, seqLen } = state.view;
      element.hidden = !isAskedFor(state);
      setText(ask, `Run ${counted(batch, 'sequence')} of ${counted(1 + 2 * seqLen, 'token')}`);
    },
  };
}
