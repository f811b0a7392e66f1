// Checkpoints as training scripts write them: what was taken off, what is refused, what overflows.
import { readFileSync } from 'node:fs';
import { dropFiles, fixture } from './hub.js';
import { box, problem } from './page.js';
import { expect, openPanel, test, uses } from './panel.js';

/** @param {string} name @param {string} [as] */
const file = (name, as = name) => ({ name: as, content: readFileSync(fixture(`cases/${name}`)) });
const CONFIG = file('any.config.json', 'config.json');
const TOKENIZER = file('plain.tokenizer.json', 'tokenizer.json');

for (const [name, said] of /** @type {const} */ ([
  ['prefix_module.pth', 'All names begin with `module.`, which was taken off'],
  ['lightning.ckpt', 'The state dict is in `state_dict`. All names begin with `model.`'],
  ['under_net.pth', 'The state dict is in `net`'],
])) {
  test(`${name} loads, and the page says what was around its weights`, async ({ page, hub }) => {
    await openPanel(page);
    await dropFiles(page, [file(name), CONFIG, TOKENIZER]);
    await uses(page, name);
    await expect(page.getByTestId('loaded')).toContainText(said);
    await box(page).fill('abcabc');
    await expect(page.locator('.token')).toHaveCount(7);
    expect(hub.asked).toEqual([]);
  });
}

test('a layout that does not run is named, and the model in use goes on', async ({ page, hub }) => {
  await openPanel(page);
  await dropFiles(page, [file('bridge_native.pth'), CONFIG, TOKENIZER]);
  await expect(problem(page, 'ModelUnsupported')).toContainText('TransformerBridge');
  await dropFiles(page, [file('bridge_native.pth')]);
  await expect(problem(page, 'ModelUnsupported')).toContainText('TransformerBridge');
  await box(page).fill('the model in use goes on');
  await expect(page.locator('.token')).not.toHaveCount(0);
  expect(hub.asked).toEqual([]);
});

test('two parts load together; one alone names the other', async ({ page, hub }) => {
  const parts = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  await openPanel(page);
  await dropFiles(page, [file(parts[0]), CONFIG]);
  await expect(problem(page, 'PartsMissing')).toContainText(parts[1]);
  await dropFiles(page, [...parts.map((part) => file(part)), CONFIG, TOKENIZER]);
  await expect(problem(page, 'PartsMissing')).toHaveCount(0);
  await box(page).fill('abc');
  await expect(page.locator('.token')).toHaveCount(4);
  expect(hub.asked).toEqual([]);
});

test('figures that overflow are told by layer and head, and the notice goes with the model', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  await dropFiles(page, [file('overflow.pth'), CONFIG, TOKENIZER]);
  await uses(page, 'overflow.pth');
  await box(page).fill('abcabc');
  await expect(page.locator('.token')).toHaveCount(7);
  const line = page.getByTestId('line-not-finite');
  await expect(line).toContainText('not finite from layer 0 on (1 head there: 0.0)');
  for (const tab of await page.getByRole('tab').all()) await tab.click();
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await expect(page.locator('main')).not.toContainText('NaN');
  await dropFiles(page, [file('ctx64.pth'), CONFIG, TOKENIZER]);
  await uses(page, 'ctx64.pth');
  await expect(line).toHaveCount(0);
  expect(hub.asked).toEqual([]);
});
