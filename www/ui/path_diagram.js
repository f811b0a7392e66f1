/** The path to induction in the frame of a chart, with its table and files. A click or Enter pins a head. */

import { counted, figure } from '../base/format.js';
import { createChart } from './chart.js';
import { el } from './dom.js';
import { drawPath, scoreOf } from './path_drawing.js';

/** @typedef {import('../studies/path.js').Path} Path */

/** The edges as a table. @param {Path} path @returns {import('../exports/chart.js').Table} */
function tableOf({ edges, feeding, induction, baseline }) {
  const columns = [
    'from',
    'to',
    'K-composition',
    'above random heads',
    'strict stripe',
    'strict stripe with from ablated',
    'loss increase with from ablated',
  ];
  const rows = edges.map(({ from, to, K }) => {
    const ablated = feeding.find(({ name }) => name === from);
    return [
      from,
      to,
      K,
      K - baseline,
      induction.find(({ name }) => name === to)?.strict ?? null,
      ablated ? scoreOf(ablated.strict, to) : null,
      ablated?.lossIncrease ?? null,
    ];
  });
  return { columns, rows };
}

/** @param {{ title: string, testid: string }} what @param {import('../state/state.js').Emit} emit */
export function createPathDiagram(what, emit) {
  const chart = createChart(what);
  const scroller = el('div', { class: 'path-scroller' });
  chart.body.append(scroller);
  /** @param {Event} event */
  const pin = ({ target }) => {
    const head = target instanceof Element ? target.closest('[data-head]')?.getAttribute('data-head') : null;
    if (head) emit({ type: 'lock', head });
  };
  scroller.addEventListener('click', pin);
  scroller.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    pin(event);
  });
  /** @type {{ path: Path, locked: string | null } | null} */ let shown = null;
  let width = 0;
  const draw = () => {
    // A closed tab has no width: the drawing is made when the tab opens.
    if (!shown || scroller.clientWidth === 0) return;
    width = scroller.clientWidth;
    const focused = scroller.contains(document.activeElement)
      ? document.activeElement?.getAttribute('data-head')
      : null;
    scroller.replaceChildren(drawPath(shown.path, shown.locked, width));
    const again = focused ? scroller.querySelector(`[data-head="${focused}"]`) : null;
    if (again instanceof SVGElement) again.focus();
  };
  new ResizeObserver(() => {
    if (scroller.clientWidth !== width) draw();
  }).observe(scroller);
  return {
    element: chart.element,
    /** @param {Path} path @param {{ model: string, locked: string | null }} about `locked`: pinned head */
    show(path, { model, locked }) {
      shown = { path, locked };
      draw();
      const sequences = `${counted(path.draws, 'sequence')} of ${path.seqLen} tokens`;
      chart.show({
        file: 'headscope-path',
        subtitle: `${model}, ${sequences}; random heads ${figure(path.baseline, 3)}`,
        table: tableOf(path),
        drawing: () => drawPath(path, null),
      });
    },
  };
}
