// Charts as CSV, and their colours.
import assert from 'node:assert/strict';
import test from 'node:test';
import { csvOf, onPaper } from '../../www/exports/chart.js';
import { bluesTable, css, rdbuTable } from '../../www/ui/colours.js';

test('a table as CSV: a token with commas, quotes or line breaks is one cell, no figure an empty one', () => {
  const rows = [
    [1, 'a,b', -0.5],
    [2, 'say "so"', null],
    [3, 'line\nbreak', 1e-7],
  ];
  assert.equal(
    csvOf({ columns: ['position', 'token', 'log-probability'], rows }),
    'position,token,log-probability\r\n1,"a,b",-0.5\r\n2,"say ""so""",\r\n3,"line\nbreak",1e-7\r\n',
  );
});

test('a drawing on paper names no variable of the page, and escapes its title', () => {
  const svg = onPaper({
    title: '<b>&"Heads',
    subtitle: 'of “a model”',
    drawing: '<svg width="10" height="20"><path stroke="var(--accent)" fill="var(--nowhere)"/></svg>',
    width: 10,
    height: 20,
    colours: { '--accent': '#123456', '--ink': '#111111', '--paper': '#fefefe' },
  });
  assert.ok(!svg.includes('var('));
  assert.ok(svg.includes('stroke="#123456"') && svg.includes('fill="currentColor"'));
  assert.ok(svg.includes('color="#111111"') && svg.includes('fill="#fefefe"'));
  assert.ok(!svg.includes('<b>') && svg.includes('&#60;b&#62;&#38;&#34;Heads'));
});

test('a difference of 0 has the middle’s colour, light and dark; below 0 is red, above 0 is blue', () => {
  const channels = (/** @type {string} */ colour) => (colour.match(/\d+/g) ?? []).map(Number);
  for (const dark of [false, true]) {
    const [low, middle, high] = [0.2, 0.5, 0.8].map((at) => channels(css(rdbuTable(dark), at)));
    assert.ok(low[0] > low[2] && high[2] > high[0], `${low} ${high}`);
    const paper = channels(dark ? css(bluesTable(true), 0) : 'rgb(247 247 247)');
    assert.ok(
      middle.every((value, at) => Math.abs(value - paper[at]) < 4),
      `${middle}`,
    );
  }
});
