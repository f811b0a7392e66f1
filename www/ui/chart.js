/**
 * The frame of a chart: its title, the chart itself, buttons that save it, and its figures as a table.
 *
 * @typedef {import('../exports/chart.js').Table} Table
 * @typedef {import('./plot.js').Plot} Plot
 *
 * @typedef {object} Content
 * @property {string} file                the name of saved files, without the ending
 * @property {string} subtitle            the model and the settings, for the picture
 * @property {Table} table                the figures of the chart
 * @property {(plot: Plot, width: number) => SVGElement | HTMLElement} drawing   a picture `width` pixels wide
 */

import { csvOf, onPaper } from '../exports/chart.js';
import { createChartTable } from './chart_table.js';
import { button, el, setText } from './dom.js';
import { loadPlot } from './plot.js';
import { download, painted } from './save.js';

/** The width of a picture, in pixels of the SVG. */
const WIDTH = 760;

/** @typedef {'png' | 'svg' | 'csv'} Kind */

/** @type {readonly Kind[]} */
const KINDS = ['png', 'svg', 'csv'];

/**
 * The page's colours on a light page, whatever colours it has now: those of the first `:root` rule.
 * @returns {Record<string, string>}
 */
function paperColours() {
  /** @type {Record<string, string>} */ const colours = { '--sans': 'sans-serif', '--mono': 'monospace' };
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ':root') continue;
      for (const name of rule.style) {
        if (name.startsWith('--')) colours[name] ??= rule.style.getPropertyValue(name).trim();
      }
    }
  }
  return colours;
}

/** The picture of a chart. @param {string} title @param {Content} content @returns {Promise<Blob>} */
async function svgOf(title, { subtitle, drawing }) {
  const drawn = drawing(await loadPlot(), WIDTH);
  const [width, height] = ['width', 'height'].map((side) => Number(drawn.getAttribute(side)));
  const text = onPaper({
    title,
    subtitle,
    width,
    height,
    drawing: new XMLSerializer().serializeToString(drawn),
    colours: paperColours(),
  });
  return new Blob([text], { type: 'image/svg+xml' });
}

/** The file of a chart. @param {Kind} kind @param {string} title @param {Content} content */
async function fileOf(kind, title, content) {
  if (kind === 'csv') return new Blob([csvOf(content.table)], { type: 'text/csv' });
  const drawn = await svgOf(title, content);
  return kind === 'svg' ? drawn : painted(drawn);
}

/** @param {{ title: string, testid: string }} what */
export function createChart({ title, testid }) {
  /** @type {Content | null} */ let content = null;
  const heading = el('h3', {}, title);
  const failure = el('p', { class: 'study-status', role: 'status' });
  const body = el('div', { class: 'chart-body' });
  const table = createChartTable({ title, testid });
  const buttons = KINDS.map((kind) => {
    const name = kind.toUpperCase();
    return button(name, () => void save(kind), {
      class: 'tool',
      'aria-label': `Save “${title}” as ${name}`,
      title: `Save as ${name}`,
      'data-testid': `${testid}-${kind}`,
    });
  });

  /** @param {Kind} kind */
  async function save(kind) {
    if (!content) return;
    setText(failure, '');
    try {
      download(`${content.file}.${kind}`, await fileOf(kind, heading.textContent ?? '', content));
    } catch (thrown) {
      fail(thrown, () => void save(kind));
    }
  }

  /** @param {unknown} thrown @param {() => void} again */
  function fail(thrown, again) {
    const { name, message } = /** @type {Error} */ (thrown);
    const why =
      name === 'ChartFetch'
        ? 'The chart could not be drawn: the chart library did not load.'
        : 'The picture could not be made.';
    const retry = button('Try again', () => {
      failure.replaceChildren();
      again();
    });
    failure.replaceChildren(el('span', { title: message }, `${why} The table has its figures. `), retry);
  }

  const head = el('div', { class: 'section-head' }, heading, el('div', { class: 'tools' }, ...buttons));
  return {
    element: el('figure', { class: 'chart', 'data-testid': testid }, head, body, failure, table.element),
    /** The place of the chart itself. */
    body,
    /** Replaces the title. @param {string} words */
    title(words) {
      setText(heading, words);
      table.title(words);
    },
    /** Sets what the buttons save and the table shows. @param {Content} next */
    show(next) {
      content = next;
      table.show(next.table);
    },
    /** Says that the chart could not be drawn. */
    fail,
  };
}
