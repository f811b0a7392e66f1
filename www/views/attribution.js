/**
 * Direct logit attribution: what each component adds to the logit of each target token, of a chosen token, or
 * to the difference of two.
 */

import { figure } from '../base/format.js';
import { parseHead } from '../base/heads.js';
import { quoted, short, visible } from '../base/tokens.js';
import { furthestFromSum, meanPerHead, meanPerMlp, sumOf } from '../figures/circuits.js';
import { columnsShown, FEW } from '../figures/components.js';
import { attribution as study } from '../studies/attribution.js';
import { latest } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { largest } from '../ui/heat_cells.js';
import { createMlpRow } from '../ui/layer_row.js';
import { createMatrix } from '../ui/matrix.js';
import { createStudyStatus } from '../ui/study_status.js';
import { createTargetForm } from '../ui/target_form.js';
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
  const value = found?.current && result ? found.value : null;
  parts.target.show(view.target);
  for (const part of [parts.matrix.element, parts.means.element, parts.pager, parts.sum])
    part.hidden = !value;
  parts.mlps.element.hidden = !value || !result?.model.config.d_mlp;
  if (!value || !result) {
    parts.columns.hidden = true;
    return;
  }
  const rows = value.logits.length;
  const { query } = view;
  // The page follows the chosen query until the visitor turns to another page.
  if (changed(parts.ofQuery, value, query) && query !== null)
    parts.from = Math.floor(Math.min(query, rows - 1) / PAGE) * PAGE;
  if (parts.from >= rows) parts.from = 0;
  if (changed(parts.ofMeans, value, view.head)) showMeans(parts, value, state);
  if (changed(parts.memory, value, view.head, query, parts.from, parts.count))
    showRows(parts, value, state, emit);
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
  const target = createTargetForm((chosen) => emit({ type: 'set', change: { target: chosen } }));
  const mlps = createMlpRow({ title: 'Mean over all tokens, each MLP', testid: 'attribution-mlps' });
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
  const more = (/** @type {number} */ count) => {
    parts.count = count;
    attribution(root, parts.latest, emit);
  };
  const told = el('span', {});
  const columns = el(
    'p',
    { class: 'chooser', hidden: true },
    button('More components', () => more(parts.count + FEW), {
      class: 'chip',
      'data-testid': 'attribution-components',
    }),
    button('Fewer', () => more(FEW), { class: 'chip' }),
    told,
  );
  const pager = el('p', { class: 'chooser' }, before, after, where);
  root.append(
    ...introduction('attribution-title', 'Direct logit attribution', HINT, 'hint'),
    target.element,
    status.element,
    sum,
    means.element,
    mlps.element,
    pager,
    columns,
    matrix.element,
  );
  /** @type {WeakMap<Attribution, import('../exports/chart.js').Table>} */ const tables = new WeakMap();
  const parts = {
    ...{ target, status, sum, means, mlps, matrix, pager, columns, told, where, before, after, tables },
    ...{ from: 0, count: FEW, latest: state, ofQuery: {}, ofMeans: {}, memory: {} },
  };
  return parts;
}

/** The logit that is attributed, in words. @param {State} state */
function logitOf({ view: { target } }) {
  const [one, other] = target.map(quoted);
  if (other) return `the logit of ${one} minus that of ${other}`;
  return one ? `the logit of ${one}` : 'its logit';
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Attribution} value
 * @param {State} state
 */
function showMeans({ sum, means, mlps }, value, state) {
  const { result, view } = state;
  if (!result) return;
  const { n_layers, n_heads, d_mlp: dMlp } = result.model.config;
  const count = value.logits.length;
  const each = view.target.length ? 'positions' : 'next tokens';
  const which = count === 1 ? `the one ${each.slice(0, -1)}` : `each of the ${count} ${each}`;
  const off = furthestFromSum(value);
  const largestOff = off < 1e-4 ? off.toExponential(1) : figure(off, 4);
  const words = `For ${which} the components add up to ${logitOf(state)}`;
  setText(sum, `${words}: the largest difference is ${largestOff}.`);
  const unit = view.target.length ? logitOf(state) : 'the next token’s logit';
  const subtitle = `${result.model.name}, ${result.seq} tokens, ${unit}`;
  means.show({
    values: meanPerHead(value, n_layers, n_heads),
    differences: true,
    unit: `mean contribution to ${unit}`,
    subtitle,
    file: 'headscope-attribution-means',
    locked: view.head,
  });
  if (dMlp) mlps.show({ values: meanPerMlp(value), subtitle, file: 'headscope-attribution-mlps' });
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Attribution} value
 * @param {State} state
 * @param {Emit} emit
 */
function showRows(parts, value, { result, view }, emit) {
  if (!result) return;
  const { matrix, where, before, after, from, tables } = parts;
  const count = value.logits.length;
  const to = Math.min(count, from + PAGE);
  const next = view.target.length === 0;
  const rowsAre = next ? 'target tokens' : 'positions';
  setText(where, `${rowsAre} ${from} to ${to - 1} of ${count}`);
  before.disabled = from === 0;
  after.disabled = to >= count;
  const positions = Array.from({ length: to - from }, (_, row) => from + row);
  const { shown, hidden } = columnsShown(
    positions.map((at) => value.values[at]),
    parts.count,
  );
  const width = value.components.length;
  parts.columns.hidden = shown.length + hidden <= FEW || (!hidden && parts.count === FEW);
  setText(parts.told, `${shown.length} of ${width} components, the largest first`);
  const lines = positions.map((at) => lineOf(value, at, shown, hidden > 0));
  const colours = lines.map((line) => line.map((number, at) => (at < shown.length ? number : 0)));
  const most = largest(colours);
  const names = shown.map((column) => value.components[column]);
  const away = `the strongest colours are ${figure(most)} away from 0`;
  matrix.show({
    rows: positions.map((at) => rowOf(at, result, view, emit)),
    columns: [
      ...names.map((name) => columnOf(name, parseHead(name) !== null, view.head, emit)),
      ...(hidden ? [{ label: `${hidden} others`, title: 'The sum of all other components' }] : []),
      { label: 'sum' },
      { label: 'logit' },
    ],
    values: lines,
    // The sums are no components. Their colours would make the others pale.
    colouredBy: colours,
    rowsAre: next ? 'token → next' : 'token',
    columnsAre: 'component',
    differences: true,
    most,
    places: 2,
    scale: `Blue raises the logit, red lowers it; ${away}.`,
    subtitle: `${result.model.name}, ${rowsAre} ${from} to ${to - 1}`,
    file: 'headscope-attribution',
    table: tableOf(tables, value, result.pieces, next),
  });
}

/**
 * @param {number} at @param {Result} result @param {import('../state/state.js').View} view
 * @param {Emit} emit
 */
function rowOf(at, { pieces }, { query, target }, emit) {
  const next = target.length ? '' : (pieces[at + 1] ?? '');
  return {
    label: `${at} ${short(pieces[at], 8)}${target.length ? '' : ` → ${short(next, 8)}`}`,
    title: `Choose query ${at}${target.length ? '' : `, with the target token ${visible(next)}`}`,
    act: () => emit({ type: 'choose', query: at, key: null }),
    current: at === query,
  };
}

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
 * The figures of one row: the components shown, the sum of the others where there are any, the sum of all,
 * and the logit itself.
 * @param {Attribution} value @param {number} at @param {number[]} shown @param {boolean} others
 */
function lineOf({ values, logits }, at, shown, others) {
  const sum = sumOf(values[at]);
  const parts = shown.map((column) => values[at][column]);
  return [...parts, ...(others ? [sum - sumOf(parts)] : []), sum, logits[at]];
}

/**
 * All figures, for the files and the table. The table is made when it is asked for: 2,048 tokens of 300
 * components have half a million.
 * @param {WeakMap<Attribution, import('../exports/chart.js').Table>} tables
 * @param {Attribution} value
 * @param {string[]} pieces
 * @param {boolean} next              whether the target is the next token
 */
function tableOf(tables, value, pieces, next) {
  const all = value.components.map((_, column) => column);
  const rowsOf = () =>
    Array.from(value.logits, (_, at) => [
      at,
      visible(pieces[at]),
      ...(next ? [visible(pieces[at + 1])] : []),
      ...lineOf(value, at, all, false),
    ]);
  /** @type {ReturnType<typeof rowsOf> | null} */ let rows = null;
  const table = tables.get(value) ?? {
    columns: ['position', 'token', ...(next ? ['next token'] : []), ...value.components, 'sum', 'logit'],
    get rows() {
      rows ??= rowsOf();
      return rows;
    },
  };
  tables.set(value, table);
  return table;
}
