/**
 * Direct logit attribution: what the embedding and every head add to the logit of each next token, and that
 * it all adds up.
 */

import { figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { short, visible } from '../base/tokens.js';
import { furthestFromSum, meanPerHead, sumOf } from '../figures/circuits.js';
import { attribution as study } from '../studies/attribution.js';
import { latest, standing } from '../studies/study.js';
import { button, changed, el, once, setText } from '../ui/dom.js';
import { createHeadmap } from '../ui/headmap.js';
import { createMatrix } from '../ui/matrix.js';
import { createStudyStatus } from '../ui/study_status.js';

/** Rows shown at once. */
const PAGE = 24;

/** @typedef {import('../studies/attribution.js').Attribution} Attribution */

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function attribution(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { result, view } = state;
  parts.standing.show(state);
  // Where a normalization stands between there is nothing to try again.
  const normalized = standing(state, study).problem?.code === 'NormalizedModel';
  parts.standing.element.hidden = normalized;
  parts.normalized.hidden = !normalized;
  const found = latest(state, study);
  // Of another text the labels would not be right.
  const value = found?.current && result && found.value.logits.length === result.seq - 1 ? found.value : null;
  for (const part of [parts.matrix.element, parts.means.element, parts.pager, parts.sum])
    part.hidden = !value;
  if (!value || !result) return;
  const rows = value.logits.length;
  const { query } = view;
  // The page follows the chosen query, until another is turned to.
  if (changed(parts.ofQuery, value, query) && query !== null)
    parts.from = Math.floor(Math.min(query, rows - 1) / PAGE) * PAGE;
  if (parts.from >= rows) parts.from = 0;
  if (changed(parts.ofMeans, value, view.head)) showMeans(parts, value, state);
  if (changed(parts.memory, value, view.head, query, parts.from)) showRows(parts, value, state, emit);
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const progress = createStudyStatus(study, 'Attributing', 'tokens', emit);
  const normalized = el(
    'p',
    { class: 'told', hidden: true, 'data-testid': 'attribution-normalized' },
    'This model normalizes its stream before it unembeds: a logit is then no sum of what each head adds, so there is nothing to attribute directly. The other figures stand.',
  );
  const sum = el('p', { class: 'told', 'data-testid': 'attribution-sum' });
  const means = createHeadmap(
    { title: 'Mean over all tokens, each head', testid: 'attribution-means' },
    emit,
  );
  const matrix = createMatrix({ title: 'Each next token, each component', testid: 'attribution' });
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
    el('h2', { id: 'attribution-title' }, 'Direct logit attribution'),
    el(
      'p',
      { class: 'hint' },
      'The logit of the token that comes next is a sum: what the embedding adds to it, what each head adds, and the biases.',
    ),
    progress.element,
    normalized,
    sum,
    means.element,
    pager,
    matrix.element,
  );
  /** @type {WeakMap<Attribution, import('../exports/chart.js').Table>} */ const tables = new WeakMap();
  const parts = {
    standing: progress,
    normalized,
    sum,
    means,
    matrix,
    pager,
    where,
    before,
    after,
    from: 0,
    tables,
    latest: state,
    ofQuery: {},
    ofMeans: {},
    memory: {},
  };
  return parts;
}

/**
 * @param {ReturnType<typeof build>} parts
 * @param {Attribution} value
 * @param {import('../state/state.js').State} state
 */
function showMeans({ sum, means }, value, { result, view }) {
  if (!result) return;
  const { n_layers, n_heads } = result.model.config;
  const off = furthestFromSum(value);
  setText(
    sum,
    `For ${value.logits.length === 1 ? 'the one next token' : `each of the ${value.logits.length} next tokens`} the components and the biases add up to its logit: the largest difference is ${off < 1e-4 ? off.toExponential(1) : figure(off, 4)}.`,
  );
  means.show({
    values: meanPerHead(value.components, n_layers, n_heads),
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
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function showRows({ matrix, where, before, after, from, tables }, value, state, emit) {
  const { components, logits } = value;
  const { result, view } = state;
  if (!result) return;
  const { n_layers, n_heads } = result.model.config;
  const to = Math.min(logits.length, from + PAGE);
  setText(where, `predictions ${from} to ${to - 1} of ${logits.length}`);
  before.disabled = from === 0;
  after.disabled = to >= logits.length;
  const heads = Array.from({ length: n_layers * n_heads }, (_, at) =>
    nameOf(Math.floor(at / n_heads), at % n_heads),
  );
  const { query } = view;
  const positions = Array.from({ length: to - from }, (_, row) => from + row);
  const shown = positions.map((at) => lineOf(value, at));
  const most = Math.max(...positions.flatMap((at) => components[at].map(Math.abs)));
  const columns = ['embed', ...heads, 'biases', 'sum', 'logit'];
  matrix.show({
    rows: positions.map((at) => ({
      label: `${at} ${short(result.pieces[at], 8)} → ${short(result.pieces[at + 1], 8)}`,
      title: `Choose the query ${at}, which predicts ${visible(result.pieces[at + 1])}`,
      act: () => emit({ type: 'choose', query: at, key: null }),
      current: at === query,
    })),
    columns: columns.map((name) =>
      heads.includes(name)
        ? {
            label: name,
            title: `Show head ${name}`,
            act: () => emit({ type: 'lock', head: name }),
            current: name === view.head,
          }
        : { label: name },
    ),
    values: shown,
    // The sums are no component: a colour of theirs would pale the others.
    colouredBy: shown.map((line) => line.map((figureOf, at) => (at > heads.length ? 0 : figureOf))),
    rowsAre: 'token → next',
    columnsAre: 'component',
    differences: true,
    most,
    places: 2,
    scale: `Blue raises the logit of the next token, red lowers it; the strongest colours are ${figure(most)} away from 0.`,
    subtitle: `${result.model.name}, predictions ${from} to ${to - 1}`,
    file: 'headscope-attribution',
    table: tableOf(tables, value, result.pieces, columns),
  });
}

/**
 * One prediction: every component, the biases, what they come to, and the logit itself.
 * @param {Attribution} value
 * @param {number} at
 */
const lineOf = ({ components, biases, logits }, at) => [
  ...components[at],
  biases[at],
  sumOf(components[at]) + biases[at],
  logits[at],
];

/**
 * All of it, for the files and the table: made once, since at 2,048 tokens it has as many rows.
 * @param {WeakMap<Attribution, import('../exports/chart.js').Table>} tables
 * @param {Attribution} value
 * @param {string[]} pieces
 * @param {string[]} columns
 */
function tableOf(tables, value, pieces, columns) {
  const table = tables.get(value) ?? {
    columns: ['position', 'token', 'next token', ...columns],
    rows: value.logits.map((_, at) => [
      at,
      visible(pieces[at]),
      visible(pieces[at + 1]),
      ...lineOf(value, at),
    ]),
  };
  tables.set(value, table);
  return table;
}
