/**
 * The chart of a repeated sequence's log-probabilities. The pointer or the keyboard chooses a position, whose
 * target token and figures appear beside it.
 */

import { figure } from '../base/format.js';
import { quoted, visible } from '../base/tokens.js';
import { createChart } from './chart.js';
import { el, setText } from './dom.js';
import { isShortcut } from './gestures.js';
import { drawLogProbs } from './log_prob_plot.js';
import { loadPlot } from './plot.js';

/** @typedef {import('./log_prob_plot.js').LogProbs} LogProbs */

/** Positions that a key moves by. @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

/**
 * The facts of a position. In words, positions count from 1 in each copy.
 * @param {LogProbs} of @param {number} position from 1 on
 */
export function factsOf({ mean, one, draws, pieces, seqLen }, position) {
  const token = pieces
    ? [`target token ${quoted(pieces[position] ?? '')}${one ? ' in sequence 1' : ''}`]
    : [];
  const second = position > seqLen;
  const place = `position ${position - (second ? seqLen : 0)} of the ${second ? 'second' : 'first'} copy`;
  const value = figure(mean[position - 1]);
  if (!one) return [place, ...token, `log-probability ${value}`];
  const single = `log-probability ${figure(one[position - 1])}${pieces ? '' : ' in sequence 1'}`;
  return [place, ...token, single, `mean of ${draws} sequences ${value}`];
}

/** The figures as a table. @param {LogProbs} of @returns {import('../exports/chart.js').Table} */
export function tableOf({ mean, one, pieces, seqLen }) {
  const columns = [
    'position',
    'target token (sequence 1)',
    'copy',
    one ? 'mean log-probability' : 'log-probability',
    ...(one ? ['in sequence 1'] : []),
  ];
  const rows = mean.map((value, at) => [
    at + 1,
    pieces ? visible(pieces[at + 1] ?? '') : '',
    at < seqLen ? 'first' : 'second',
    value,
    ...(one ? [one[at]] : []),
  ]);
  return { columns, rows };
}

/**
 * The position that a key leads to; null for other keys.
 * @param {string} key @param {number} at @param {number} last
 */
function positionAfter(key, at, last) {
  if (key === 'Home') return 1;
  if (key === 'End') return last;
  return key in STEPS ? Math.min(last, Math.max(1, at + STEPS[key])) : null;
}

/** @param {string} title @param {string} testid */
function build(title, testid) {
  const plotted = el('div', { class: 'plot', 'aria-hidden': 'true' });
  const rule = el('div', { class: 'plot-rule', hidden: true });
  const tip = el('div', { class: 'tip', hidden: true });
  const values = { 'aria-valuemin': 1, 'aria-valuemax': 1, 'aria-valuenow': 1 };
  const name = { 'aria-label': `${title}: position`, 'data-testid': `${testid}-plot` };
  const area = { class: 'plot-area', role: 'slider', tabindex: 0, ...name, ...values };
  return { plotted, rule, tip, slider: el('div', area, plotted, rule, tip) };
}

/**
 * Chooses positions by pointer and keyboard.
 * @param {HTMLElement} slider
 * @param {object} on
 * @param {() => number} on.last                     the last position; 0 without a chart
 * @param {() => number} on.at                       the chosen position; 0 for none
 * @param {(x: number) => number} on.positionOf      the position at a pixel
 * @param {(position: number) => void} on.point
 */
function listen(slider, { last, at, positionOf, point }) {
  slider.addEventListener('pointermove', (event) => {
    const position = positionOf(event.clientX - slider.getBoundingClientRect().left);
    point(position >= 1 && position <= last() ? position : 0);
  });
  slider.addEventListener('pointerleave', () => point(0));
  slider.addEventListener('focus', () => slider.matches(':focus-visible') && point(at() || 1));
  slider.addEventListener('blur', () => point(0));
  slider.addEventListener('keydown', (event) => {
    if (last() === 0 || isShortcut(event)) return;
    const to = positionAfter(event.key, at(), last());
    if (to === null) return;
    event.preventDefault();
    point(to);
  });
}

/** @param {string} title @param {string} testid */
export function createLogProbChart(title, testid) {
  const chart = createChart({ title, testid });
  const { plotted, rule, tip, slider } = build(title, testid);
  chart.body.append(slider);
  /** @type {LogProbs | null} */ let shown = null;
  /** @type {ReturnType<typeof drawLogProbs> | null} */ let current = null;
  /** The chosen position; 0 while there is none. */
  let at = 0;
  let drawing = false;
  /** Whether the chart was near the window: a first visit then need not fetch the chart library. */
  let seen = false;
  let stale = false;

  /** Draws at the width of the slider, which is 0 while its tab is closed. */
  async function draw() {
    stale = true;
    if (drawing || !shown || !seen || slider.clientWidth === 0) return;
    drawing = true;
    try {
      const plot = await loadPlot();
      // The tab may have been closed while the chart's code was loaded; it is drawn when the tab opens.
      while (stale && slider.clientWidth > 0) {
        stale = false;
        current = drawLogProbs(plot, shown, slider.clientWidth);
        plotted.replaceChildren(current);
      }
      if (at) point(at);
    } catch (thrown) {
      chart.fail(thrown, () => void draw());
    } finally {
      drawing = false;
    }
  }
  const sight = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      seen = true;
      sight.disconnect();
      void draw();
    },
    { rootMargin: '300px' },
  );
  sight.observe(slider);
  new ResizeObserver(() => {
    if (current?.getAttribute('width') !== String(slider.clientWidth)) void draw();
  }).observe(slider);

  /** Chooses a position; 0 for none. @param {number} position */
  function point(position) {
    at = position;
    rule.hidden = tip.hidden = !at || !current || !shown;
    if (!at || !current || !shown) return;
    const x = Number(current.scale('x')?.apply(at));
    const facts = factsOf(shown, at);
    setText(tip, facts.join('\n'));
    slider.setAttribute('aria-valuenow', String(at));
    slider.setAttribute('aria-valuetext', facts.join(', '));
    const left = Math.max(0, Math.min(x + 10, slider.clientWidth - tip.offsetWidth));
    rule.style.setProperty('inset-inline-start', `${x}px`);
    tip.style.setProperty('inset-inline-start', `${left}px`);
  }

  listen(slider, {
    last: () => shown?.mean.length ?? 0,
    at: () => at,
    positionOf: (x) => Math.round(Number(current?.scale('x')?.invert?.(x))),
    point,
  });

  return {
    element: chart.element,
    /** @param {LogProbs} next */
    show(next) {
      shown = next;
      slider.setAttribute('aria-valuemax', String(next.mean.length));
      slider.setAttribute('aria-valuetext', factsOf(next, at || 1).join(', '));
      chart.show({
        file: 'headscope-log-probabilities',
        subtitle: next.subtitle,
        table: tableOf(next),
        drawing: (plot, width) => drawLogProbs(plot, next, width),
      });
      void draw();
    },
  };
}
