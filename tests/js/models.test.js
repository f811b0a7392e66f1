// Own models and the catalogue's: which files reach the engine, with an engine and a store made for the test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../../www/base/failure.js';
import { createModels, isCommand } from '../../www/models/models.js';
import { initial, reduce } from '../../www/state/state.js';
import { createAnalysis } from '../../www/work/analysis.js';
import { settled } from './settled.js';

/** @param {string} name @param {string} content */
const file = (name, content = name) => new File([content], name);
const config = (/** @type {object} */ said, name = 'config.json') =>
  file(name, JSON.stringify({ n_layers: 2, ...said }));
const tokenizer = () => file('tokenizer.json', '{"model":{}}');

/** Models that are kept in this browser. */
const LISTED = [
  { id: 'small', name: 'Small', bytes: 5e6, here: 5e6, whole: true },
  { id: 'large', name: 'Large', bytes: 548e6, here: 548e6, whole: true },
];

/**
 * A page whose engine judges a model by its files.
 * @param {(given: { weights: string, config: any, tokenizer: string | undefined }) => string | null} [judge]
 *   the code of the error; null: the model loads
 * @param {Partial<import('../../www/state/view.js').View> | null} [link] the settings that a link opens
 */
function page(
  judge = () => null,
  link = /** @type {Partial<import('../../www/state/view.js').View> | null} */ (null),
) {
  let state = initial({ text: '1 2', ...link }, null, [], link?.model ?? null);
  /** @type {string[]} */ const loaded = [];
  /** @type {string[]} */ const doubted = [];
  /** @type {Map<string, Promise<unknown>>} */ const slow = new Map();
  /** @type {{ known: Map<string, any>, listed: any[] }} */ const catalogue = {
    known: new Map(),
    listed: LISTED,
  };
  const opener = /** @type {any} */ ({
    open: async () => ({
      backend: 'cpu',
      close() {},
      async loadModel(/** @type {any} */ { files }) {
        const given = {
          weights: files.name,
          config: JSON.parse(files.config),
          tokenizer: files.tokenizer && 'yes',
        };
        const code = judge(given);
        if (code)
          throw failure(code, 'as judged', {
            data: { choices: [{ normalization_type: null, positional_embedding_type: 'shortformer' }] },
          });
        loaded.push([given.weights, JSON.stringify(given.config), given.tokenizer].filter(Boolean).join(' '));
        return {
          id: '',
          name: files.name,
          sha256: 'ab',
          config: {},
          keys: '',
          tokenizerNote: null,
          tokenizerFault: null,
          bos: null,
          prependsBos: true,
          hasTokenizer: false,
          free() {},
          run: () => Promise.reject(failure('EmptyInput', 'not run here')),
        };
      },
    }),
    async download(/** @type {any} */ source) {
      const {
        weights: [weights],
        config,
        tokenizer,
      } = typeof source === 'string'
        ? { weights: [file(source)], config: undefined, tokenizer: undefined }
        : source;
      const content = await weights.text();
      await slow.get(content);
      const id = typeof source === 'string' ? source : '';
      return {
        files: {
          id,
          name: weights.name,
          config: (await config?.text()) ?? '{}',
          tokenizer,
          sha256: Promise.resolve(
            [...content]
              .map((char) => char.charCodeAt(0).toString(16))
              .join('')
              .padEnd(64, '0'),
          ),
          notKept: null,
          vouch: async () => {},
          async doubt(/** @type {string} */ code) {
            doubted.push(`${id} ${code}`);
            return false;
          },
        },
      };
    },
  });
  const store = /** @type {any} */ ({
    listModels: async () => catalogue.listed,
    findRepository: async () => assert.fail('no repository is asked for here'),
    forgetModel: async (/** @type {string} */ id) => void doubted.push(`deleted ${id}`),
    prepareStorage: async () => ({ kept: true, free: null }),
    knownBy: async (/** @type {string} */ digest) => catalogue.known.get(digest.slice(0, 2)) ?? null,
  });
  const models = createModels(opener, store, () => state, emit);
  const analysis = createAnalysis(models, () => state, emit);
  /** @param {any} action */
  function emit(action) {
    if (isCommand(action)) return models.act(action);
    state = reduce(state, action);
    analysis.update();
  }
  analysis.update();
  /** @param {File[]} files */
  const drop = (...files) => {
    emit({ type: 'own files', files });
    return settled();
  };
  return {
    emit,
    drop,
    loaded,
    doubted,
    slow,
    catalogue,
    state: () => state,
    codes: () => state.problems.map(({ code }) => code).filter((code) => code !== 'EmptyInput'),
  };
}

test('a refused configuration leaves the files that worked, and another backend opens those', async () => {
  const { emit, drop, loaded, state, codes } = page(({ config }) =>
    config.n_layers === 9 ? 'ConfigInvalid' : null,
  );
  await settled();
  await drop(file('a.pth'), config({}));
  const own = state().view.model;
  await drop(config({ n_layers: 9 }));
  assert.deepEqual([state().view.model, codes()], [own, ['ConfigInvalid']]);
  emit({ type: 'backend', backend: 'cpu' });
  await settled();
  assert.deepEqual([state().view.model, codes()], [own, []]);
  assert.deepEqual(loaded, ['default {}', 'a.pth {"n_layers":2}', 'a.pth {"n_layers":2}']);
  // The file may belong to the weights that come next.
  await drop(file('b.pth'));
  assert.deepEqual(codes(), ['ConfigInvalid']);
});

test('after broken weights later files belong to the model in use, files beside them do not', async () => {
  const { drop, loaded, codes } = page(({ weights }) =>
    weights === 'broken.pth' ? 'CheckpointFormat' : null,
  );
  await settled();
  await drop(file('a.pth'), config({}));
  await drop(file('broken.pth'), config({ eps: 1 }));
  assert.deepEqual(codes(), ['CheckpointFormat']);
  await drop(tokenizer());
  assert.deepEqual([loaded.at(-1), codes()], ['a.pth {"n_layers":2} yes', []]);
  await drop(file('mended.pth'));
  assert.equal(loaded.at(-1), 'mended.pth {"n_layers":2,"eps":1}');
});

test('“Try again” after a refusal tries what was refused', async () => {
  let wrong = true;
  const { emit, drop, loaded, codes } = page(({ config }) =>
    wrong && config.n_layers === 9 ? 'WorkerDied' : null,
  );
  await settled();
  await drop(file('a.pth'), config({}));
  await drop(config({ n_layers: 9 }));
  assert.deepEqual(codes(), ['WorkerDied']);
  wrong = false;
  emit({ type: 'retry' });
  await settled();
  assert.deepEqual([loaded.at(-1), codes()], ['a.pth {"n_layers":9}', []]);
});

test('an answer and a tokenizer belong to their weights; an answer adds to a configuration', async () => {
  const { emit, drop, loaded, state, codes } = page(({ weights, config }) =>
    weights !== 'default' && !('positional_embedding_type' in config) ? 'ConfigNeeded' : null,
  );
  await settled();
  await drop(file('a.pth'));
  await drop(tokenizer(), config({ eps: 1e-6 }));
  assert.equal(state().library.question?.model, state().refused?.model);
  emit({ type: 'answer', config: { normalization_type: null, positional_embedding_type: 'shortformer' } });
  await settled();
  const a =
    'a.pth {"n_layers":2,"eps":0.000001,"normalization_type":null,' +
    '"positional_embedding_type":"shortformer"} yes';
  assert.deepEqual(loaded, ['default {}', a]);
  await drop(file('b.pth'));
  assert.deepEqual([codes(), loaded.length], [['ConfigNeeded'], 2], 'B is asked about');
  emit({ type: 'answer', config: { normalization_type: 'LN', positional_embedding_type: 'standard' } });
  await settled();
  assert.equal(loaded.at(-1), 'b.pth {"normalization_type":"LN","positional_embedding_type":"standard"}');
  await drop(file('a.pth'));
  assert.equal(loaded.at(-1), a, 'A is what it was');
});

test('files that come one by one before their weights are for these', async () => {
  const { drop, loaded, state } = page();
  await settled();
  await drop(config({ eps: 1 }));
  await drop(tokenizer());
  assert.deepEqual(Object.keys(state().library.own), ['config', 'tokenizer']);
  await drop(file('a.pth'));
  await drop(file('b.pth'));
  assert.deepEqual(loaded.slice(1), ['a.pth {"n_layers":2,"eps":1} yes', 'b.pth {}']);
});

test('of two files that are read at once the newer is loaded, whichever is read first', async () => {
  const { emit, drop, loaded, slow, state } = page();
  await settled();
  /** @type {(value?: unknown) => void} */ let read = () => {};
  slow.set('large', new Promise((resolve) => (read = resolve)));
  await drop(file('a.pth', 'large'));
  await drop(file('b.pth', 'small'));
  read();
  await settled();
  assert.deepEqual(
    [loaded, state().library.reading, state().library.own.weights?.name],
    [['default {}', 'b.pth {}'], null, 'b.pth'],
  );
  emit({ type: 'own files', files: [config({ eps: 2 })] });
  emit({ type: 'own files', files: [file('c.pth')] });
  await settled();
  assert.equal(loaded.at(-1), 'c.pth {"n_layers":2,"eps":2}', 'and no file is lost');
});

test('known weights come with the catalogue’s configuration and tokenizer, if these are here', async () => {
  const { drop, loaded, catalogue, state } = page();
  await settled();
  const known = {
    name: 'Planted',
    config: new Blob(['{"d_model":4}']),
    tokenizer: undefined,
    lacksTokenizer: true,
  };
  catalogue.known.set('61', known);
  await drop(file('mine.pth', 'a'));
  assert.equal(loaded.at(-1), 'mine.pth {"d_model":4}');
  const used = /^These are the weights of “Planted”\. Its configuration is used\. /;
  assert.match(state().library.note ?? '', used);
  assert.match(state().library.note ?? '', /used\. Its tokenizer is not in this browser: download/);
  catalogue.known.set('62', { ...known, tokenizer: new Blob(['{}']), lacksTokenizer: false });
  await drop(file('other.pth', 'b'), config({ eps: 3 }));
  assert.equal(loaded.at(-1), 'other.pth {"n_layers":2,"eps":3} yes', 'what is given goes before');
  assert.equal(state().library.note, 'These are the weights of “Planted”. Its tokenizer is used.');
  await drop(file('unknown.pth'));
  assert.equal(state().library.note, null);
});

test('what is no file of a model, or cannot be read, is left aside and said; the rest is taken', async () => {
  const { drop, loaded, state, codes } = page();
  await settled();
  const gone = Object.assign(config({}), {
    text: () => Promise.reject(new DOMException('It is gone.', 'NotFoundError')),
  });
  await drop(file('a.pth'), file('notes.txt'), gone);
  assert.deepEqual(codes(), ['FileUnknown', 'FileRead']);
  assert.match(state().problems[1].detail, /^config\.json could not be read: It is gone\.$/);
  assert.equal(loaded.at(-1), 'a.pth {}');
  await drop(file('b.pth'), file('c.pth'));
  assert.deepEqual([codes(), loaded.at(-1)], [['FileUnknown'], 'c.pth {}']);
  await drop(file('x.headscope.json', '{'));
  assert.ok(codes().includes('FileBroken'));
  await drop(
    file('saved.json', JSON.stringify({ headscope: 1, t: '1 2 3' })),
    file('d.pth'),
    file('notes.txt'),
  );
  assert.deepEqual(
    [state().view.text, loaded.at(-1), codes()],
    ['1 2 3', 'd.pth {}', ['FileUnknown']],
    'an analysis and a model come together',
  );
});

test('the model in use is not deleted', async () => {
  const { emit, doubted } = page();
  await settled();
  emit({ type: 'delete model', model: 'default' });
  emit({ type: 'delete model', model: 'other' });
  await settled();
  assert.deepEqual(doubted, ['deleted other']);
});

test('a link loads a small kept model at once, and asks before a large one', async () => {
  const small = page(undefined, { model: 'small' });
  await settled();
  assert.deepEqual([small.loaded, small.codes()], [['small {}'], []]);

  const large = page(undefined, { model: 'large' });
  await settled();
  assert.deepEqual([large.loaded, large.codes()], [[], ['ModelUnasked']]);
  assert.equal(large.state().problems[0]?.detail, 'Large has 548.0 MB.');
  // The button of the notice.
  large.emit({ type: 'download model', model: null });
  await settled();
  assert.deepEqual([large.loaded, large.codes()], [['large {}'], []]);
});

test('the visitor’s own choice and an entry of the history load a large kept model', async () => {
  const { emit, loaded, codes, state } = page();
  await settled();
  emit({ type: 'open model', model: 'large' });
  await settled();
  emit({ type: 'open model', model: 'default' });
  await settled();
  emit({
    type: 'restore',
    view: { ...state().view, model: 'large' },
    shared: null,
    problems: [],
    ours: true,
  });
  await settled();
  assert.deepEqual([loaded, codes()], [['default {}', 'large {}', 'default {}', 'large {}'], []]);
  // A link that is opened in the same page.
  emit({ type: 'open model', model: 'default' });
  await settled();
  emit({
    type: 'restore',
    view: { ...state().view, model: 'large' },
    shared: null,
    problems: [],
    ours: false,
    unasked: 'large',
  });
  await settled();
  assert.deepEqual(codes(), ['ModelUnasked']);
  assert.equal(state().model?.id, 'default');
});
