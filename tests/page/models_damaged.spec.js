// Own files that are damaged, hostile or of another model: each gets its code and a sentence, and the model
// in use stays.
import { readFileSync } from 'node:fs';
import { dropFiles, fixture } from './hub.js';
import { box, figures, problem } from './page.js';
import { expect, IDS, openPanel, test, uses } from './panel.js';
import { entriesOf, zipOf } from './zip.js';

const GOOD = readFileSync(fixture('planted_f32.pth'));
const CONFIG = { name: 'config.json', content: readFileSync(fixture('planted_f32.config.json')) };
const RUN = Buffer.from('\x80\x02cos\nsystem\nX\x04\x00\x00\x00echo\x85R.', 'latin1');

/**
 * Changes one entry of the good file.
 * @param {string} path
 * @param {(entry: import('./zip.js').Entry) => import('./zip.js').Entry} change
 */
const with_ = (path, change) =>
  zipOf(entriesOf(GOOD).map((entry) => (entry.name.endsWith(`/${path}`) ? change(entry) : entry)));

/** Sets the embedding's first number and keeps the checksum right. @param {number} value */
const embeddingOf = (value) =>
  with_('data/0', ({ name, data }) => {
    const changed = Buffer.from(data);
    changed.writeFloatLE(value);
    return { name, data: changed };
  });

/** @param {Buffer} content */
const weights = (content) => [{ name: 'damaged.pth', content }, CONFIG];

/** @type {[string, { name: string, content: Buffer | string }[], string, RegExp][]} */
const CASES = [
  [
    'a pickle that runs a command',
    weights(with_('data.pkl', ({ name }) => ({ name, data: RUN }))),
    'UnsafePickle',
    /holds more than weights.*`os\.system`.*was not run/,
  ],
  [
    'a wrong checksum',
    weights(with_('data/0', (entry) => ({ ...entry, crc: 1 }))),
    'CheckpointFormat',
    /cannot be used.*data\/0/,
  ],
  ['cut short', weights(GOOD.subarray(0, GOOD.length >> 1)), 'CheckpointFormat', /damaged, incomplete/],
  [
    'not a number',
    weights(embeddingOf(NaN)),
    'NonFiniteWeight',
    /`embed\.W_E` should hold finite numbers, and element 0 is NaN/i,
  ],
  [
    'infinite',
    weights(embeddingOf(Infinity)),
    'NonFiniteWeight',
    /`embed\.W_E` should hold finite numbers, and element 0 is inf/i,
  ],
  [
    'torch before 1.6',
    weights(Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1')),
    'CheckpointFormat',
    /from before version 1\.6/,
  ],
  [
    'a tar file',
    weights(Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar'), Buffer.alloc(250)])),
    'CheckpointFormat',
    /a tar file, as torch's first format was/,
  ],
  ['a plain pickle', weights(RUN), 'CheckpointFormat', /a plain pickle, which is not read/],
  [
    'another model’s config.json',
    [{ name: 'config.json', content: readFileSync(fixture('random_1layer.config.json')) }],
    'KeysMismatch',
    /cannot be used/,
  ],
  [
    'a broken tokenizer.json',
    [{ name: 'tokenizer.json', content: '{"model":' }],
    'TokenizerInvalid',
    /tokenizer file cannot be read/,
  ],
];

test('damaged files: each is told of, the figures stay, and the model runs on', async ({ page, hub }) => {
  await openPanel(page);
  await dropFiles(page, [{ name: 'good.pth', content: zipOf(entriesOf(GOOD)) }, CONFIG]);
  await uses(page, 'good.pth');
  await box(page).fill(IDS);
  await expect(page.locator('.token')).toHaveCount(23);
  const before = await figures(page);
  for (const [what, files, code, words] of CASES) {
    await test.step(what, async () => {
      await dropFiles(page, files);
      await expect(problem(page, code)).toContainText(words);
      await expect(page.getByTestId('problem')).toHaveCount(1);
      await uses(page, 'good.pth');
      expect(await figures(page)).toEqual(before);
      await problem(page, code).getByRole('button', { name: 'Dismiss' }).click();
    });
  }
  await box(page).fill('1 2 3 1 2 3');
  await expect(page.locator('.token')).toHaveCount(6);
  await page.getByRole('radio', { name: 'CPU' }).check({ force: true });
  await box(page).fill('1 2 3 1 2 3 1');
  await expect(page.locator('.token')).toHaveCount(7);
  await uses(page, 'good.pth');
  await expect(page.getByTestId('problem')).toHaveCount(0);
  expect(hub.asked).toEqual([]);
});
