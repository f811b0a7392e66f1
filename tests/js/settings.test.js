// Tests the table of settings, the table of tabs, and the default thresholds against those of the engine.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { DEFAULT_THRESHOLDS } from '../../www/base/thresholds.js';
import { thresholds } from '../../www/engine/options.js';
import { ROWS, SETTINGS } from '../../www/state/settings.js';
import { reduce } from '../../www/state/state.js';
import { shownOn, TABS } from '../../www/state/tabs.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';
import { analysed, analysedState } from './fixtures.js';

/** @param {string} path */
const source = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the default thresholds are those of the engine, and its documentation names the same', () => {
  const rust = /impl Default for Thresholds \{[\s\S]*?Thresholds \{ (.*?) \}/.exec(
    source('src/detectors/thresholds.rs'),
  );
  const engine = Object.fromEntries((rust?.[1] ?? '').split(', ').map((field) => field.split(': ')));
  assert.deepEqual(engine, { active: '0.4', fraction: '0.3', mean: '0.4' });
  assert.deepEqual(
    { ...DEFAULT_THRESHOLDS },
    Object.fromEntries(Object.entries(engine).map(([name, value]) => [name, Number(value)])),
  );
  assert.deepEqual(thresholds({}), { ...DEFAULT_THRESHOLDS });
  assert.deepEqual(thresholds({ mean: undefined, active: 1 }), { ...DEFAULT_THRESHOLDS, active: 1 });
  const documented = source('www/engine/run.js').matchAll(
    /@property \{number\} \[(\w+)\] [^@]*?(?:default|;) ([\d.]+)$/gm,
  );
  const inJsDoc = Object.fromEntries([...documented].map(([, name, value]) => [name, Number(value)]));
  assert.deepEqual(inJsDoc, { ...DEFAULT_THRESHOLDS });
});

test('every setting has a key of its own, and its link form reads as itself', () => {
  const keys = ROWS.flatMap(({ key, packed }) => (packed ? [key, packed] : [key]));
  assert.equal(new Set([...keys, 'v', 'sha', 'digest', 'found']).size, keys.length + 4);
  assert.deepEqual(Object.keys(DEFAULT_VIEW).sort(), Object.keys(SETTINGS).sort());
  const hostile = `\0${'x,'.repeat(500)}`;
  for (const { name, initial, read, write = String } of ROWS) {
    if (initial !== null && !(Array.isArray(initial) && !initial.length))
      assert.deepEqual(read(write(initial)), initial, name);
    if (name !== 'text') assert.equal(read(hostile), null, name);
  }
});

test('another model resets exactly the settings that belong to a model', () => {
  const set = analysedState({
    bos: 'off',
    head: '0.1',
    query: 3,
    key: 2,
    off: ['0.1'],
    offMlps: [1],
    layers: [0, 1],
    target: [' a'],
    side: 'before',
    copying: ['1.1'],
    ran: ['losses'],
    tab: 'ablate',
    seed: 5,
    score: 'mean-first',
  });
  const { view } = reduce(set, { type: 'open model', model: 'another' });
  for (const { name, initial, ofModel } of ROWS) {
    if (name === 'model') continue;
    assert.deepEqual(view[name], ofModel ? initial : set.view[name], name);
  }
  assert.deepEqual(
    ROWS.filter(({ ofModel }) => ofModel)
      .map(({ name }) => name)
      .sort(),
    [
      'bos',
      'copying',
      'head',
      'key',
      'layers',
      'off',
      'offMlps',
      'precision',
      'query',
      'ran',
      'side',
      'target',
    ],
  );
});

test('a list of heads loses the heads that the model does not have, and the first of them is named', () => {
  const { view, problems } = analysed(analysedState({ off: ['0.1', '9.9'], copying: ['7.7'] }), 10);
  assert.deepEqual([view.off, view.copying], [['0.1'], []]);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['LinkHead'],
  );
  assert.match(problems[0].detail, /head 9\.9/);
});

test('index.html has a panel for every tab, with the sections of its row', () => {
  const panels = [
    ...source('index.html').matchAll(/<div\s+class="panel"\s+id="panel-(\w+)"[^>]*>([\s\S]*?)<\/div>/g),
  ];
  assert.deepEqual(
    panels.map(([, id, inner]) => ({
      id,
      sections: [...inner.matchAll(/<section\s+id="([\w-]+)"/g)].map(([, name]) => name),
    })),
    TABS.map(({ id, sections }) => ({ id, sections: [...sections] })),
  );
  for (const { id } of TABS) assert.match(source('index.html'), new RegExp(`aria-labelledby="tab-${id}"`));
});

test('one tab is shown at a time', () => {
  const state = analysedState({ tab: 'ablate' });
  assert.deepEqual(
    TABS.filter(({ id }) => shownOn(id, state)).map(({ id }) => id),
    ['ablate'],
  );
});

test('no module but the table of tabs compares the name of a tab', () => {
  const compared = new RegExp(`\\btab\\s*[!=]==\\s*'(?:${TABS.map(({ id }) => id).join('|')})'`);
  assert.match("view.tab !== 'find'", compared);
  const files = readdirSync(new URL('../../www/', import.meta.url), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((path) => path.endsWith('.js') && !path.startsWith('wasm')))
    assert.doesNotMatch(source(`www/${file}`), compared, file);
});
