/**
 * The drawing of the path to induction: feeding heads on the left, induction heads on the right, an edge for
 * the K-composition of every two. The heads are buttons.
 *
 * @typedef {import('../studies/path.js').Path} Path
 * @typedef {{ x: number, y: number }} Point
 */

import { figure } from '../base/format.js';
import { parseHead } from '../base/heads.js';

const SVG = 'http://www.w3.org/2000/svg';
/** Pixels between two boxes of a side. */
const GAP = 26;
/** Pixels between two edges at one box. */
const PORT = 34;
/** The room beside the evidence column in a window 1,280 px wide. */
const WIDE = 744;

/**
 * The places of a drawing. In a narrow one each score has its own line, and an edge its figure alone.
 * @typedef {object} Layout
 * @property {number} width    of the drawing, in pixels
 * @property {number} box      the width of a box
 * @property {number} height   of a box
 * @property {number} right    the left side of the boxes on the right
 * @property {boolean} narrow
 *
 * @param {number} width pixels that the page has @param {Path} path @returns {Layout}
 */
function layoutOf(width, { induction }) {
  const narrow = width < WIDE;
  const drawn = narrow ? Math.max(width, 300) : WIDE;
  const box = narrow ? Math.floor((drawn - 66) / 2) : 236;
  // A name, and the lines of the box with most of them.
  const height = 34 + 16 * (narrow ? 1 + induction.length : 2);
  return { width: drawn, box, height, right: drawn - box - 2, narrow };
}

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

/** The score of a head, by its name. @param {number[][]} strict @param {string} name */
export function scoreOf(strict, name) {
  const at = parseHead(name);
  return at ? (strict[at.layer]?.[at.head] ?? null) : null;
}

/** The row count of the taller side. @param {Path} path */
const rowsOf = ({ induction, feeding }) => Math.max(induction.length, feeding.length);

/**
 * The top of a box.
 * @param {number} at its place among the boxes of its side @param {number} of boxes of its side
 * @param {number} rows boxes of the taller side @param {Layout} layout
 */
const topOf = (at, of, rows, { height }) => 26 + (at + (rows - of) / 2) * (height + GAP);

/**
 * The height at which an edge meets a box: each edge has its own.
 * @param {number} at @param {number} of the edges at the box @param {Layout} layout
 */
const portOf = (at, of, { height }) => height / 2 + (at - (of - 1) / 2) * Math.min(PORT, (height - 10) / of);

/**
 * Both ends of an edge.
 * @param {Path} path @param {Path['edges'][number]} edge @param {Layout} layout
 * @returns {[Point, Point]}
 */
function endsOf(path, { from, to }, layout) {
  const { feeding, induction } = path;
  const [left, right] = [feeding.length, induction.length];
  const at = feeding.findIndex(({ name }) => name === from);
  const on = induction.findIndex(({ name }) => name === to);
  return [
    { x: layout.box + 4, y: topOf(at, left, rowsOf(path), layout) + portOf(on, right, layout) },
    { x: layout.right - 2, y: topOf(on, right, rowsOf(path), layout) + portOf(at, left, layout) },
  ];
}

/**
 * One edge. Its width shows how far its K-composition is above random heads; below them the edge is dashed.
 * @param {Path} path @param {Path['edges'][number]} edge @param {number} most the largest K-composition
 * @param {Layout} layout
 */
function edgeOf(path, edge, most, layout) {
  const { from, to, K } = edge;
  const { baseline } = path;
  const [start, end] = endsOf(path, edge, layout);
  const middle = (start.x + end.x) / 2;
  const share = Math.max(0, K - baseline) / Math.max(1e-9, most - baseline);
  const words = `K-composition of ${from} with ${to}: ${figure(K, 3)}, random heads ${figure(baseline, 3)}`;
  const line = svg('path', {
    d: `M${start.x} ${start.y} C${middle} ${start.y} ${middle} ${end.y} ${end.x} ${end.y}`,
    fill: 'none',
    stroke: K > baseline ? 'var(--accent)' : 'var(--edge)',
    'stroke-width': (1 + 7 * share).toFixed(1),
    'stroke-opacity': (0.3 + 0.6 * share).toFixed(2),
    'stroke-dasharray': K > baseline ? 'none' : '4 4',
  });
  // The label is over the beginning of its edge: edges do not cross there.
  const place = { x: start.x + 8, y: start.y - 7, fill: 'var(--ink)' };
  const halo = { stroke: 'var(--paper)', 'stroke-width': 4, 'paint-order': 'stroke' };
  return {
    line: svg('g', {}, svg('title', {}, words), line),
    label: svg('text', { ...place, ...halo }, layout.narrow ? figure(K, 3) : `K ${figure(K, 3)} into ${to}`),
  };
}

/**
 * One head, with facts about it.
 * @param {string} name @param {Point} at the upper left corner @param {string[]} facts
 * @param {boolean} pinned @param {Layout} layout
 */
function boxOf(name, { x, y }, facts, pinned, layout) {
  const words = `${name}: ${facts.join('; ')}`;
  const button = { 'data-head': name, role: 'button', tabindex: 0, 'aria-pressed': String(pinned) };
  const { box: width, height } = layout;
  const border = { stroke: pinned ? 'var(--accent)' : 'var(--edge)', 'stroke-width': pinned ? 2 : 1 };
  const title = { x: x + 12, y: y + 21, fill: 'var(--ink)', 'font-size': 15, 'font-weight': 600 };
  return svg(
    'g',
    { ...button, 'aria-label': `Head ${words}`, class: 'path-head' },
    svg('title', {}, `Show head ${words}`),
    svg('rect', { x, y, width, height, rx: 8, fill: 'var(--wash)', ...border }),
    svg('text', title, name),
    ...facts.map((fact, line) =>
      svg('text', { x: x + 12, y: y + 39 + line * 16, fill: 'var(--muted)' }, fact),
    ),
  );
}

/**
 * The boxes of both sides.
 * @param {Path} path @param {string | null} locked the pinned head @param {Layout} layout
 */
function boxesOf(path, locked, layout) {
  const { induction, feeding } = path;
  const rows = rowsOf(path);
  const left = feeding.map(({ name, lossIncrease, strict }, at) => {
    const scores = induction.map((head) => `${head.name} ${figure(scoreOf(strict, head.name))}`);
    const loss = `loss ${lossIncrease >= 0 ? '+' : ''}${figure(lossIncrease)} nats`;
    const facts = layout.narrow
      ? [loss, ...scores.map((score) => `then ${score}`)]
      : [`ablated: ${loss}`, `scores then: ${scores.join(', ')}`];
    const corner = { x: 2, y: topOf(at, feeding.length, rows, layout) };
    return boxOf(name, corner, facts, name === locked, layout);
  });
  const right = induction.map(({ name, strict }, at) => {
    const corner = { x: layout.right, y: topOf(at, induction.length, rows, layout) };
    const score = `${layout.narrow ? 'strict' : 'strict induction'} score ${figure(strict)}`;
    return boxOf(name, corner, [score], name === locked, layout);
  });
  return [...left, ...right];
}

/**
 * @param {Path} path @param {string | null} locked the pinned head
 * @param {number} [available] the page's room for it, in pixels @returns {SVGSVGElement}
 */
export function drawPath(path, locked, available = WIDE) {
  const layout = layoutOf(available, path);
  const { width, narrow } = layout;
  const height = rowsOf(path) * (layout.height + GAP) + 30;
  const most = Math.max(...path.edges.map(({ K }) => K), path.baseline);
  // The strongest edge is drawn last, over the others.
  const sorted = [...path.edges].sort((left, right) => left.K - right.K);
  const edges = sorted.map((edge) => edgeOf(path, edge, most, layout));
  const heading = { y: 12, fill: 'var(--muted)' };
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  const style = { class: 'path-diagram', 'font-family': 'var(--sans)', 'font-size': 12 };
  const root = svg(
    'svg',
    { ...size, ...style },
    svg('text', { x: 2, ...heading }, 'feeding heads'),
    svg(
      'text',
      { x: layout.right, ...heading },
      narrow ? 'induction scores' : 'highest strict induction scores',
    ),
    ...edges.map(({ line }) => line),
    ...edges.map(({ label }) => label),
    ...boxesOf(path, locked, layout),
  );
  return /** @type {SVGSVGElement} */ (root);
}
