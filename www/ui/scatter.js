/**
 * A scatter of heads in the frame of a chart: every head is a button at its two scores. Hover or focus
 * previews a head, a click or Enter pins it, arrow keys move from head to head.
 *
 * @typedef {import('../figures/head_scores.js').HeadScore} HeadScore
 * @typedef {import('../figures/scatter.js').Point} Point
 *
 * @typedef {object} Shown
 * @property {HeadScore} x
 * @property {HeadScore} y
 * @property {{ nLayers: number, nHeads: number }} shape
 * @property {string | null} locked       the pinned head
 * @property {string} subtitle
 */

import { bare, figure } from '../base/format.js';
import { inFrames } from '../base/frames.js';
import { labelled, pointsOf, rangeOf } from '../figures/scatter.js';
import { createChart } from './chart.js';
import { changed, el, previewHeads } from './dom.js';
import { listenForArrows } from './head_keys.js';

/** Where labels are placed for: the usual size of the plot, in pixels. */
const SIZE = { width: 620, height: 360 };

/** The picture of the scatter. @param {Shown} shown @returns {import('./chart.js').Content['drawing']} */
function drawingOf({ x, y }) {
  const points = pointsOf(x.values, y.values);
  return (plot, width) =>
    plot.plot({
      width,
      height: 420,
      className: 'plotted',
      style: { fontSize: '12px', fontFamily: 'var(--sans)', background: 'none' },
      x: { label: x.title, domain: domainOf(points.map((point) => point.x)), labelArrow: 'none' },
      y: { label: y.title, domain: domainOf(points.map((point) => point.y)), labelArrow: 'none' },
      marks: [
        plot.ruleX(x.uniform === null ? [] : [x.uniform], { stroke: '#868f9a', strokeDasharray: '4 4' }),
        plot.ruleY(y.uniform === null ? [] : [y.uniform], { stroke: '#868f9a', strokeDasharray: '4 4' }),
        plot.dot(points, { x: 'x', y: 'y', r: 4, fill: '#1b61b0' }),
        plot.text(points, { x: 'x', y: 'y', text: 'name', dx: 7, textAnchor: 'start' }),
      ],
    });
}

/** @param {number[]} values @returns {[number, number]} */
function domainOf(values) {
  const { low, high } = rangeOf(values);
  return [low, high];
}

/** @param {{ title: string, testid: string }} what @param {import('../state/state.js').Emit} emit */
export function createScatter(what, emit) {
  const chart = createChart(what);
  const field = el('div', {
    class: 'scatter-field',
    role: 'group',
    'aria-label': 'Heads by two scores: arrow keys move, Enter pins',
    'data-testid': `${what.testid}-field`,
  });
  const across = el('p', { class: 'scatter-x' });
  const up = el('p', { class: 'scatter-y' });
  const ticks = el('div', { class: 'scatter-ticks', 'aria-hidden': 'true' });
  chart.body.append(el('div', { class: 'scatter' }, up, field, across));
  previewHeads(field, emit);
  /** @type {Map<string, HTMLButtonElement>} */ const buttons = new Map();
  let shape = { nLayers: 0, nHeads: 0 };
  /** The pinned head. @type {string | null} */ let locked = null;
  let drawings = 0;
  const memory = {};
  const tabTo = listenForArrows(field, buttons, () => shape);

  /**
   * @param {Point} point @param {'right' | 'left' | undefined} side of its label
   * @param {Shown} shown @param {(point: Point) => Place} place
   */
  function pointOf(point, side, { x, y }, place) {
    const { name } = point;
    const spoken = `Head ${name}: ${x.title} ${figure(point.x)}, ${y.title} ${figure(point.y)}`;
    const button = el(
      'button',
      {
        type: 'button',
        class: 'point',
        tabindex: -1,
        title: spoken,
        'data-head': name,
        'aria-label': spoken,
        'aria-pressed': 'false',
      },
      el('span', { class: 'dot' }),
      el('span', { class: `point-name ${side ?? 'covered'}` }, name),
    );
    const { left, top } = place(point);
    button.style.setProperty('inset-inline-start', `${left * 100}%`);
    button.style.setProperty('inset-block-start', `${top * 100}%`);
    button.addEventListener('click', () => emit({ type: 'lock', head: name }));
    buttons.set(name, button);
    return button;
  }

  /**
   * Makes the points, in the place of those before. The focus stays on its head.
   * @param {Shown} shown @param {Point[]} points @param {Ranges} ranges
   * @returns {import('../base/frames.js').Drawing}
   */
  function* drawing(shown, points, ranges) {
    const focused = field.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.head
      : undefined;
    const place = placeIn(ranges);
    const sides = labelled(points, (point) => {
      const { left, top } = place(point);
      return { left: left * SIZE.width, top: top * SIZE.height };
    });
    buttons.clear();
    ticks.replaceChildren(...ticksOf(ranges), ...baselines(shown.x.uniform, shown.y.uniform, place));
    field.replaceChildren(ticks);
    yield ticks.children.length;
    for (const point of points) {
      const button = pointOf(point, sides.get(point.name), shown, place);
      field.append(button);
      if (point.name === focused) button.focus();
      yield 3;
    }
    press();
  }

  /** Marks the pinned head, and makes it the one that the Tab key reaches. */
  function press() {
    for (const [name, button] of buttons) button.setAttribute('aria-pressed', String(name === locked));
    tabTo(locked && buttons.has(locked) ? locked : [...buttons.keys()][0]);
  }

  return {
    element: chart.element,
    /** @param {Shown} shown */
    show(shown) {
      const { x, y } = shown;
      locked = shown.locked;
      shape = shown.shape;
      if (!changed(memory, x.values, y.values, x.id, y.id, shown.subtitle)) return press();
      const points = pointsOf(x.values, y.values);
      const ranges = { x: rangeOf(points.map((point) => point.x)), y: rangeOf(points.map(({ y }) => y)) };
      const mine = ++drawings;
      void inFrames(drawing(shown, points, ranges), () => drawings === mine);
      across.textContent = `${x.title} →`;
      up.textContent = `${y.title} ↑`;
      chart.show({
        file: 'headscope-scatter',
        subtitle: shown.subtitle,
        table: {
          columns: ['head', x.title, y.title],
          rows: points.map(({ name, x: across, y: up }) => [name, across, up]),
        },
        drawing: drawingOf(shown),
      });
    },
  };
}

/** @typedef {{ left: number, top: number }} Place   shares of the field */
/** @typedef {import('../figures/scatter.js').Range} Range */
/** @typedef {{ x: Range, y: Range }} Ranges */

/** @param {Ranges} ranges */
const placeIn =
  ({ x, y }) =>
  (/** @type {{ x: number, y: number }} */ point) => ({
    left: (point.x - x.low) / (x.high - x.low),
    top: 1 - (point.y - y.low) / (y.high - y.low),
  });

/** The numbers of both axes. @param {Ranges} ranges */
function ticksOf(ranges) {
  const place = placeIn(ranges);
  return [0, 0.25, 0.5, 0.75, 1].flatMap((value) => {
    const { left } = place({ x: value, y: 0 });
    const { top } = place({ x: 0, y: value });
    const across = el('span', { class: 'tick-x' }, bare(value));
    across.style.setProperty('inset-inline-start', `${left * 100}%`);
    const up = el('span', { class: 'tick-y' }, bare(value));
    up.style.setProperty('inset-block-start', `${top * 100}%`);
    return [across, up];
  });
}

/**
 * The lines of the uniform baselines.
 * @param {number | null} x @param {number | null} y
 * @param {(point: { x: number, y: number }) => Place} place
 */
function baselines(x, y, place) {
  const lines = [];
  if (x !== null) {
    const line = el('span', { class: 'baseline-x' });
    line.style.setProperty('inset-inline-start', `${place({ x, y: 0 }).left * 100}%`);
    lines.push(line);
  }
  if (y !== null) {
    const line = el('span', { class: 'baseline-y' });
    line.style.setProperty('inset-block-start', `${place({ x: 0, y }).top * 100}%`);
    lines.push(line);
  }
  return lines;
}
