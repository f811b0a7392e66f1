/**
 * Feeding heads on the left, induction heads on the right, an edge between two as strong as their
 * K-composition: an SVG whose
 * heads are buttons, in the frame of a chart with its table and files.
 *
 * @typedef {import('../studies/path.js').Path} Path
 */

import { counted, figure } from '../base/format.js';
import { createChart } from './chart.js';
import { el } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const BOX = { width: 236, height: 66, gap: 26 };
const WIDTH = 800;
/** Between two edges at one box. */
const PORT = 34;

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** @param {Path} path @param {string | null} locked @returns {SVGSVGElement} */
function drawn({ induction, feeding, edges, baseline }, locked) {
  const tall = Math.max(induction.length, feeding.length);
  const height = tall * (BOX.height + BOX.gap) + 30;
  const root = /** @type {SVGSVGElement} */ (
    svg('svg', {
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      class: 'path-diagram',
      'font-family': 'var(--sans)',
      'font-size': 12,
    })
  );
  /** @param {number} at @param {number} of */
  const top = (at, of) => 26 + at * (BOX.height + BOX.gap) + ((tall - of) * (BOX.height + BOX.gap)) / 2;
  const right = WIDTH - BOX.width - 2;
  root.append(
    svg('text', { x: 2, y: 12, fill: 'var(--muted)' }, 'feeding heads'),
    svg('text', { x: right, y: 12, fill: 'var(--muted)' }, 'heads with the strongest stripes'),
  );
  /**
   * Where an edge meets a box: each at a place of its own.
   * @param {number} at
   * @param {number} of the edges at it
   */
  const port = (at, of) => BOX.height / 2 + (at - (of - 1) / 2) * Math.min(PORT, (BOX.height - 10) / of);
  const most = Math.max(...edges.map(({ K }) => K), baseline);
  // The strongest edge last, over the others.
  for (const { from, to, K } of [...edges].sort((left, other) => left.K - other.K)) {
    const [at, on] = [
      feeding.findIndex(({ name }) => name === from),
      induction.findIndex(({ name }) => name === to),
    ];
    const [y0, y1] = [
      top(at, feeding.length) + port(on, induction.length),
      top(on, induction.length) + port(at, feeding.length),
    ];
    const [x0, x1] = [BOX.width + 4, right - 2];
    const share = Math.max(0, K - baseline) / Math.max(1e-9, most - baseline);
    const middle = (x0 + x1) / 2;
    root.append(
      svg(
        'g',
        {},
        svg(
          'title',
          {},
          `K-composition of ${from} with ${to}: ${figure(K, 3)}, random heads ${figure(baseline, 3)}`,
        ),
        svg('path', {
          d: `M${x0} ${y0} C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`,
          fill: 'none',
          stroke: K > baseline ? 'var(--accent)' : 'var(--edge)',
          'stroke-width': (1 + 7 * share).toFixed(1),
          'stroke-opacity': (0.3 + 0.6 * share).toFixed(2),
          'stroke-dasharray': K > baseline ? 'none' : '4 4',
        }),
      ),
      // Over its edge's beginning, where edges do not cross yet.
      svg(
        'text',
        {
          x: x0 + 8,
          y: y0 - 7,
          fill: 'var(--ink)',
          stroke: 'var(--paper)',
          'stroke-width': 4,
          'paint-order': 'stroke',
        },
        `K ${figure(K, 3)} into ${to}`,
      ),
    );
  }
  feeding.forEach(({ name, lossIncrease, strict }, at) => {
    const without = induction.map((one) => `${one.name} ${figure(strictOf(strict, one.name))}`).join(', ');
    root.append(
      box(
        name,
        2,
        top(at, feeding.length),
        [`off: loss ${lossIncrease >= 0 ? '+' : ''}${figure(lossIncrease)} nats`, `stripes then: ${without}`],
        locked,
      ),
    );
  });
  induction.forEach(({ name, strict }, at) =>
    root.append(box(name, right, top(at, induction.length), [`strict stripe ${figure(strict)}`], locked)),
  );
  return root;
}

/**
 * @param {string} name
 * @param {number} x
 * @param {number} y
 * @param {string[]} lines
 * @param {string | null} locked
 */
function box(name, x, y, lines, locked) {
  return svg(
    'g',
    {
      'data-head': name,
      role: 'button',
      tabindex: 0,
      'aria-label': `Head ${name}: ${lines.join('; ')}`,
      'aria-pressed': String(name === locked),
      class: 'path-head',
    },
    svg('title', {}, `Show head ${name}: ${lines.join('; ')}`),
    svg('rect', {
      x,
      y,
      width: BOX.width,
      height: BOX.height,
      rx: 8,
      fill: 'var(--wash)',
      stroke: name === locked ? 'var(--accent)' : 'var(--edge)',
      'stroke-width': name === locked ? 2 : 1,
    }),
    svg('text', { x: x + 12, y: y + 21, fill: 'var(--ink)', 'font-size': 15, 'font-weight': 600 }, name),
    ...lines.map((words, line) =>
      svg('text', { x: x + 12, y: y + 39 + line * 16, fill: 'var(--muted)' }, words),
    ),
  );
}

/** @param {number[][]} strict @param {string} name */
function strictOf(strict, name) {
  const [layer, head] = name.split('.').map(Number);
  return strict[layer]?.[head] ?? null;
}

/** @param {{ title: string, testid: string }} what @param {import('../state/state.js').Emit} emit */
export function createPathDiagram(what, emit) {
  const chart = createChart(what);
  const scroller = el('div', { class: 'path-scroller' });
  chart.body.append(scroller);
  /** @param {Event} event */
  const keep = ({ target }) => {
    const head = target instanceof Element ? target.closest('[data-head]')?.getAttribute('data-head') : null;
    if (head) emit({ type: 'lock', head });
  };
  scroller.addEventListener('click', keep);
  scroller.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    keep(event);
  });
  return {
    element: chart.element,
    /** @param {Path} path @param {{ model: string, locked: string | null }} about */
    show(path, { model, locked }) {
      const focused = scroller.contains(document.activeElement)
        ? document.activeElement?.getAttribute('data-head')
        : null;
      scroller.replaceChildren(drawn(path, locked));
      const again = focused ? scroller.querySelector(`[data-head="${focused}"]`) : null;
      if (again instanceof SVGElement) again.focus();
      const rows = path.edges.map(({ from, to, K }) => {
        const off = path.feeding.find(({ name }) => name === from);
        return [
          from,
          to,
          K,
          K - path.baseline,
          path.induction.find(({ name }) => name === to)?.strict ?? null,
          off ? strictOf(off.strict, to) : null,
          off?.lossIncrease ?? null,
        ];
      });
      const columns = [
        'from',
        'to',
        'K-composition',
        'above random heads',
        'strict stripe',
        'strict stripe with from off',
        'loss increase with from off',
      ];
      chart.show({
        file: 'headscope-path',
        subtitle: `${model}, ${counted(path.draws, 'draw')} of ${path.seqLen} tokens; random heads ${figure(path.baseline, 3)}`,
        table: { columns, rows },
        drawing: () => drawn(path, null),
      });
    },
  };
}
