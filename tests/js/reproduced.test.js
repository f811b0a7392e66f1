// Compares a link's figures with the page's: the detectors' and the studies'.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf, findingsDigest } from '../../www/link/digest.js';
import { foundFigures } from '../../www/link/held_figures.js';
import { reproduced } from '../../www/link/reproduced.js';
import { initial, reduce } from '../../www/state/state.js';
import { DEFAULT_VIEW } from '../../www/state/view.js';
import { attribution } from '../../www/studies/attribution.js';
import { wanted } from '../../www/studies/study.js';
import { analysed, detection } from './fixtures.js';

const VALUE = {
  components: ['embed', '0.0', 'bias'],
  values: [Float32Array.of(0.5, 1, 0)],
  logits: Float32Array.of(1.5),
};

/**
 * A page opened by a link to the circuits that holds the figures `found`.
 * @param {string | null} found
 */
function opened(found) {
  const digest = digestOf(
    detection(() => 0.1),
    10,
  );
  const { text } = DEFAULT_VIEW;
  return analysed(
    initial({ tab: 'explain' }, { sha: 'ab', digest, found, text, model: 'default', bos: 'model' }),
    10,
  );
}

/** @param {import('../../www/state/state.js').State} state @param {typeof VALUE} value */
const finding = (state, value) =>
  reduce(state, {
    type: 'finding',
    kind: 'attribution',
    finding: { key: wanted(state, attribution) ?? '', value, problem: null },
  });

const DIGEST = findingsDigest(foundFigures(finding(opened(null), VALUE)));

test('a link with findings is reproduced once they are there', () => {
  const state = opened(DIGEST);
  const before = reproduced(state);
  assert.ok(before && 'same' in before);
  assert.deepEqual([before.same, before.waiting, before.compared], [true, true, 24]);
  const after = reproduced(finding(state, VALUE));
  assert.ok(after && 'same' in after);
  assert.deepEqual([after.same, after.waiting, after.compared], [true, false, 27]);
});

test('a study of the link that fails here is named, and not waited for', () => {
  const state = opened(DIGEST);
  const problem = { code: 'GpuLimit', detail: 'It needs 300 MB.' };
  const held = reproduced(
    reduce(state, {
      type: 'finding',
      kind: 'attribution',
      finding: { key: wanted(state, attribution) ?? '', value: null, problem },
    }),
  );
  assert.ok(held && 'same' in held);
  assert.deepEqual(
    [held.same, held.waiting, held.compared, held.failed],
    [true, false, 24, [{ title: 'the direct logit attribution', problem }]],
  );
});

test('the largest difference of findings is named', () => {
  const held = reproduced(finding(opened(DIGEST), { ...VALUE, logits: Float32Array.of(1.75) }));
  assert.ok(held && 'same' in held);
  assert.deepEqual([held.same, held.worst?.what], [false, 'logit after position 0']);
});

test('a tab that is not open is not compared, nor are settings that were changed since', () => {
  const state = finding(opened(DIGEST), { ...VALUE, logits: Float32Array.of(1.75) });
  const elsewhere = reproduced(reduce(state, { type: 'tab', tab: 'scores' }));
  assert.ok(elsewhere && 'same' in elsewhere && elsewhere.same && !elsewhere.waiting);
  const changed = reproduced(reduce(state, { type: 'set', change: { seed: 4 } }));
  assert.ok(changed && 'same' in changed && changed.same);
});

test('another head than the link’s is not compared', () => {
  const state = finding(opened(DIGEST), { ...VALUE, logits: Float32Array.of(1.75) });
  const chosen = reduce(state, { type: 'lock', head: '0.1' });
  for (const other of [chosen, reduce(state, { type: 'let go' })]) {
    const held = reproduced(other);
    assert.ok(held && 'same' in held && held.same && !held.waiting);
  }
});

test('other weights are named before any figure', () => {
  const state = opened(null);
  const held = reproduced({ ...state, shared: state.shared && { ...state.shared, sha: '123456789abc' } });
  assert.deepEqual(held, { weights: ['123456789abc', 'ab'] });
});

test('a pattern weighted by values is compared; the pattern of another head changes nothing', () => {
  const state = opened(null);
  const view = { ...state.view, tab: 'scores', head: '0.1', weighted: /** @type {const} */ ('value') };
  const pattern = (/** @type {string} */ head, /** @type {number} */ weight) => ({
    head,
    by: /** @type {const} */ ('value'),
    weights: new Float32Array(100).fill(weight),
    max: weight,
  });
  const waiting = { ...state, view, pattern: null };
  assert.deepEqual(foundFigures(waiting), []);
  const shown = { ...waiting, pattern: pattern('0.1', 1.5) };
  const [{ kind, figures }] = foundFigures(shown);
  assert.deepEqual(
    [kind, figures.length, figures[0]],
    ['weighted', 56, { what: 'the largest weight × |v| of head 0.1', value: 1.5 }],
  );
  assert.equal(foundFigures({ ...shown, pattern: pattern('0.2', 9) })[0].figures, figures);

  const shared = state.shared && { ...state.shared, found: findingsDigest([{ kind, figures }]) };
  const [same, other] = [1.5, 2].map((weight) =>
    reproduced({
      ...shown,
      result: shown.result && { ...shown.result },
      shared,
      pattern: pattern('0.1', weight),
    }),
  );
  assert.ok(same && 'same' in same && other && 'same' in other);
  assert.deepEqual([same.same, same.compared, other.same], [true, 80, false]);
  const before = reproduced({ ...waiting, result: waiting.result && { ...waiting.result }, shared });
  assert.ok(before && 'same' in before && before.waiting);
});

test('the figures of a value are made once, however often the state changes', () => {
  const state = finding(opened(DIGEST), { ...VALUE });
  assert.equal(
    foundFigures(state)[0].figures,
    foundFigures(reduce(state, { type: 'preview', head: '0.1' }))[0].figures,
  );
});

test('figures of a link without folded norms are named, and not compared', () => {
  const plain = opened('composition.AAA');
  if (!plain.result) throw new Error('no result');
  const { model } = plain.result;
  const config = { ...model.config, normalization_type: /** @type {const} */ ('LN') };
  const state = { ...plain, result: { ...plain.result, model: { ...model, config } } };
  const held = reproduced(state);
  assert.ok(held && 'same' in held);
  assert.deepEqual([held.unfolded, held.waiting, held.same], [['the composition of heads'], false, true]);
  const today = reproduced({
    ...state,
    shared: state.shared && { ...state.shared, found: 'composition-folded.AAA' },
  });
  assert.ok(today && 'same' in today);
  assert.deepEqual([today.unfolded, today.waiting], [[], true]);
  const without = reproduced(plain);
  assert.ok(without && 'same' in without);
  assert.deepEqual([without.unfolded, without.waiting], [[], true], 'a model without norms compares them');
});
