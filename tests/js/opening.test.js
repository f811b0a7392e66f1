// The precomputed result in the built page: what it fills, when it is used, and its size.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { nameOf } from '../../www/base/heads.js';
import { findingsDigest } from '../../www/link/digest.js';
import { reproduced } from '../../www/link/reproduced.js';
import { FIRST_TEXT } from '../../www/state/examples.js';
import { openingOf } from '../../www/state/opening.js';
import { exactPattern, initial, reduce } from '../../www/state/state.js';
import { OPENING_VIEW } from '../../www/state/view.js';
import { answer } from '../../www/studies/answer.js';
import { found, latest } from '../../www/studies/study.js';
import { analysed } from './fixtures.js';

const DIST = fileURLToPath(new URL('../../dist/index.html', import.meta.url));

/** The built page, and the figures in it. */
function built() {
  assert.ok(existsSync(DIST), 'there is no dist/: run `cargo xtask build` first');
  const html = readFileSync(DIST, 'utf8');
  const json = /<script type="application\/json" id="opening">([^<]*)<\/script>/.exec(html)?.[1];
  assert.ok(json, 'index.html has no precomputed result');
  return { html, json };
}

/** The state of a page that opens with the precomputed result. */
function opened(view = OPENING_VIEW) {
  const state = initial(view);
  return { ...state, ...openingOf(built().json, state.view) };
}

test('a first visit opens with the result of the default text, marked as precomputed', () => {
  const state = opened();
  const { result, detection } = state;
  assert.ok(result && detection);
  assert.equal(result.precomputed, true);
  assert.equal(result.text, OPENING_VIEW.text);
  assert.equal(result.pieces.join('').replace('<|endoftext|>', ''), OPENING_VIEW.text);
  assert.equal(result.thumbnails.cells.length, 16 * result.thumbnails.side ** 2);
  const weights = exactPattern(state);
  assert.ok(weights);
  for (let query = 0; query < result.seq; query++) {
    const row = weights.subarray(query * result.seq, (query + 1) * result.seq);
    assert.ok(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-3, `row ${query}`);
  }
  // The pinned head has the strongest stripe on this text, and the chosen cell is its row's largest.
  const { induction } = detection.token_matching;
  const best = induction.flatMap((row, layer) =>
    row.map((score, head) => ({ name: nameOf(layer, head), score })),
  );
  best.sort((one, other) => Number(other.score) - Number(one.score));
  assert.equal(best[0].name, OPENING_VIEW.head);
  const [query, key] = [Number(OPENING_VIEW.query), Number(OPENING_VIEW.key)];
  const row = weights.subarray(query * result.seq, (query + 1) * result.seq);
  assert.equal(row.indexOf(Math.max(...row)), key);
});

test('the precomputed answer is shown, and still asked for; a link never carries or checks it', () => {
  const state = opened();
  assert.equal(found(state, answer), null, 'the page computes its own');
  const shown = latest(state, answer);
  assert.equal(shown?.current, false);
  assert.equal(shown?.value.repeats.strict.length, 2);
  assert.equal(shown?.value.composition?.K.length, 8);
  const shared = {
    digest: '66.AAAA',
    found: findingsDigest([]),
    sha: null,
    text: OPENING_VIEW.text,
    model: 'default',
    bos: OPENING_VIEW.bos,
  };
  assert.equal(reproduced({ ...state, shared }), null);
});

test('the page’s own run replaces it', () => {
  const { result } = analysed(opened(), 66, OPENING_VIEW.text);
  assert.equal(result?.precomputed, undefined);
});

test('another text, model or threshold has no precomputed result', () => {
  const { json } = built();
  for (const change of [{ text: FIRST_TEXT }, { model: 'planted' }, { active: 0.5 }])
    assert.deepEqual(openingOf(json, { ...OPENING_VIEW, ...change }), {});
  assert.deepEqual(openingOf(null, OPENING_VIEW), {});
});

test('another text leaves the cell of the opening', () => {
  const edited = reduce(opened(), { type: 'edit', text: 'another text' });
  assert.deepEqual([edited.view.query, edited.view.key, edited.view.head], [null, null, '1.0']);
});

test('the page with the result in it stays some tens of kB', () => {
  assert.ok(gzipSync(built().html).length < 40_000);
});
