/**
 * The large pattern: a heat map with a crosshair that zooms and pans, by pointer, touch and keyboard. The
 * explorer knows cells and pixels, not heads or state. No link carries its window.
 *
 * @typedef {import('../state/state.js').Cell} Cell
 * @typedef {import('./viewport.js').Viewport} Viewport
 * @typedef {{ query: number, key: number }} Place   in cells, with fractions
 *
 * @typedef {object} Shown
 * @property {import('./heatmap.js').Level[]} levels
 * @property {Float32Array | null} weights
 * @property {number} [max]
 * @property {number} n        tokens
 * @property {string[]} pieces
 * @property {Cell} cell       the crosshair
 * @property {import('../figures/marks.js').MarkLevel[] | null} [marks]
 * @property {string} [tip]    the crosshair's cell in words, beside the cell; empty: none
 *
 * @typedef {object} Listener
 * @property {(cell: Cell) => void} onPoint                    the pointer is over a cell, or over none
 * @property {(query: number, key: number) => void} onChoose   a click or a key chooses a cell
 * @property {(span: number, n: number, closest: number) => void} onZoom   the window has the side `span`;
 *   `closest` is the smallest side
 */

import { bluesTable } from './colours.js';
import { el, isDark, onRatioChange, onSchemeChange, setText } from './dom.js';
import { listenToKeys, listenToPointer } from './explorer_input.js';
import { draw, plotOf } from './heatmap.js';
import { imageInSlices } from './pyramid.js';
import { closest, inside, showing, whole, zoomed } from './viewport.js';

const ZOOM_STEP = 1.6;

/** The page's colours and fonts, for the canvas. @param {Element} element */
function styleOf(element) {
  const computed = getComputedStyle(element);
  /** @param {string} name */
  const value = (name) => computed.getPropertyValue(name).trim();
  return {
    paper: value('--paper'),
    ink: value('--ink'),
    muted: value('--muted'),
    line: value('--line'),
    accent: value('--accent'),
    mark: value('--mark'),
    sans: value('--sans'),
    mono: value('--mono'),
  };
}

/**
 * Draws on a canvas: at most once a frame, with large images made in time slices.
 * @param {HTMLCanvasElement} canvas
 * @param {() => { shown: Shown | null, viewport: Viewport }} latest
 * @param {() => void} drawn called after each drawing
 * @returns {() => void} asks for a drawing
 */
function createPainter(canvas, latest, drawn) {
  let scheduled = false;
  let table = bluesTable(isDark());
  /** @type {ReturnType<typeof styleOf> | null} */ let style = null;
  /** The level whose image is being made. @type {import('./heatmap.js').Level | null} */ let making = null;

  function paint() {
    scheduled = false;
    const { shown, viewport } = latest();
    if (!shown || !canvas.isConnected) return;
    style ??= styleOf(canvas);
    const missing = draw(canvas, { ...shown, viewport, table, style });
    drawn();
    if (missing && missing !== making) void sharpen(missing);
  }
  /** Makes the image of a level, then draws with the image. @param {import('./heatmap.js').Level} level */
  async function sharpen(level) {
    making = level;
    const colours = table;
    const wanted = () =>
      making === level && colours === table && latest().shown?.levels.includes(level) === true;
    const image = await imageInSlices(level, colours, wanted);
    if (making === level) making = null;
    level.image ??= image;
    if (image) schedule();
  }
  function schedule() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(paint);
  }
  onSchemeChange(() => {
    table = bluesTable(isDark());
    style = null;
    for (const level of latest().shown?.levels ?? []) level.image = null;
    schedule();
  });
  return schedule;
}

/** The elements of an explorer. @param {{ label: string, testid: string }} name */
function build({ label, testid }) {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const role = { class: 'explorer', role: 'application', tabindex: 0, 'data-testid': testid };
  const names = { 'aria-label': label, 'aria-roledescription': 'attention pattern' };
  const tip = el('span', { class: 'tip cell-tip', hidden: true, 'aria-hidden': 'true' });
  const described = { 'aria-describedby': 'explorer-help' };
  return { canvas, tip, element: el('div', { ...role, ...names, ...described }, canvas, tip) };
}

/**
 * The place under a pointer; null outside the plot.
 * @param {HTMLCanvasElement} canvas @param {Viewport} viewport @param {MouseEvent} event
 * @returns {Place | null}
 */
function placeIn(canvas, { query0, key0, span }, { clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  const plot = plotOf(canvas);
  const right = ((clientX - box.left - plot.left) / plot.side) * span;
  const down = ((clientY - box.top - plot.top) / plot.side) * span;
  const within = right >= 0 && down >= 0 && right < span && down < span;
  return within ? { query: query0 + down, key: key0 + right } : null;
}

/**
 * @param {Listener} listener
 * @param {{ label: string, testid: string }} [name] of an explorer that is not the page's first
 */
export function createExplorer(
  { onPoint, onChoose, onZoom },
  name = { label: 'Attention pattern', testid: 'explorer' },
) {
  const { canvas, tip, element } = build(name);
  /** @type {Shown | null} */ let shown = null;
  let viewport = whole(1);
  const schedule = createPainter(canvas, () => ({ shown, viewport }), placeTip);
  new ResizeObserver(schedule).observe(element);
  onRatioChange(schedule);

  /** Puts the words of the crosshair's cell beside the cell: on the side with more room. */
  function placeTip() {
    const { query, key } = shown?.cell ?? {};
    const words = typeof query === 'number' && typeof key === 'number' ? (shown?.tip ?? '') : '';
    const plot = plotOf(canvas);
    const cellPx = plot.side / viewport.span;
    const right = (Number(key) + 0.5 - viewport.key0) * cellPx;
    const down = (Number(query) + 0.5 - viewport.query0) * cellPx;
    tip.hidden = !words || right < 0 || down < 0 || right > plot.side || down > plot.side;
    if (tip.hidden) return;
    setText(tip, words);
    const room = Math.max(12, cellPx / 2 + 6);
    const left = right > plot.side / 2;
    const above = down > plot.side / 2;
    tip.style.setProperty(
      'inset-inline',
      left ? `auto ${canvas.clientWidth - plot.left - right + room}px` : `${plot.left + right + room}px auto`,
    );
    tip.style.setProperty(
      'inset-block',
      above ? `auto ${canvas.clientHeight - plot.top - down + room}px` : `${plot.top + down + room}px auto`,
    );
  }

  /** @param {Viewport} next */
  function move(next) {
    if (!shown) return;
    viewport = inside(next, shown.n);
    // Over the whole pattern a finger scrolls the page; over a part of it a finger moves the window.
    element.style.touchAction = viewport.span < shown.n ? 'pinch-zoom' : '';
    onZoom(viewport.span, shown.n, closest(shown.n));
    schedule();
  }

  /** Zooms about a place, by default about the crosshair. @param {number} factor @param {Place} [about] */
  function zoom(factor, about) {
    if (!shown) return;
    const { cell, n } = shown;
    const half = viewport.span / 2;
    const centre = about ?? {
      query: cell.query === null ? viewport.query0 + half : cell.query + 0.5,
      key: cell.key === null ? viewport.key0 + half : cell.key + 0.5,
    };
    const next = zoomed(viewport, factor, centre.query, centre.key, n);
    if (about || cell.query === null || cell.key === null) move(next);
    else move(showing(next, cell.query, cell.key, n));
  }

  /** Moves the crosshair to a cell, and the window with it. @param {number} query @param {number} key */
  function choose(query, key) {
    if (!shown) return;
    viewport = showing(viewport, query, key, shown.n);
    // Another key may come before the page has drawn this cell.
    shown = { ...shown, cell: { query, key } };
    onChoose(query, key);
  }

  const all = () => shown && move(whole(shown.n));
  listenToPointer(element, canvas, {
    placeOf: (event) => shown && placeIn(canvas, viewport, event),
    window: () => shown && { viewport, n: shown.n, cellsPerPx: viewport.span / plotOf(canvas).side },
    move,
    zoom,
    onPoint,
    onChoose,
  });
  listenToKeys(element, {
    crosshair: () => shown && { n: shown.n, cell: shown.cell },
    choose,
    closer: () => zoom(ZOOM_STEP),
    farther: () => zoom(1 / ZOOM_STEP),
    all,
  });

  return {
    element,
    /** @param {Shown} next */
    show(next) {
      if (next.n !== shown?.n) viewport = whole(next.n);
      shown = next;
      onZoom(viewport.span, next.n, closest(next.n));
      schedule();
    },
    closer: () => zoom(ZOOM_STEP),
    farther: () => zoom(1 / ZOOM_STEP),
    all,
  };
}
