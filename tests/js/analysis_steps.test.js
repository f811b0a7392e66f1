// The analysis as a table: what is there and what is wanted give the next step, what happened gives what is
// there. No engine.
import assert from 'node:assert/strict';
import test from 'node:test';
import { initial, reduce } from '../../www/state/state.js';
import * as steps from '../../www/work/analysis_steps.js';

/** @typedef {import('../../www/work/analysis_steps.js').Work} Work */
/** @typedef {import('../../www/work/analysis_steps.js').Wanted} Wanted */
/** @typedef {import('../../www/work/analysis_steps.js').Event} Event */

/** @type {Wanted} */
const WANTED = {
  key: 'one',
  backend: 'auto',
  model: 'default',
  edition: 0,
  half: false,
  thresholds: 't',
  ablation: '',
  pattern: 'mean attention',
  layers: '',
  patternShown: false,
};
/** @param {Event[]} events @returns {Work} */
const worked = (...events) => events.reduce(steps.after, steps.NOTHING);

const OPENED = /** @type {Event} */ ({ type: 'opened', backend: 'auto' });
const LOADED = /** @type {Event} */ ({ type: 'loaded', source: 'default', edition: 0, half: false });
const SHOWN = /** @type {Event} */ ({ type: 'shown', key: 'one', thresholds: 't' });
const READY = [OPENED, LOADED, SHOWN];
/**
 * @param {import('../../www/work/analysis_steps.js').Kind} kind
 * @param {string} wanted @param {string} code @param {string} asked
 * @returns {Event & { type: 'failed' }}
 */
const failed = (kind, wanted, code, asked = 'one') => ({ type: 'failed', kind, wanted, code, asked });

/**
 * A case: the events so far, the wanted state, the next step.
 * @type {[string, Event[], Partial<Wanted>, string | null][]}
 */
const STEPS = [
  ['nothing is there', [], {}, 'open'],
  ['an engine', [OPENED], {}, 'load'],
  ['an engine of another backend', [OPENED], { backend: 'cpu' }, 'open'],
  ['a model', [OPENED, LOADED], {}, 'analyse'],
  ['another model', [OPENED, LOADED], { model: 'other' }, 'load'],
  ['other files of the same model', [OPENED, LOADED], { edition: 1 }, 'load'],
  ['the same files at half precision', [OPENED, LOADED], { half: true }, 'load'],
  ['the run, without its pattern', READY, {}, 'pattern'],
  ['everything', READY, { patternShown: true }, null],
  ['a run of another text', READY, { key: 'two', patternShown: true }, 'analyse'],
  ['a run at other thresholds', READY, { thresholds: 'u', patternShown: true }, 'detect'],
  ['a run at other thresholds comes before its pattern', READY, { thresholds: 'u' }, 'detect'],
  [
    'thresholds that were judged',
    [...READY, { type: 'detected', thresholds: 'u' }],
    { thresholds: 'u' },
    'pattern',
  ],
  ['heads to ablate come before the pattern', READY, { ablation: 'a' }, 'ablate'],
  ['ablated heads', [...READY, { type: 'ablated', ablation: 'a' }], { ablation: 'a' }, 'pattern'],
  ['ablated heads that are restored', [...READY, { type: 'ablated', ablation: 'a' }], {}, 'ablate'],
  [
    'an ablation that failed: the whole model is looked at',
    [...READY, failed('ablation', 'oneta', 'GpuMemory')],
    { ablation: 'a' },
    'pattern',
  ],
  ['an engine that was closed', [...READY, { type: 'closed' }], {}, 'open'],
  ['a backend that failed to open', [failed('run', 'one', 'GpuUnavailable')], {}, null],
  ['a text that failed, and no run', [OPENED, LOADED, failed('run', 'one', 'TooFewTokens')], {}, null],
  [
    'a text that failed: the last run is looked at',
    [...READY, failed('run', 'two', 'Internal', 'two')],
    { key: 'two' },
    'pattern',
  ],
  [
    'a text that failed, and another text',
    [OPENED, LOADED, failed('run', 'one', 'Internal')],
    { key: 'two' },
    'analyse',
  ],
  [
    'a text that failed, after a detection worked',
    [...READY, failed('run', 'two', 'Internal', 'two'), { type: 'done', kind: 'detection' }],
    { key: 'two', patternShown: true },
    null,
  ],
  [
    'a text that failed, after a run worked',
    [...READY, failed('run', 'two', 'Internal', 'two'), { type: 'done', kind: 'run' }],
    { key: 'two', patternShown: true },
    'analyse',
  ],
  ['a pattern that failed', [...READY, failed('pattern', 'onemean attention', 'Internal')], {}, null],
  [
    'a pattern that failed, and another',
    [...READY, failed('pattern', 'onemean attention', 'Internal')],
    { pattern: '0.1 attention' },
    'pattern',
  ],
  ['thumbnails in view that are missing', READY, { layers: '3', patternShown: true }, 'thumbnails'],
  ['thumbnails and a pattern: the pattern comes first', READY, { layers: '3' }, 'pattern'],
  [
    'thumbnails that failed',
    [...READY, failed('thumbnails', 'onet3', 'GpuMemory')],
    { layers: '3', patternShown: true },
    null,
  ],
  [
    'thresholds that failed: the pattern follows',
    [...READY, failed('detection', 'oneu', 'Internal')],
    { thresholds: 'u' },
    'pattern',
  ],
  ['a run that was freed', [...READY, failed('pattern', 'onemean attention', 'Freed')], {}, 'load'],
  ['a model whose files are gone', [...READY, { type: 'gone', wanted: '' }], {}, 'load'],
  [
    'a model whose files are gone, after a text that failed',
    [...READY, failed('run', 'two', 'Internal', 'two'), { type: 'gone', wanted: '' }],
    { key: 'two' },
    'load',
  ],
  [
    'a model whose files are gone, and cannot be had',
    [...READY, { type: 'gone', wanted: '' }, failed('run', 'one', 'ModelNotHere')],
    {},
    null,
  ],
  [
    'an overtaken run',
    [OPENED, LOADED, failed('run', 'one', 'AbortError', 'two')],
    { key: 'two' },
    'analyse',
  ],
  [
    'an overtaken run, whose text is wanted again',
    [OPENED, LOADED, failed('run', 'one', 'AbortError', 'two')],
    {},
    'analyse',
  ],
  ['a run stopped by hand', [OPENED, LOADED, failed('run', 'one', 'AbortError')], {}, null],
  [
    'a run that failed after its text was left',
    [OPENED, LOADED, failed('run', 'one', 'GpuLost', 'two')],
    {},
    'analyse',
  ],
];

for (const [there, events, wanted, act] of STEPS) {
  test(`there is: ${there}. Next: ${act ?? 'nothing'}`, () => {
    assert.equal(steps.nextStep(worked(...events), { ...WANTED, ...wanted })?.act ?? null, act);
  });
}

test('a step names its kind and what is wanted, so that a failure is remembered by it', () => {
  assert.deepEqual(steps.nextStep(steps.NOTHING, WANTED), { kind: 'run', act: 'open', wanted: 'one' });
  assert.deepEqual(steps.nextStep(worked(...READY), { ...WANTED, thresholds: 'u' }), {
    kind: 'detection',
    act: 'detect',
    wanted: 'oneu',
  });
  assert.deepEqual(steps.nextStep(worked(...READY), WANTED), {
    kind: 'pattern',
    act: 'pattern',
    wanted: 'onemean attention',
  });
});

test('a failure is told unless a newer text overtook the run', () => {
  for (const [event, overtaken] of /** @type {const} */ ([
    [failed('run', 'one', 'AbortError', 'two'), true],
    [failed('run', 'one', 'AbortError'), false],
    [failed('run', 'one', 'GpuLost', 'two'), false],
    [failed('pattern', 'one', 'AbortError', 'two'), false],
  ]))
    assert.equal(steps.isOvertaken(event), overtaken, JSON.stringify(event));
});

test('the page goes back to the model that worked, unless the visitor has to bring the other', () => {
  const work = worked(OPENED, LOADED);
  const before = { source: 'default', edition: 0, half: false };
  for (const [there, refused, code, expected] of /** @type {const} */ ([
    [work, { source: 'large', edition: 0, half: false }, 'GpuLimit', before],
    [work, { source: 'default', edition: 1, half: false }, 'ConfigInvalid', before],
    [work, before, 'WorkerDied', null],
    [work, { source: 'hub', edition: 0, half: false }, 'ModelNotHere', null],
    [work, { source: 'own-0123456789ab', edition: 0, half: false }, 'OwnFileNeeded', null],
    [
      worked(OPENED, LOADED, { type: 'closed' }),
      { source: 'large', edition: 0, half: false },
      'GpuLimit',
      before,
    ],
    [worked(OPENED), before, 'GpuLimit', null],
  ]))
    assert.deepEqual(steps.goesBackTo(there, refused, code), expected, `${refused.source} ${code}`);
});

test('the run shown can be used while its model is loaded, for its text or for one that failed', () => {
  for (const [events, key, expected] of /** @type {[Event[], string, boolean][]} */ ([
    [[], 'one', false],
    [READY, 'one', true],
    [READY, 'two', false],
    [[...READY, failed('run', 'two', 'EmptyInput', 'two')], 'two', true],
    [[...READY, { type: 'loaded', source: 'other', edition: 0, half: false }], 'one', false],
    [[...READY, { type: 'loaded', source: 'default', edition: 0, half: false }], 'one', false],
    [[...READY, failed('pattern', 'x', 'Freed')], 'one', false],
    [[...READY, { type: 'closed' }], 'one', false],
  ]))
    assert.equal(steps.isUsable(worked(...events), key), expected, JSON.stringify([events, key]));
});

test('a run is stopped at once by hand, and after its patience when overtaken', () => {
  const running = { key: 'one', since: 1000, stops: 2 };
  for (const [asked, expected] of /** @type {const} */ ([
    [{ key: 'one', stops: 2, now: 9000 }, null],
    [{ key: 'one', stops: 3, now: 1001 }, 'now'],
    [{ key: 'two', stops: 3, now: 1001 }, 'now'],
    [{ key: 'two', stops: 2, now: 1100 }, 1400],
    [{ key: 'two', stops: 2, now: 9000 }, 0],
  ]))
    assert.equal(steps.stopsRun(running, asked), expected, JSON.stringify(asked));
});

test('what a state asks for changes with all that a run depends on, and with nothing else', () => {
  const state = initial({ text: 'a text' });
  const { key } = steps.wantedOf(state);
  const changed = (/** @type {any} */ action) => steps.wantedOf(reduce(state, action));
  for (const action of [
    { type: 'edit', text: 'another' },
    { type: 'backend', backend: 'cpu' },
    { type: 'open model', model: 'other' },
    { type: 'retry' },
  ])
    assert.notEqual(changed(action).key, key, action.type);
  for (const action of [
    { type: 'lock', head: '1.2' },
    { type: 'thresholds', active: 0.7 },
    { type: 'tab', tab: 'guide' },
  ])
    assert.equal(changed(action).key, key, action.type);
  assert.equal(changed({ type: 'lock', head: '1.2' }).pattern, '1.2 attention');
  assert.notEqual(changed({ type: 'thresholds', active: 0.7 }).thresholds, steps.wantedOf(state).thresholds);
});
