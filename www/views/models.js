/** The panel of models: those of the catalogue, downloaded or not, and the visitor's own files. */

import { figure, megabytes, size } from '../base/format.js';
import { rowOf } from '../state/problems.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { HALF, modelRow } from '../ui/model_row.js';
import { problemElement } from '../ui/problem.js';
import { createSpoken } from '../ui/spoken.js';

/**
 * @typedef {import('../state/state.js').State} State
 * @typedef {(command: import('../state/state.js').Action | import('../models/models.js').Command) => void}
 *   Emit
 */

const OWN_FILES =
  'Drop weights (.safetensors, .bin or .pth with the names of the hub or of TransformerLens) anywhere on ' +
  'this page, or choose them. Choose all parts of a model in several files at once, with their index if ' +
  'you have it. Add the model’s config.json and tokenizer.json, in any order. The files stay on this ' +
  'machine. Without a tokenizer the text box takes token ids.';

const FROM_HUB =
  'The page asks huggingface.co which files the repository has. It runs GPT-2, GPT-Neo, GPT-NeoX, Llama, ' +
  'Mistral without a window, Qwen2 and Qwen3. You see the size before anything large is downloaded.';

/** @param {number} seconds */
const duration = (seconds) =>
  seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;

/** @param {Element} root @param {State} state @param {Emit} emit */
export function models(root, state, emit) {
  const parts = once(root, () => build(root, emit));
  const { library, view, phase } = state;
  if (root instanceof HTMLElement) root.hidden = !library.open;
  if (!library.open) return;
  const { findings, model } = state;
  const { listed, inMemory } = library;
  const ofRows = [listed, inMemory, library.download?.id, view.model, model?.id, findings.answer];
  if (changed(parts.ofList, ...ofRows)) {
    showList(parts.list, state, emit);
    parts.ofProblems = {};
  }
  if (changed(parts.ofProblems, state.problems, state.refused, state.engine)) showProblems(root, state, emit);
  if (changed(parts.ofDownload, library.download)) showDownload(parts, library.download);
  setText(parts.note, library.note ?? '');
  setText(parts.loaded, found(state));
  showPrecision(parts, state, emit);
  parts.lookUp.disabled = library.finding !== null;
  if (changed(parts.ofOwn, library.own, library.reading, phase)) showOwn(parts.own, state);
  if (!changed(parts.ofQuestion, library.question)) return;
  showQuestion(parts.question, library.question, emit);
  if (library.question) parts.question.scrollIntoView({ block: 'nearest' });
}

/** @param {Element} root @param {Emit} emit */
function build(root, emit) {
  const list = el('div', { class: 'catalogue' });
  const bar = el('progress', { 'aria-label': 'Downloaded' });
  const line = el('p', { class: 'doing', 'data-testid': 'download-line' });
  const spoken = createSpoken();
  const stop = button('Stop', () => emit({ type: 'stop download' }), {
    class: 'quiet',
    'data-testid': 'stop-download',
  });
  const download = el('div', { class: 'download', hidden: true }, bar, line, stop);
  const note = el('p', { class: 'hint', role: 'status', 'data-testid': 'models-note' });
  const loaded = el('p', { class: 'hint loaded', role: 'status', 'data-testid': 'loaded' });
  const precision = el('p', { hidden: true });
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
  const hub = ofHub(emit);
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
    spoken.element,
    note,
    loaded,
    precision,
    hub.section,
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
    spoken,
    stop,
    note,
    loaded,
    precision,
    own,
    question,
    lookUp: hub.lookUp,
    ofList: {},
    ofProblems: {},
    ofDownload: {},
    ofOwn: {},
    ofPrecision: {},
    ofQuestion: {},
  };
}

/**
 * The button that loads the model in use again, at half precision or as it is stored. The page's own model is
 * small, and in f16.
 * @param {ReturnType<typeof build>} parts @param {State} state @param {Emit} emit
 */
function showPrecision({ precision, ofPrecision }, { view, model }, emit) {
  precision.hidden = view.model === 'default' || model?.id !== view.model;
  if (precision.hidden || !changed(ofPrecision, view.model, view.precision)) return;
  const half = view.precision === 'half';
  const { model: id } = view;
  const use = () => emit({ type: 'open model', model: id, precision: half ? 'stored' : 'half' });
  const words = half ? 'Use the weights as stored' : 'Use at half precision';
  precision.replaceChildren(button(words, use, { class: 'chip', title: HALF, 'data-testid': 'precision' }));
}

/** The form that looks a repository of the hub up. @param {Emit} emit */
function ofHub(emit) {
  const name = el('input', {
    type: 'text',
    id: 'hub-repository',
    placeholder: 'owner/name',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'data-testid': 'hub-repository',
  });
  const lookUp = el('button', { type: 'submit', class: 'chip', 'data-testid': 'look-up' }, 'Look it up');
  const form = el('form', {}, el('label', { for: 'hub-repository' }, 'Repository'), name, lookUp);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    emit({ type: 'find model', repo: name.value });
  });
  const section = el(
    'div',
    { class: 'own-files' },
    el('h3', {}, 'Another model of the hub'),
    el('p', { class: 'hint' }, FROM_HUB),
    form,
    el('div', { class: 'row-problems', role: 'alert', 'data-problems': 'hub' }),
  );
  return { section, lookUp };
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

/**
 * The models under their headings, in the catalogue's order.
 * @param {readonly import('../state/library.js').Listed[]} listed @param {State} state @param {Emit} emit
 */
function grouped(listed, state, emit) {
  const groups = new Set(listed.map(({ group }) => group));
  return [...groups].flatMap((group) => [
    el('h3', {}, group),
    el('ul', {}, ...listed.filter((one) => one.group === group).map((one) => modelRow(one, state, emit))),
  ]);
}

/** @param {HTMLElement} list @param {State} state @param {Emit} emit */
function showList(list, state, emit) {
  const { library, view } = state;
  const focused =
    document.activeElement instanceof HTMLElement && list.contains(document.activeElement)
      ? document.activeElement.closest('li')?.dataset.model
      : undefined;
  if (!library.listed) list.replaceChildren(el('p', { class: 'hint' }, 'Reading the catalogue …'));
  else list.replaceChildren(...grouped(library.listed, state, emit));
  const again = focused
    ? list.querySelector(`li[data-model="${CSS.escape(focused)}"] button:not(:disabled)`)
    : null;
  if (again instanceof HTMLElement) again.focus();
  list.classList.toggle('choosing', view.model !== '');
}

/**
 * @param {Pick<ReturnType<typeof build>, 'download' | 'bar' | 'line' | 'spoken'>} parts
 * @param {import('../state/library.js').Download | null} download
 */
function showDownload({ download: place, bar, line, spoken }, download) {
  place.hidden = !download;
  if (!download) {
    spoken.say(null);
    return setText(line, '');
  }
  const { name, loaded, total, rate, left, waiting } = download;
  spoken.say(`${waiting ? 'Waiting for' : 'Downloading'} ${name}`, loaded, waiting ? 0 : total);
  Object.assign(bar, { max: Math.max(1, total), value: loaded });
  const speed = rate === null ? '' : `, ${figure(rate / 1e6, 1)} MB/s`;
  const rest = left === null ? '' : `, ${duration(left)}`;
  if (waiting)
    return setText(
      line,
      `${name}: another tab is downloading this model. This page uses it when the download is complete …`,
    );
  setText(
    line,
    loaded >= total && total > 0
      ? `${name}: checking the downloaded files …`
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
  const given = /** @type {const} */ (['weights', 'index', 'config', 'tokenizer', 'specialTokens']).map(
    (slot) => {
      const file = own[slot];
      const what = slot === 'specialTokens' ? 'special tokens' : slot;
      const more = file?.more ? ` and ${file.more} more` : '';
      return file ? `${what}: ${file.name}${more} (${size(file.bytes)})` : null;
    },
  );
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
      label: el('label', {}, input, ` ${inWords(choice)}${at === 0 ? ', most likely' : ''}`),
    };
  });
  place.replaceChildren(
    el('legend', {}, 'The shapes fit more than one kind of model. Choose the kind.'),
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
