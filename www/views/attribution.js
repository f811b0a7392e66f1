/** Direct logit attribution: what each component adds to the logit of each target token. */

import { figure } from '../base/format.js';
import { parseHead } from '../base/heads.js';
import { short, visible } from '../base/tokens.js';
import { furthestFromSum, meanPerHead, sumOf } from '../figures/circuits.js';
import { attribution as study } from '../studies/attribution.js';
import { latest } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { largest } from '../ui/heat_cells.js';
import { createMatrix } from '../ui/matrix.js';
import { createStudyStatus } from '../ui/study_status.js';
import { introduction } from '../ui/term.js';

/** Rows shown at once. */
const PAGE = 24;

const HINT = [
  'The logit of a [target token], the next token of the text, is a sum: what the embedding adds, each head,',
  'each MLP if there are any, and the biases. In a model with norms each part goes through the final one.',
].join(' ');

/** @typedef {import('../studies/attribution.js').Attribution} Attribution */
/** @typedef {import('../state/state.js').State} State */
/** @typedef {import('../state/state.js').Emit} Emit */
/** @typedef {import('../state/state.js').Result} Result */

/**
 * @param {Element} root
 * @param {State} state
 * @param {Emit} emit
 */
export function attribution(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { result, view } = state;
  parts.status.show(state);
  const found = latest(state, study);
  // The tokens of another text would be wrong labels.
  const value = found?.current && result && found.value.logits.length === result.seq - 1 ? found.value : null;
  for (const part of [parts.matrix.element, parts.means.element, parts.pager, parts.sum])
    part.hidden = !value;
  if (!value || !result) return;
  const rows = value.logits.length;
  const { query } = view;
  // The page follows the chosen query until the visitor turns to another page.
  if (changed(parts.ofQuery, value, query) && query !== null)
    parts.from = Math.floor(Math.min(query, rows - 1) / PAGE) * PAGE;
  if (parts.from >= rows) parts.from = 0;
  if (changed(parts.ofMeans, value, view.head)) showMeans(parts, value, state);
  if (changed(parts.memory, value, view.head, query, parts.from)) showRows(parts, value, state, emit);
}

/**
 * @param {Element} root
 * @param {State} state
 * @param {Emit} emit
 */
function build(root, state, emit) {
  const status = createStudyStatus(study, 'Attributing', 'tokens', emit);
  const sum = el('p', { class: 'told', 'data-testid': 'attribution-sum' });
  const title = 'Mean over all tokens, each head';
  const means = createHeadmap({ title, testid: 'attribution-means' }, emit);
  const matrix = createMatrix({ title: 'Each target token, each component', testid: 'attribution' });
  const where = el('span', { role: 'status' });
  /** @param {number} step */
  const turn = (step) => {
    parts.from = Math.max(0, parts.from + step);
    attribution(root, parts.latest, emit);
  };
  const before = button('Earlier tokens', () => turn(-PAGE), { class: 'chip' });
  const after = button('Later tokens', () => turn(PAGE), {
    class: 'chip',
    'data-testid': 'attribution-later',
  });
  const pager = el('p', { class: 'chooser' }, before, after, where);
  root.append(
    ...introduction('attribution-title', 'Direct logit attribution', HINT, 'hint'),
    status.element,
    sum,
    means.element,
    pager,
    matrix.element,
  );
  /** @type {WeakMap<Attribution, import('../exports/chart.js').Table>} */ const tables = new WeakMap();
  const parts = {
    ...{ status, sum, means, matrix, pager, where, before, after, tables },
    ...{ from: 0, latest: state, ofQuery: {}, ofMeans: {}, memory: {} },
  };
  return parts;
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Attribution} value
 * @param {State} state
 */
function showMeans({ sum, means }, value, { result, view }) {
  if (!result) return;
  const { n_layers, n_heads } = result.model.config;
  const count = value.logits.length;
  const which = count === 1 ? 'the one next token' : `each of the ${count} next tokens`;
  const off = furthestFromSum(value);
  const largestOff = off < 1e-4 ? off.toExponential(1) : figure(off, 4);
  const words = `For ${which} the components add up to its logit`;
  setText(sum, `${words}: the largest difference is ${largestOff}.`);
  means.show({
    values: meanPerHead(value, n_layers, n_heads),
    differences: true,
    unit: 'mean contribution to the next token’s logit',
    subtitle: `${result.model.name}, ${result.seq} tokens`,
    file: 'headscope-attribution-means',
    locked: view.head,
  });
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Attribution} value
 * @param {State} state
 * @param {Emit} emit
 */
function showRows({ matrix, where, before, after, from, tables }, value, { result, view }, emit) {
  if (!result) return;
  const count = value.logits.length;
  const to = Math.min(count, from + PAGE);
  setText(where, `target tokens ${from} to ${to - 1} of ${count}`);
  before.disabled = from === 0;
  after.disabled = to >= count;
  const columns = [...value.components, 'sum', 'logit'];
  const positions = Array.from({ length: to - from }, (_, row) => from + row);
  const shown = positions.map((at) => lineOf(value, at));
  const most = largest(positions.map((at) => Array.from(value.values[at])));
  const away = `the strongest colours are ${figure(most)} away from 0`;
  matrix.show({
    rows: positions.map((at) => rowOf(at, result, view.query, emit)),
    columns: columns.map((name) => columnOf(name, parseHead(name) !== null, view.head, emit)),
    values: shown,
    // The sums are no components. Their colours would make the others pale.
    colouredBy: shown.map((line) => line.map((number, at) => (at < value.components.length ? number : 0))),
    rowsAre: 'token → next',
    columnsAre: 'component',
    differences: true,
    most,
    places: 2,
    scale: `Blue raises the logit of the target token, red lowers it; ${away}.`,
    subtitle: `${result.model.name}, target tokens ${from} to ${to - 1}`,
    file: 'headscope-attribution',
    table: tableOf(tables, value, result.pieces, columns),
  });
}

/** @param {number} at @param {Result} result @param {number | null} query @param {Emit} emit */
const rowOf = (at, { pieces }, query, emit) => ({
  label: `${at} ${short(pieces[at], 8)} → ${short(pieces[at + 1], 8)}`,
  title: `Choose query ${at}, with the target token ${visible(pieces[at + 1])}`,
  act: () => emit({ type: 'choose', query: at, key: null }),
  current: at === query,
});

/** @param {string} name @param {boolean} isHead @param {string | null} pinned @param {Emit} emit */
const columnOf = (name, isHead, pinned, emit) =>
  isHead
    ? {
        label: name,
        title: `Show head ${name}`,
        act: () => emit({ type: 'lock', head: name }),
        current: name === pinned,
      }
    : { label: name };

/**
 * The figures of one target token: every component, their sum, and the logit itself.
 * @param {Attribution} value
 * @param {number} at
 */
const lineOf = ({ values, logits }, at) => [...values[at], sumOf(values[at]), logits[at]];

/**
 * All figures, for the files and the table. The table is made once: 2,048 tokens have as many rows.
 * @param {WeakMap<Attribution, import('../exports/chart.js').Table>} tables
 * @param {Attribution} value
 * @param {string[]} pieces
 * @param {string[]} columns
 */
function tableOf(tables, value, pieces, columns) {
  const table = tables.get(value) ?? {
    columns: ['position', 'token', 'next token', ...columns],
    rows: Array.from(value.logits, (_, at) => [
      at,
      visible(pieces[at]),
      visible(pieces[at + 1]),
      ...lineOf(value, at),
    ]),
  };
  tables.set(value, table);
  return table;
}
