// Own files: a torch checkpoint, weights that fit several kinds of model, a tokenizer that comes later.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fixture } from './hub.js';
import { box, figures, problem, shows } from './page.js';
import { expect, IDS, openPanel, test, uses } from './panel.js';

const DEFAULT = fileURLToPath(new URL('../../models/default/', import.meta.url));

/** @param {import('@playwright/test').Page} page @param {...string} files */
const choose = (page, ...files) => page.getByTestId('own-files').setInputFiles(files);

test('a torch checkpoint: all keys matched, and the figures of the same weights as safetensors', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  await choose(page, fixture('planted_f32.pth'), fixture('planted_f32.config.json'));
  await uses(page, 'planted_f32.pth');
  await expect(page.getByTestId('loaded')).toContainText(
    /^In use: planted_f32\.pth\. All keys matched: \d+ tensors.* sha256 [0-9a-f]{64}$/,
  );
  await expect(page.getByTestId('model')).toHaveAttribute('title', /All keys matched/);
  await box(page).fill(IDS);
  await expect(page.locator('.token')).toHaveCount(23);
  const shown = await figures(page);
  await choose(page, fixture('planted_f32.weights.safetensors'), fixture('planted_f32.config.json'));
  await uses(page, 'planted_f32.weights.safetensors');
  await expect.poll(() => figures(page)).toEqual(shown);
  expect(hub.asked).toEqual([]);
});

test('weights without a configuration: the page asks, likeliest first, and loads the answer', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  await choose(page, fixture('planted_f32.weights.safetensors'));
  const question = page.getByTestId('question');
  await expect(question).toContainText('The shapes fit more than one kind of model. Choose the kind.');
  await expect(question.getByRole('radio')).not.toHaveCount(1);
  await expect(question.getByRole('radio').first()).toBeChecked();
  await expect(question.locator('label').first()).toContainText('shortformer positions');
  await expect(question.locator('label').first()).toContainText('most likely');
  await expect(problem(page, 'ConfigNeeded')).toBeVisible();
  await uses(page, 'Headscope default, 2 layers of 8 heads');
  await question.getByTestId('answer').click();
  await uses(page, 'planted_f32.weights.safetensors');
  await expect(question).toBeHidden();
  await expect(problem(page, 'ConfigNeeded')).toHaveCount(0);
  await box(page).fill(IDS);
  await expect(page.getByTestId('answer-induction')).toContainText('1.0');
  expect(hub.asked).toEqual([]);
});

test('a model without a tokenizer takes ids, with one text; a wrong vocabulary is noted', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  await choose(page, fixture('planted_f32.weights.safetensors'), fixture('planted_f32.config.json'));
  await uses(page, 'planted_f32.weights.safetensors');
  await expect(problem(page, 'IdsNeeded')).toBeVisible();
  await choose(page, `${DEFAULT}tokenizer.json`);
  await expect(page.getByTestId('own')).toContainText('tokenizer: tokenizer.json');
  await expect(problem(page, 'IdsNeeded')).toHaveCount(0);
  await expect(page.getByTestId('line-tokenizer')).toContainText(
    /The tokenizer has 4096 tokens and the model \d+: they may not belong together\./,
  );
  await expect(page.getByTestId('loaded')).toContainText('they may not belong together');
  expect(hub.asked).toEqual([]);
});

test('the catalogue’s weights bring its other files; the same input opens a saved analysis', async ({
  page,
  hub,
}, info) => {
  await openPanel(page);
  const saved = info.outputPath('one.headscope.json');
  writeFileSync(saved, JSON.stringify({ headscope: 1, t: 'a harbour and a harbour' }));
  const unknown = info.outputPath('notes.txt');
  writeFileSync(unknown, 'no model');
  await choose(page, saved, `${DEFAULT}model.safetensors`, unknown);
  await uses(page, 'model.safetensors');
  await expect(page.getByTestId('models-note')).toHaveText(
    'These are the weights of “Headscope default, 2 layers of 8 heads”. ' +
      'Its configuration and its tokenizer are used.',
  );
  await shows(page, 'a harbour and a harbour');
  await expect(problem(page, 'FileUnknown')).toContainText('notes.txt');
  expect(hub.asked).toEqual([]);
});
