/**
 * The drawing of a repeated sequence's log-probabilities: both copies shaded, each with its mean.
 *
 * @typedef {object} LogProbs
 * @property {number[]} mean              over the sequences, of the tokens from position 1 on, in nats
 * @property {number[] | null} one        of the first sequence; null if it is the only one
 * @property {number} draws               sequences
 * @property {number} seqLen              tokens of one copy
 * @property {number} meanFirst           over the first copy
 * @property {number} meanSecond          over the second copy
 * @property {string[] | null} pieces     the first sequence's tokens from position 0 on; null while unknown
 * @property {string} subtitle
 */

import { figure } from '../base/format.js';

const HEIGHT = 280;
/** The width below which a chart has no room for long labels. */
const NARROW = 480;

/** Text in this style is legible over a line. */
const HALO = { stroke: 'var(--paper)', strokeWidth: 4, fill: 'var(--ink)' };

/** Both copies, with their range of positions, their mean and their colour. @param {LogProbs} of */
const copiesOf = ({ seqLen, meanFirst, meanSecond }) => [
  { from: 0.5, to: seqLen + 0.5, mean: meanFirst, name: 'first copy', wash: 'var(--wash)' },
  {
    from: seqLen + 0.5,
    to: 2 * seqLen + 0.5,
    mean: meanSecond,
    name: 'second copy',
    wash: 'var(--accent-wash)',
  },
];

/**
 * The meaning of the lines, above the frame.
 * @param {import('./plot.js').Plot} plot @param {LogProbs} of
 */
function legend(plot, { one, draws }) {
  const place = { frameAnchor: /** @type {const} */ ('top-right'), dy: -18 };
  return [
    plot.text([draws > 1 ? `● mean of ${draws} sequences` : '● log-probability'], {
      ...place,
      dx: one ? -96 : 0,
      fill: 'var(--accent)',
    }),
    one && plot.text(['— sequence 1'], { ...place, fill: 'var(--muted)' }),
  ];
}

/**
 * The dashed mean of each copy, with its figure.
 * @param {import('./plot.js').Plot} plot @param {ReturnType<typeof copiesOf>} copies
 * @param {boolean} narrow the chart has no room for the names of the copies side by side
 */
function means(plot, copies, narrow) {
  const line = { x1: 'from', x2: 'to', y: 'mean', stroke: 'var(--ink)' };
  return [
    plot.ruleY(copies, { ...line, strokeWidth: 1.5, strokeDasharray: '5 4' }),
    plot.text(copies, {
      x: ({ from, to }) => (from + to) / 2,
      y: 'mean',
      text: ({ name, mean }) => (narrow ? `mean ${figure(mean)}` : `${name}: mean ${figure(mean)}`),
      dy: 14,
      fontWeight: 600,
      ...HALO,
    }),
  ];
}

/** @param {import('./plot.js').Plot} plot @param {LogProbs} of @param {number} width in pixels */
export function drawLogProbs(plot, of, width) {
  const { mean, one, seqLen } = of;
  const copies = copiesOf(of);
  const points = mean.map((logProb, at) => ({ position: at + 1, logProb, one: one?.[at] ?? logProb }));
  const lowest = Math.min(...points.map(({ logProb, one: single }) => Math.min(logProb, single)));
  const accent = 'var(--accent)';
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
      label: 'position of the target token',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: Math.min(2 * seqLen, width / 80),
      tickFormat: 'd',
    },
    y: {
      domain: [lowest * 1.05 - 0.1, 0.4],
      // On a narrow page the whole label would be under the legend.
      label: width < NARROW ? 'nats' : 'log-probability (nats)',
      labelArrow: 'none',
      ticks: 6,
      grid: false,
    },
    marks: [
      plot.rect(copies, { x1: 'from', x2: 'to', fill: 'wash' }),
      plot.ruleY([0], { stroke: 'var(--edge)' }),
      one && plot.lineY(points, { x: 'position', y: 'one', stroke: 'var(--muted)', strokeWidth: 1 }),
      plot.lineY(points, { x: 'position', y: 'logProb', stroke: accent, strokeWidth: 1.5 }),
      plot.dot(points, { x: 'position', y: 'logProb', fill: accent, r: seqLen > 100 ? 1 : 2 }),
      ...means(plot, copies, width < NARROW),
      ...legend(plot, of),
    ],
  });
}
