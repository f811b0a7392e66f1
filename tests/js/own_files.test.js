// Which of the visitor's own files go together, as a table: files that came, kits that were read, loaded or
// refused. No engine, no store.
import assert from 'node:assert/strict';
import test from 'node:test';
import { after, companionsOf, filesOf, NO_FILES, noteOn } from '../../www/models/own_files.js';

/** @typedef {import('../../www/models/own_files.js').Own} Own */
/** @typedef {import('../../www/models/own_files.js').Event} Event */

/** One file of each kind for each letter. @param {string} name */
const file = (name) => new File([name], name);
/** The weights of two models, in one file each, and of a third in two. */
const [A, B, AB] = [[file('a.pth')], [file('b.pth')], [file('1-of-2'), file('2-of-2')]];
const INDEX = file('model.safetensors.index.json');
const [C1, C2] = [file('c1.json'), file('c2.json')];
const [T1, T2] = [file('t1.json'), file('t2.json')];

/** Files came. @param {import('../../www/models/files.js').Slots} slots */
const came = (slots) => (/** @type {Own} */ own) => after(own, { type: 'came', slots });

/**
 * Files that came are read as the newest edition, as own_models.js reads them.
 * @param {string} id
 */
const read = (id) => (/** @type {Own} */ own) =>
  after(own, {
    type: 'read',
    kit: {
      id,
      edition: own.newest,
      weights: /** @type {File[]} */ (own.weights),
      companions: companionsOf(own, id, own.loose),
      fresh: own.loose,
      files: /** @type {any} */ ({ of: id, edition: own.newest }),
      refused: false,
    },
  });
/** The newest kit is loaded. @param {Own} own */
const loaded = (own) => after(own, { type: 'loaded', files: /** @type {any} */ (own.trying?.files) });
/** @param {string} code */
const refused = (code) => (/** @type {Own} */ own) =>
  after(own, { type: 'refused', files: /** @type {any} */ (own.trying?.files), code });

/** @param {((own: Own) => Own)[]} events */
const happened = (...events) => events.reduce((own, event) => event(own), /** @type {Own} */ (NO_FILES));
/** The names of files. @param {import('../../www/models/own_files.js').Companions} companions */
const names = (companions) =>
  Object.values(companions)
    .map((blob) => /** @type {File} */ (blob).name)
    .join(' ');

/**
 * The weights that are here, and the files that would go with a new try of them.
 * @type {[string, ((own: Own) => Own)[], string, string][]}
 */
const CASES = [
  ['weights alone', [came({ weights: A })], 'a.pth', ''],
  ['all at once', [came({ weights: A, config: C1, tokenizer: T1 })], 'a.pth', 'c1.json t1.json'],
  [
    'one by one, the weights last',
    [came({ config: C1 }), came({ tokenizer: T1 }), came({ weights: A })],
    'a.pth',
    'c1.json t1.json',
  ],
  [
    'the later of two configurations',
    [came({ config: C1 }), came({ config: C2 }), came({ weights: A })],
    'a.pth',
    'c2.json',
  ],
  [
    'a tokenizer for a model that was read keeps its configuration',
    [came({ weights: A, config: C1 }), read('A'), came({ tokenizer: T1 })],
    'a.pth',
    'c1.json t1.json',
  ],
  [
    'other weights start without the files of the first',
    [came({ weights: A, config: C1 }), read('A'), loaded, came({ weights: B })],
    'b.pth',
    '',
  ],
  [
    'the first weights again have theirs again',
    [
      came({ weights: A, config: C1 }),
      read('A'),
      loaded,
      came({ weights: B }),
      read('B'),
      loaded,
      came({ weights: A }),
    ],
    'a.pth',
    'c1.json',
  ],
  [
    'a refused configuration is not used again by itself',
    [
      came({ weights: A, config: C1 }),
      read('A'),
      loaded,
      came({ config: C2 }),
      read('A'),
      refused('ConfigInvalid'),
      came({ tokenizer: T1 }),
    ],
    'a.pth',
    'c1.json t1.json',
  ],
  [
    'a refused configuration may be for the next weights',
    [
      came({ weights: A }),
      read('A'),
      loaded,
      came({ config: C2 }),
      read('A'),
      refused('ConfigInvalid'),
      came({ weights: B }),
    ],
    'b.pth',
    'c2.json',
  ],
  [
    'a refused tokenizer is for no other weights',
    [
      came({ weights: A }),
      read('A'),
      loaded,
      came({ tokenizer: T2, config: C2 }),
      read('A'),
      refused('TokenizerInvalid'),
      came({ weights: B }),
    ],
    'b.pth',
    'c2.json',
  ],
  [
    'after broken weights the next file is for the model that goes on',
    [
      came({ weights: A, config: C1 }),
      read('A'),
      loaded,
      came({ weights: B, config: C2 }),
      read('B'),
      refused('CheckpointFormat'),
      came({ tokenizer: T1 }),
    ],
    'a.pth',
    'c1.json t1.json',
  ],
  [
    'broken weights and no other model',
    [came({ weights: B }), read('B'), refused('UnsafePickle'), came({ tokenizer: T1 })],
    '',
    '',
  ],
  [
    'what came with broken weights is for those that mend them',
    [came({ weights: B, config: C2 }), read('B'), refused('NonFiniteWeight'), came({ weights: A })],
    'a.pth',
    'c2.json',
  ],
  [
    'keys that do not match leave the weights',
    [came({ weights: A, config: C2 }), read('A'), refused('KeysMismatch'), came({ config: C1 })],
    'a.pth',
    'c1.json',
  ],
  [
    'a full GPU says nothing against the files',
    [came({ weights: A, config: C1 }), read('A'), refused('GpuLimit'), came({ tokenizer: T1 })],
    'a.pth',
    'c1.json t1.json',
  ],
  [
    'weights in the place of weights that were never read',
    [came({ weights: A, config: C1 }), came({ weights: B })],
    'b.pth',
    'c1.json',
  ],
  [
    'an index that came before its parts goes with them',
    [came({ index: INDEX }), came({ weights: AB, config: C1 })],
    '1-of-2 2-of-2',
    'model.safetensors.index.json c1.json',
  ],
  [
    'an index is for no other weights',
    [came({ weights: AB, index: INDEX }), read('B'), loaded, came({ weights: A })],
    'a.pth',
    '',
  ],
  [
    'an index beside broken weights is for those that mend them',
    [came({ weights: AB, index: INDEX }), read('B'), refused('CheckpointFormat'), came({ weights: AB })],
    '1-of-2 2-of-2',
    'model.safetensors.index.json',
  ],
];

for (const [what, events, weights, companions] of CASES) {
  test(`own files: ${what}`, () => {
    const own = happened(...events);
    const id = own.weights === A ? 'A' : 'B';
    assert.equal(own.weights?.map(({ name }) => name).join(' ') ?? '', weights);
    if (weights) assert.equal(names(companionsOf(own, id, own.loose)), companions);
  });
}

test('an edition that was overtaken is not what is tried', () => {
  const own = happened(came({ weights: A }), read('A'), came({ weights: B }));
  const late = after(own, {
    type: 'read',
    kit: { .../** @type {NonNullable<Own['trying']>} */ (own.trying), id: 'late' },
  });
  assert.equal(late.trying?.id, 'A');
});

test('an answer adds to the files of the edition that was asked about, and to no other', () => {
  const own = happened(came({ weights: A }), read('A'));
  const config = new Blob(['{}']);
  const edition = /** @type {number} */ (own.trying?.edition);
  const answered = after(own, { type: 'answered', edition, config });
  assert.equal(companionsOf(answered, 'A', {}).config, config);
  assert.equal(answered.newest, own.newest + 1);
  const late = after(own, { type: 'answered', edition: edition - 1, config });
  assert.deepEqual(companionsOf(late, 'A', {}), {});
});

test('the state gets the files of its edition, else those that loaded, else the newest', () => {
  const once = happened(came({ weights: A, config: C1 }), read('A'), loaded);
  const own = [came({ config: C2 }), read('A')].reduce((before, event) => event(before), once);
  /** @param {Own} of @param {string} id @param {number} edition */
  const edition = (of, id, edition) => /** @type {any} */ (filesOf(of, id, edition))?.edition;
  assert.equal(edition(own, 'A', 2), 2, 'the newest, which is asked for');
  assert.equal(edition(own, 'A', 1), 1, 'the one that loaded');
  assert.equal(edition(own, 'A', 0), 1, 'another edition: the one that loaded');
  assert.equal(edition(happened(came({ weights: A }), read('A')), 'A', 0), 1, 'none loaded: the newest');
  assert.equal(edition(own, 'B', 2), undefined, 'a model that was not here');
});

test('what is loaded or refused under other files than the newest changes nothing', () => {
  const own = happened(came({ weights: A }), read('A'));
  const other = /** @type {any} */ ({ of: 'other' });
  assert.equal(after(own, { type: 'loaded', files: other }), own);
  assert.equal(after(own, { type: 'refused', files: other, code: 'CheckpointFormat' }), own);
});

test('a note on weights that the catalogue knows names what is used of it, and what is missing', () => {
  const entry = { name: 'Planted', config: C1, tokenizer: T1, lacksTokenizer: false };
  for (const [given, said] of /** @type {const} */ ([
    [{}, ' Its configuration and its tokenizer are used.'],
    [{ config: C2 }, ' Its tokenizer is used.'],
    [{ config: C2, tokenizer: T2 }, ''],
  ]))
    assert.equal(noteOn(entry, given), `These are the weights of “Planted”.${said}`);
  const lacking = { ...entry, config: undefined, tokenizer: undefined, lacksTokenizer: true };
  assert.match(noteOn(lacking, {}), /Its tokenizer is not in this browser: download/);
  assert.doesNotMatch(noteOn(lacking, { tokenizer: T2 }), /not in this browser/);
});
