/** The panel of models: those of the catalogue, downloaded or not, and the visitor's own files. */

import { figure, megabytes } from '../base/format.js';
import { inUse } from '../state/library.js';
import { rowOf } from '../state/problems.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { problemElement } from '../ui/problem.js';

/**
 * @typedef {import('../state/state.js').State} State
 * @typedef {import('../state/library.js').Listed} Listed
 * @typedef {(command: import('../state/state.js').Action | import('../models/models.js').Command) => void}
 *   Emit
 */

const OWN_FILES =
  'Drop weights (.pth or .safetensors with TransformerLens’ names) anywhere on this page, or choose them. ' +
  'Add the model’s config.json and tokenizer.json if you have them, in any order. The files stay on this ' +
  'machine. Without a tokenizer the text box takes token ids.';

/** @param {number} bytes */
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${megabytes(bytes)} MB`);

/** @param {number} seconds */
const duration = (seconds) =>
  seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;

/** The published heads of a model, in a sentence. @param {Listed} listed */
function published({ published: said }) {
  if (!said) return '';
  if (said.words) return said.words;
  const kinds = /** @type {const} */ ([
    ['previous', 'previous token'],
    ['current', 'current token'],
    ['first', 'first token'],
  ])
    .filter(([kind]) => said.dominant?.[kind]?.length)
    .map(([kind, words]) => `${words} ${said.dominant?.[kind]?.join(', ')}`);
  if (said.induction?.length) kinds.unshift(`induction ${said.induction.join(', ')}`);
  return kinds.length ? `Published heads: ${kinds.join('; ')}.` : '';
}

/** Where a model is, and its size. @param {Listed} listed @param {State} state */
function whereabouts(listed, state) {
  const { library } = state;
  const about = listed.exact ? '' : 'about ';
  const all = `${about}${size(listed.bytes)}`;
  const using = inUse(state, listed.id) ? 'In use. ' : '';
  if (library.inMemory.includes(listed.id)) return `${using}In memory until this page is closed, ${all}`;
  if (listed.place === 'site') return `${using}Comes with this page, ${all}`;
  const deletable = using && '. It can be deleted once another model is used';
  if (listed.whole) return `${using}In this browser, ${size(listed.here)}${deletable}`;
  return listed.here
    ? `${using}To download: ${size(listed.bytes - listed.here)} of ${all} are missing`
    : `${using}To download: ${all} from huggingface.co`;
}

/** @param {Element} root @param {State} state @param {Emit} emit */
export function models(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { library, view, phase } = state;
  if (root instanceof HTMLElement) root.hidden = !library.open;
  if (!library.open) return;
  const ofRows = [library.listed, library.inMemory, library.download?.id, view.model, state.model?.id];
  if (changed(parts.ofList, ...ofRows)) {
    showList(parts.list, state, emit);
    parts.ofProblems = {};
  }
  if (changed(parts.ofProblems, state.problems, state.refused, state.engine)) showProblems(root, state, emit);
  if (changed(parts.ofDownload, library.download)) showDownload(parts, library.download);
  setText(parts.note, library.note ?? '');
  setText(parts.loaded, found(state));
  if (changed(parts.ofOwn, library.own, library.reading, phase)) showOwn(parts.own, state);
  if (!changed(parts.ofQuestion, library.question)) return;
  showQuestion(parts.question, library.question, emit);
  if (library.question) parts.question.scrollIntoView({ block: 'nearest' });
}

/** @param {Element} root @param {Emit} emit */
function build(root, emit) {
  const list = el('ul', { class: 'catalogue' });
  const bar = el('progress', { 'aria-label': 'Downloaded' });
  const line = el('p', { role: 'status', class: 'doing', 'data-testid': 'download-line' });
  const stop = button('Stop', () => emit({ type: 'stop download' }), {
    class: 'quiet',
    'data-testid': 'stop-download',
  });
  const download = el('div', { class: 'download', hidden: true }, bar, line, stop);
  const note = el('p', { class: 'hint', role: 'status', 'data-testid': 'models-note' });
  const loaded = el('p', { class: 'hint loaded', role: 'status', 'data-testid': 'loaded' });
  const input = el('input', {
    type: 'file',
    multiple: true,
    id: 'own-files',
    accept: '.pth,.pt,.bin,.ckpt,.safetensors,.json',
    class: 'unseen',
    'data-testid': 'own-files',
  });
  input.addEventListener('change', () => {
    emit({ type: 'own files', files: [...(input.files ?? [])] });
    input.value = ''; // the same file again is a choice too
  });
  const own = el('p', { class: 'own', role: 'status', 'data-testid': 'own' });
  const question = el('fieldset', { class: 'question', hidden: true, 'data-testid': 'question' });
  const close = button('Close', () => emit({ type: 'show models', open: false }), { class: 'quiet' });
  root.addEventListener('keydown', (event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== 'Escape') return;
    event.preventDefault();
    emit({ type: 'show models', open: false });
    const opener = document.querySelector('[aria-controls="models"]');
    if (opener instanceof HTMLElement) opener.focus();
  });
  root.append(
    el('div', { class: 'section-head' }, el('h2', { id: 'models-title' }, 'Models'), close),
    list,
    download,
    note,
    loaded,
    el(
      'div',
      { class: 'own-files' },
      el('h3', {}, 'Your own'),
      el('p', { class: 'hint' }, OWN_FILES),
      el('p', {}, input, el('label', { for: 'own-files', class: 'chip' }, 'Choose files')),
      own,
      el('div', { class: 'row-problems', role: 'alert', 'data-problems': 'own' }),
      question,
    ),
  );
  return {
    list,
    download,
    bar,
    line,
    stop,
    note,
    loaded,
    own,
    question,
    ofList: {},
    ofProblems: {},
    ofDownload: {},
    ofOwn: {},
    ofQuestion: {},
  };
}

/**
 * Shows each problem of a model in its row, and those of own files beside them, within the window.
 * @param {Element} root @param {State} state @param {Emit} emit
 */
function showProblems(root, state, emit) {
  for (const place of root.querySelectorAll('[data-problems]')) {
    const row = place.getAttribute('data-problems');
    const here = state.problems.filter((problem) => rowOf(state, problem) === row);
    place.replaceChildren(...here.map((problem) => problemElement(problem, state, act)));
    if (here.length) place.scrollIntoView({ block: 'nearest' });
  }
  /** Every command of a remedy is one of the page's. @param {import('../state/errors.js').Command} command */
  function act(command) {
    emit(/** @type {Parameters<Emit>[0]} */ (command));
  }
}

/** @param {HTMLElement} list @param {State} state @param {Emit} emit */
function showList(list, state, emit) {
  const { library, view } = state;
  const focused =
    document.activeElement instanceof HTMLElement && list.contains(document.activeElement)
      ? document.activeElement.closest('li')?.dataset.model
      : undefined;
  if (!library.listed) list.replaceChildren(el('li', { class: 'hint' }, 'Reading the catalogue …'));
  else list.replaceChildren(...library.listed.map((listed) => row(listed, state, emit)));
  const again = focused
    ? list.querySelector(`li[data-model="${CSS.escape(focused)}"] button:not(:disabled)`)
    : null;
  if (again instanceof HTMLElement) again.focus();
  list.classList.toggle('choosing', view.model !== '');
}

/** @param {Listed} listed @param {State} state @param {Emit} emit */
function row(listed, state, emit) {
  const { library, view } = state;
  const { id, name } = listed;
  const here = listed.whole || library.inMemory.includes(id);
  const busy = library.download !== null;
  const acts = [];
  if (here && view.model !== id)
    acts.push(
      button('Use', () => emit({ type: 'open model', model: id }), {
        class: 'chip',
        'aria-label': `Use ${name}`,
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
      el('p', { class: 'hint' }, whereabouts(listed, state)),
      published(listed) ? el('p', { class: 'hint' }, published(listed)) : null,
    ),
    el('div', { class: 'acts' }, ...acts),
    el('div', { class: 'row-problems', role: 'alert', 'data-problems': id }),
  );
}

/**
 * @param {{ download: HTMLElement, bar: HTMLProgressElement, line: HTMLElement }} parts
 * @param {import('../state/library.js').Download | null} download
 */
function showDownload({ download: place, bar, line }, download) {
  place.hidden = !download;
  if (!download) return setText(line, '');
  const { name, loaded, total, rate, left, waiting } = download;
  Object.assign(bar, { max: Math.max(1, total), value: loaded });
  const speed = rate === null ? '' : `, ${figure(rate / 1e6, 1)} MB/s`;
  const rest = left === null ? '' : `, ${duration(left)}`;
  if (waiting)
    return setText(line, `${name}: another tab is downloading it. This page uses it once it is there …`);
  setText(
    line,
    loaded >= total && total > 0
      ? `${name}: checking what arrived …`
      : `${name}: ${megabytes(loaded)} of ${megabytes(total)} MB${speed}${rest}`,
  );
}

/** How the files of the model in use loaded, in words. @param {State} state */
function found({ model }) {
  if (!model) return '';
  const note = model.tokenizerNote ? ` ${model.tokenizerNote}` : '';
  return `In use: ${model.name}. ${model.keys}.${note} sha256 ${model.sha256}`;
}

/** @param {HTMLElement} place @param {State} state */
function showOwn(place, { library: { own, reading }, phase }) {
  const given = /** @type {const} */ (['weights', 'config', 'tokenizer', 'specialTokens']).map((slot) => {
    const file = own[slot];
    const what = slot === 'specialTokens' ? 'special tokens' : slot;
    return file ? `${what}: ${file.name} (${size(file.bytes)})` : null;
  });
  const found = given.filter((words) => words !== null).join(' · ');
  const doing = reading ? ` Reading ${reading} …` : phase === 'loading' ? ' Loading …' : '';
  const missing = found && !own.weights ? ' Now the weights.' : '';
  setText(place, found ? `${found}.${missing}${doing}` : '');
}

/** A kind of model, in words. @param {import('../state/library.js').KindOfModel} kind */
function inWords({ normalization_type, positional_embedding_type }) {
  const norm =
    normalization_type === null
      ? 'no normalization'
      : normalization_type === 'LN'
        ? 'LayerNorm with weights (LN)'
        : 'LayerNorm without weights (LNPre)';
  const positions =
    positional_embedding_type === 'shortformer'
      ? 'shortformer positions (added to queries and keys)'
      : 'standard positions (added to the embedding)';
  return `${norm}, ${positions}`;
}

/**
 * @param {HTMLElement} place
 * @param {import('../state/library.js').Library['question']} question
 * @param {Emit} emit
 */
function showQuestion(place, question, emit) {
  place.hidden = !question;
  if (!question) return place.replaceChildren();
  const options = question.choices.map((choice, at) => {
    const input = el('input', { type: 'radio', name: 'kind-of-model', value: at, checked: at === 0 });
    return {
      input,
      choice,
      label: el('label', {}, input, ` ${inWords(choice)}${at === 0 ? ', the likeliest' : ''}`),
    };
  });
  place.replaceChildren(
    el('legend', {}, 'Its shapes fit more than one kind of model. Which is it?'),
    ...options.map(({ label }) => label),
    el(
      'p',
      {},
      button(
        'Load with these settings',
        () => {
          const chosen = options.find(({ input }) => input.checked) ?? options[0];
          emit({ type: 'answer', config: chosen.choice });
        },
        { class: 'chip', 'data-testid': 'answer' },
      ),
    ),
  );
}
