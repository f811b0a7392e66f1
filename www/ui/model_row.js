/** A model's row in the model panel: what it is, what it needs, and what can be done with it. */

import { size } from '../base/format.js';
import { inUse, memoryWarning } from '../state/library.js';
import { answer } from '../studies/answer.js';
import { found } from '../studies/study.js';
import { button, el } from './dom.js';
import { publishedHeads } from './published_heads.js';

/**
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/library.js').Listed} Listed
 * @typedef {(command: import('../state/state.js').Action | import('../models/models.js').Command) => void}
 *   Emit
 */

/** Where a model is, and its size. @param {Listed} listed @param {State} state */
function whereabouts(listed, state) {
  const { library } = state;
  const about = listed.exact ? '' : 'about ';
  const all = `${about}${size(listed.bytes)}`;
  const using = inUse(state, listed.id) ? 'In use. ' : '';
  if (library.inMemory.includes(listed.id)) return `${using}In memory until this page is closed, ${all}`;
  if (listed.place === 'site') return `${using}Comes with this page, ${all}`;
  const deletable = using && '. To delete it, use another model first';
  if (listed.whole) return `${using}In this browser, ${size(listed.here)}${deletable}`;
  return listed.here
    ? `${using}To download: ${size(listed.bytes - listed.here)} of ${all} are missing`
    : `${using}To download: ${all} from huggingface.co`;
}

/** What half precision does. */
export const HALF = 'Weights in f32 are rounded to 16 bits: half the memory, and slightly different figures';

/** What a model needs and under which licence it is, in words. @param {Listed} listed */
function facts({ memory, dtype, licence }) {
  const weights =
    memory === null ? '' : `Memory for its weights: ${size(memory)}${dtype ? ` in ${dtype}` : ''}. `;
  return `${weights}${licence ? `Licence: ${licence}.` : ''}`.trim();
}

/**
 * The induction scores that this page measured on a model; null for a model that is not in use.
 * @param {Listed} listed @param {State} state
 */
const measured = ({ id }, state) =>
  (state.result?.model.id === id && found(state, answer)?.repeats.stripe) || null;

/** @param {Listed} listed @param {State} state @param {Emit} emit */
export function modelRow(listed, state, emit) {
  const { library, view } = state;
  const { id, name } = listed;
  const here = listed.whole || library.inMemory.includes(id);
  const busy = library.download !== null;
  const acts = [];
  const warning = here ? null : memoryWarning(listed, deviceMemory());
  const lines = [
    whereabouts(listed, state),
    facts(listed),
    ...publishedHeads(listed, measured(listed, state)),
  ];
  if (here && view.model !== id)
    acts.push(
      button('Use', () => emit({ type: 'open model', model: id }), {
        class: 'chip',
        'aria-label': `Use ${name}`,
      }),
    );
  // Matrices in f16 and bf16 take no more at half precision.
  const halves = here && (listed.dtype ?? 'f32') === 'f32' && listed.place !== 'site';
  if (halves && view.model !== id)
    acts.push(
      button('Use at half precision', () => emit({ type: 'open model', model: id, precision: 'half' }), {
        class: 'chip',
        'aria-label': `Use ${name} at half precision`,
        title: HALF,
      }),
    );
  if (!here) {
    const left = size(listed.bytes - listed.here);
    const [words, label] = listed.here
      ? [`Resume download (${left} left)`, `Resume download of ${name}, ${left} left`]
      : [`Download (${left})`, `Download ${name}, ${left}`];
    acts.push(
      button(words, () => emit({ type: 'download model', model: id }), {
        class: 'chip',
        disabled: busy,
        'aria-label': label,
      }),
    );
  }
  if (listed.place === 'hub' && listed.here)
    acts.push(
      button('Delete', () => emit({ type: 'delete model', model: id }), {
        class: 'quiet',
        disabled: library.download?.id === id || inUse(state, id),
        'aria-label': `Delete ${name} from this browser`,
      }),
    );
  return el(
    'li',
    { 'data-testid': 'listed', 'data-model': id, class: view.model === id ? 'in-use' : false },
    el(
      'div',
      {},
      el('p', { class: 'name' }, name),
      ...lines.filter(Boolean).map((line) => el('p', { class: 'hint' }, line)),
      warning ? el('p', { class: 'hint warning', 'data-testid': 'memory-warning' }, warning) : null,
    ),
    el('div', { class: 'acts' }, ...acts),
    el('div', { class: 'row-problems', role: 'alert', 'data-problems': id }),
  );
}

/** GiB of the device's memory, as far as the browser tells. @returns {number | undefined} */
const deviceMemory = () => /** @type {{ deviceMemory?: number }} */ (navigator).deviceMemory;
