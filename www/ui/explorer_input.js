/** The input of the large pattern: dragging, clicks, the wheel, and keys. */

import { isShortcut } from './gestures.js';
import { canZoom, panned } from './viewport.js';

/**
 * @typedef {import('./explorer.js').Cell} Cell
 * @typedef {import('./explorer.js').Place} Place
 * @typedef {import('./explorer.js').Viewport} Viewport
 */

/** A press that moves less than this, in pixels, chooses a cell. A longer way drags the window. */
const DRAG_PX = 4;

/** Zoom for a step of the wheel, if the browser counts in lines and if it counts in pixels. */
const WHEEL = { line: 0.05, pixel: 0.0022 };

/** The cell of no token. @type {Cell} */
const NOWHERE = Object.freeze({ query: null, key: null });

/**
 * @param {HTMLElement} element that has the focus
 * @param {HTMLCanvasElement} canvas
 * @param {object} on
 * @param {(event: MouseEvent) => Place | null} on.placeOf
 * @param {() => { viewport: Viewport, n: number, cellsPerPx: number } | null} on.window
 * @param {(viewport: Viewport) => void} on.move
 * @param {(factor: number, about: Place) => void} on.zoom
 * @param {(cell: Cell) => void} on.onPoint
 * @param {(query: number, key: number) => void} on.onChoose
 */
export function listenToPointer(element, canvas, { placeOf, window, move, zoom, onPoint, onChoose }) {
  /** @type {{ x: number, y: number, from: Viewport, moved: boolean } | null} */ let press = null;

  /** Moves the window with a press, if the press drags it. @param {PointerEvent} event */
  function drag({ clientX, clientY, pointerId }) {
    const now = window();
    if (!press || !now || now.viewport.span >= now.n) return false;
    const [right, down] = [clientX - press.x, clientY - press.y];
    if (Math.hypot(right, down) <= DRAG_PX) return false;
    if (!press.moved) canvas.setPointerCapture(pointerId);
    press.moved = true;
    move(panned(press.from, -down * now.cellsPerPx, -right * now.cellsPerPx, now.n));
    return true;
  }

  canvas.addEventListener('pointerdown', (event) => {
    const now = window();
    if (event.button !== 0 || !now) return;
    press = { x: event.clientX, y: event.clientY, from: now.viewport, moved: false };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (drag(event)) return;
    const place = placeOf(event);
    onPoint(place ? { query: Math.floor(place.query), key: Math.floor(place.key) } : NOWHERE);
  });
  canvas.addEventListener('pointerup', (event) => {
    const place = press && !press.moved ? placeOf(event) : null;
    press = null;
    if (place) onChoose(Math.floor(place.query), Math.floor(place.key));
  });
  canvas.addEventListener('pointercancel', () => {
    press = null;
  });
  canvas.addEventListener('pointerleave', () => onPoint(NOWHERE));
  canvas.addEventListener(
    'wheel',
    (event) => {
      // The wheel alone scrolls the page until the pattern has the focus.
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== element) return;
      const place = placeOf(event);
      if (!place) return;
      const now = window();
      // Where it cannot zoom, the wheel scrolls the page.
      if (!now || !canZoom(now.viewport, -event.deltaY, now.n)) return;
      event.preventDefault();
      const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL.line : WHEEL.pixel;
      zoom(Math.exp(-event.deltaY * step), place);
    },
    { passive: false },
  );
}

/**
 * @param {HTMLElement} element
 * @param {object} on
 * @param {() => { n: number, cell: Cell } | null} on.crosshair
 * @param {(query: number, key: number) => void} on.choose
 * @param {() => void} on.closer
 * @param {() => void} on.farther
 * @param {() => void} on.all
 */
export function listenToKeys(element, { crosshair, choose, closer, farther, all }) {
  element.addEventListener('keydown', (event) => {
    const now = crosshair();
    if (!now || isShortcut(event)) return;
    const step = event.shiftKey ? 10 : 1;
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] };
    if (event.key in moves) {
      event.preventDefault();
      const { n, cell } = now;
      // The first press only shows the crosshair: at the last query and the first key.
      const [down, right] = cell.query === null || cell.key === null ? [0, 0] : moves[event.key];
      const query = Math.min(n - 1, Math.max(0, (cell.query ?? n - 1) + down));
      choose(query, Math.min(query, Math.max(0, (cell.key ?? 0) + right)));
    } else if (event.key === '+' || event.key === '=') closer();
    else if (event.key === '-' || event.key === '_') farther();
    else if (event.key === '0') all();
  });
}
