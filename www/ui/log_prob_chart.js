/**
 * The log-probability of each token of a repeated sequence: the two copies shaded, each with its mean, the
 * token under the
 * pointer or the focus named.
 *
 * @typedef {object} LogProbs
 * @property {number[]} mean              over the draws, of the tokens from position 1 on
 * @property {number[] | null} one        of the first draw; null where there is only one
 * @property {number} draws
 * @property {number} seqLen
 * @property {number} meanFirst
 * @property {number} meanSecond
 * @property {string[] | null} pieces     the first draw's tokens from position 0 on, while they are known
 * @property {string} subtitle
 */

import { figure } from '../base/format.js';
import { quoted, visible } from '../base/tokens.js';
import { createChart } from './chart.js';
import { el, setText } from './dom.js';
import { loadPlot } from './plot.js';

const HEIGHT = 280;

/** Charts with a position one can walk along: what the arrow keys do. @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

/** @param {import('./plot.js').Plot} plot @param {LogProbs} of @param {number} width */
function drawn(plot, { mean, one, draws, seqLen, meanFirst, meanSecond }, width) {
  const halves = [
    { from: 0.5, to: seqLen + 0.5, mean: meanFirst, name: 'first copy', wash: 'var(--wash)' },
    {
      from: seqLen + 0.5,
      to: 2 * seqLen + 0.5,
      mean: meanSecond,
      name: 'second copy',
      wash: 'var(--accent-wash)',
    },
  ];
  const points = mean.map((logProb, at) => ({ position: at + 1, logProb, one: one?.[at] ?? logProb }));
  const lowest = Math.min(...points.map(({ logProb, one: single }) => Math.min(logProb, single)));
  const halo = { stroke: 'var(--paper)', strokeWidth: 4, fill: 'var(--ink)' };
  return plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 48,
    marginBottom: 40,
    marginTop: 22,
    className: 'plotted',
    style: { fontSize: '12px', fontFamily: 'var(--sans)', background: 'none', overflow: 'visible' },
    x: {
      domain: [0.5, 2 * seqLen + 0.5],
      label: 'position of the token predicted',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: Math.min(2 * seqLen, width / 80),
      tickFormat: 'd',
    },
    y: {
      domain: [lowest * 1.05 - 0.1, 0.4],
      label: 'log-probability (nats)',
      labelArrow: 'none',
      ticks: 6,
      grid: false,
    },
    marks: [
      plot.rect(halves, { x1: 'from', x2: 'to', fill: 'wash' }),
      plot.ruleY([0], { stroke: 'var(--edge)' }),
      one && plot.lineY(points, { x: 'position', y: 'one', stroke: 'var(--muted)', strokeWidth: 1 }),
      plot.lineY(points, { x: 'position', y: 'logProb', stroke: 'var(--accent)', strokeWidth: 1.5 }),
      plot.dot(points, { x: 'position', y: 'logProb', fill: 'var(--accent)', r: seqLen > 100 ? 1 : 2 }),
      plot.ruleY(halves, {
        x1: 'from',
        x2: 'to',
        y: 'mean',
        stroke: 'var(--ink)',
        strokeWidth: 1.5,
        strokeDasharray: '5 4',
      }),
      plot.text(halves, {
        x: ({ from, to }) => (from + to) / 2,
        y: 'mean',
        text: ({ name, mean: value }) => `${name}: mean ${figure(value)}`,
        dy: 14,
        fontWeight: 600,
        ...halo,
      }),
      plot.text([draws > 1 ? `● mean of ${draws} draws` : '● log-probability'], {
        frameAnchor: 'top-right',
        dx: one ? -62 : 0,
        dy: -18,
        fill: 'var(--accent)',
      }),
      one && plot.text(['— draw 1'], { frameAnchor: 'top-right', dy: -18, fill: 'var(--muted)' }),
    ],
  });
}

/** @param {string} title @param {string} testid */
export function createLogProbChart(title, testid) {
  const chart = createChart({ title, testid });
  const plotted = el('div', { class: 'plot', 'aria-hidden': 'true' });
  const rule = el('div', { class: 'plot-rule', hidden: true });
  const tip = el('div', { class: 'tip', hidden: true });
  const slider = el(
    'div',
    {
      class: 'plot-area',
      role: 'slider',
      tabindex: 0,
      'aria-label': `${title}: position`,
      'aria-valuemin': 1,
      'aria-valuemax': 1,
      'aria-valuenow': 1,
      'data-testid': `${testid}-plot`,
    },
    plotted,
    rule,
    tip,
  );
  chart.body.append(slider);
  /** @type {LogProbs | null} */ let shown = null;
  /** @type {((SVGSVGElement | HTMLElement) & import('@observablehq/plot').Plot) | null} */ let current =
    null;
  let at = 0;
  let drawing = false;
  let stale = false;

  /** Draws what is to be shown at the width there is, which is none while its tab is closed. */
  async function draw() {
    stale = true;
    if (drawing || !shown || slider.clientWidth === 0) return;
    drawing = true;
    try {
      const plot = await loadPlot();
      while (stale) {
        stale = false;
        current = drawn(plot, shown, slider.clientWidth);
        plotted.replaceChildren(current);
      }
      if (at) point(at);
    } catch (thrown) {
      chart.fail(thrown, () => void draw());
    } finally {
      drawing = false;
    }
  }
  new ResizeObserver(
    () => current?.getAttribute('width') !== String(slider.clientWidth) && void draw(),
  ).observe(slider);

  /** Points at a position from 1 on; 0 at none. @param {number} position */
  function point(position) {
    at = position;
    rule.hidden = tip.hidden = !at || !current || !shown;
    if (!at || !current || !shown) return;
    const x = Number(current.scale('x')?.apply(at));
    const words = told(shown, at);
    setText(tip, words.join('\n'));
    slider.setAttribute('aria-valuenow', String(at));
    slider.setAttribute('aria-valuetext', words.join(', '));
    rule.style.setProperty('inset-inline-start', `${x}px`);
    tip.style.setProperty(
      'inset-inline-start',
      `${Math.max(0, Math.min(x + 10, slider.clientWidth - tip.offsetWidth))}px`,
    );
  }

  slider.addEventListener('pointermove', (event) => {
    const x = event.clientX - slider.getBoundingClientRect().left;
    const position = Math.round(Number(current?.scale('x')?.invert?.(x)));
    point(shown && position >= 1 && position <= shown.mean.length ? position : 0);
  });
  slider.addEventListener('pointerleave', () => point(0));
  slider.addEventListener('focus', () => slider.matches(':focus-visible') && point(at || 1));
  slider.addEventListener('blur', () => point(0));
  slider.addEventListener('keydown', (event) => {
    if (!shown || event.altKey || event.ctrlKey || event.metaKey) return;
    const last = shown.mean.length;
    const to =
      event.key === 'Home'
        ? 1
        : event.key === 'End'
          ? last
          : event.key in STEPS
            ? at + STEPS[event.key]
            : null;
    if (to === null) return;
    event.preventDefault();
    point(Math.min(last, Math.max(1, to)));
  });

  return {
    element: chart.element,
    /** @param {LogProbs} next */
    show(next) {
      shown = next;
      const { mean, one, pieces, subtitle, seqLen } = next;
      slider.setAttribute('aria-valuemax', String(mean.length));
      slider.setAttribute('aria-valuetext', told(next, at || 1).join(', '));
      const columns = [
        'position',
        'token predicted (draw 1)',
        'copy',
        one ? 'mean log-probability' : 'log-probability',
        ...(one ? ['of draw 1'] : []),
      ];
      const rows = mean.map((value, index) => [
        index + 1,
        pieces ? visible(pieces[index + 1] ?? '') : '',
        index < seqLen ? 'first' : 'second',
        value,
        ...(one ? [one[index]] : []),
      ]);
      chart.show({
        file: 'headscope-log-probabilities',
        subtitle,
        table: { columns, rows },
        drawing: (plot, width) => drawn(plot, next, width),
      });
      void draw();
    },
  };
}

/** What is said of a position. @param {LogProbs} of @param {number} position */
function told({ mean, one, draws, pieces, seqLen }, position) {
  const token = pieces ? `${quoted(pieces[position] ?? '')}` : 'token';
  const place = `position ${position} of the ${position <= seqLen ? 'first' : 'second'} copy`;
  const value = mean[position - 1];
  if (!one) return [place, `predicts ${token}`, `log-probability ${figure(value)}`];
  return [
    place,
    `draw 1 predicts ${token}`,
    `log-probability ${figure(one[position - 1])}`,
    `mean of ${draws} draws ${figure(value)}`,
  ];
}
