/**
 * The large pattern one can move about in: a heatmap with a crosshair, zoom and pan, by pointer, touch and
 * keyboard.
 * It knows cells and pixels, not heads or state; its window is its own and belongs to no link.
 *
 * @typedef {import('../state/state.js').Cell} Cell
 * @typedef {{
 *   levels: import('./heatmap.js').Level[], weights: Float32Array | null, max?: number, n: number, pieces:
 *   string[], cell: Cell,
 *   marks?: import('../figures/marks.js').MarkLevel[] | null,
 * }} Shown
 * @typedef
 *   {{ onPoint(cell: Cell): void, onChoose(query: number, key: number): void, onZoom(span: number, n: number, closest: number): void }}
 *   Listener
 */

import { bluesTable } from './colours.js';
import { el, isDark, onSchemeChange } from './dom.js';
import { draw, imageInSlices, plotOf } from './heatmap.js';
import { closest, inside, panned, showing, whole, zoomed } from './viewport.js';

/** A press that moved less than this chose a cell; more dragged the window. */
const DRAG_PX = 4;
const ZOOM_STEP = 1.6;

/** The page's colours and fonts, as the canvas needs them. @param {Element} element */
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
 * @param {Listener} listener
 * @param {{ label: string, testid: string }} [name] of one that is not the page's first
 */
export function createExplorer(
  { onPoint, onChoose, onZoom },
  { label, testid } = { label: 'Attention pattern', testid: 'explorer' },
) {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const element = el(
    'div',
    {
      class: 'explorer',
      role: 'application',
      tabindex: 0,
      'aria-label': label,
      'aria-roledescription': 'attention pattern',
      'aria-describedby': 'explorer-help',
      'data-testid': testid,
    },
    canvas,
  );
  /** @type {Shown | null} */ let shown = null;
  let viewport = whole(1);
  let scheduled = false;
  let table = bluesTable(isDark());
  /** @type {ReturnType<typeof styleOf> | null} */ let style = null;

  /** @type {import('./heatmap.js').Level | null} */ let painted = null;

  function paint() {
    scheduled = false;
    if (!shown || !canvas.isConnected) return;
    style ??= styleOf(element);
    const missing = draw(canvas, { ...shown, viewport, table, style });
    if (missing && missing !== painted) void sharpen(missing);
  }
  /** Paints a level of many cells, and then draws with it. @param {import('./heatmap.js').Level} level */
  async function sharpen(level) {
    painted = level;
    const colours = table;
    const image = await imageInSlices(
      level,
      colours,
      () => painted === level && colours === table && shown?.levels.includes(level) === true,
    );
    if (painted === level) painted = null;
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
    shown?.levels.forEach((level) => (level.image = null));
    schedule();
  });
  new ResizeObserver(schedule).observe(element);

  /** @param {typeof viewport} next */
  function move(next) {
    if (!shown) return;
    viewport = inside(next, shown.n);
    // A finger scrolls the page over the whole pattern, and moves the window of a part of it.
    element.style.touchAction = viewport.span < shown.n ? 'pinch-zoom' : '';
    onZoom(viewport.span, shown.n, closest(shown.n));
    schedule();
  }

  /** The place under a pointer, in cells with fractions; null outside the plot. @param {MouseEvent} event */
  function placeOf(event) {
    const box = canvas.getBoundingClientRect();
    const plot = plotOf(canvas);
    const key = viewport.key0 + ((event.clientX - box.left - plot.left) / plot.side) * viewport.span;
    const query = viewport.query0 + ((event.clientY - box.top - plot.top) / plot.side) * viewport.span;
    const within =
      shown &&
      query >= viewport.query0 &&
      key >= viewport.key0 &&
      query < viewport.query0 + viewport.span &&
      key < viewport.key0 + viewport.span;
    return within ? { query, key } : null;
  }

  /** @param {number} factor @param {{ query: number, key: number }} [about] */
  function zoom(factor, about) {
    if (!shown) return;
    const { cell } = shown;
    const middle = { query: viewport.query0 + viewport.span / 2, key: viewport.key0 + viewport.span / 2 };
    const centre = about ?? {
      query: cell.query === null ? middle.query : cell.query + 0.5,
      key: cell.key === null ? middle.key : cell.key + 0.5,
    };
    const next = zoomed(viewport, factor, centre.query, centre.key, shown.n);
    move(
      !about && cell.query !== null && cell.key !== null
        ? showing(next, cell.query, cell.key, shown.n)
        : next,
    );
  }

  listenToPointer();
  function listenToPointer() {
    /** @type {{ x: number, y: number, from: typeof viewport, moved: boolean } | null} */ let press = null;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      press = { x: event.clientX, y: event.clientY, from: viewport, moved: false };
    });
    canvas.addEventListener('pointermove', (event) => {
      if (
        press &&
        Math.hypot(event.clientX - press.x, event.clientY - press.y) > DRAG_PX &&
        shown &&
        viewport.span < shown.n
      ) {
        if (!press.moved) canvas.setPointerCapture(event.pointerId);
        press.moved = true;
        const perPx = viewport.span / plotOf(canvas).side;
        move(
          panned(press.from, (press.y - event.clientY) * perPx, (press.x - event.clientX) * perPx, shown.n),
        );
        return;
      }
      const place = placeOf(event);
      onPoint(
        place ? { query: Math.floor(place.query), key: Math.floor(place.key) } : { query: null, key: null },
      );
    });
    canvas.addEventListener('pointerup', (event) => {
      const place = press && !press.moved ? placeOf(event) : null;
      press = null;
      if (place) onChoose(Math.floor(place.query), Math.floor(place.key));
    });
    canvas.addEventListener('pointercancel', () => (press = null));
    canvas.addEventListener('pointerleave', () => onPoint({ query: null, key: null }));
    canvas.addEventListener(
      'wheel',
      (event) => {
        // A bare wheel scrolls the page until the pattern has been clicked or reached by keyboard.
        if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return;
        const place = placeOf(event);
        if (!place) return;
        event.preventDefault();
        zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0022)), place);
      },
      { passive: false },
    );
  }

  element.addEventListener('keydown', (event) => {
    if (!shown || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? 10 : 1;
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] };
    if (event.key in moves) {
      event.preventDefault();
      const { n, cell } = shown;
      // The first press lands on a cell: the last query, looking at the first key.
      const [down, right] = cell.query === null || cell.key === null ? [0, 0] : moves[event.key];
      const query = Math.min(n - 1, Math.max(0, (cell.query ?? n - 1) + down));
      const key = Math.min(query, Math.max(0, (cell.key ?? 0) + right));
      viewport = showing(viewport, query, key, n);
      // A second key may come before the page has drawn the first.
      shown = { ...shown, cell: { query, key } };
      onChoose(query, key);
    } else if (event.key === '+' || event.key === '=') zoom(ZOOM_STEP);
    else if (event.key === '-' || event.key === '_') zoom(1 / ZOOM_STEP);
    else if (event.key === '0') move(whole(shown.n));
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
    all: () => shown && move(whole(shown.n)),
  };
}
