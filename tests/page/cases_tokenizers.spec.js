// Tokenizers as the world has them, on the page: what is analysed, what is told, and the switch for the BOS.
import { readFileSync } from 'node:fs';
import { dropFiles, fixture } from './hub.js';
import { analysed, box, pieces, problem, status, test as visit } from './page.js';
import { expect, openPanel, test, uses } from './panel.js';

/** @param {string} name @param {string} [as] */
const file = (name, as = name) => ({ name: as, content: readFileSync(fixture(`cases/${name}`)) });
/** @param {string} name */
const tokenizer = (name) => file(`${name}.tokenizer.json`, 'tokenizer.json');

const words = {
  name: 'tokenizer.json',
  content: JSON.stringify({
    version: '1.0',
    added_tokens: [],
    pre_tokenizer: { type: 'Whitespace' },
    model: { type: 'WordLevel', vocab: { the: 0, cat: 1, sat: 2 }, unk_token: '<unk>' },
  }),
};

/** @param {import('@playwright/test').Page} page @param {string} weights @param {...any} rest */
async function drop(page, weights, ...rest) {
  await dropFiles(page, [file(weights), file('any.config.json', 'config.json'), ...rest]);
  await uses(page, weights);
}

const tokens = (/** @type {import('@playwright/test').Page} */ page) => page.locator('.token');

test('settings that a trainer left in tokenizer.json change no text', async ({ page, hub }) => {
  await openPanel(page);
  await drop(page, 'ctx64.pth', tokenizer('truncation'));
  await box(page).fill('abcdefghij');
  await expect(tokens(page)).toHaveCount(11);
  await drop(page, 'ctx64.pth', tokenizer('padding'));
  await box(page).fill('abc');
  await expect(tokens(page)).toHaveCount(4);
  await expect(page.getByTestId('line-dropped')).toHaveCount(0);
  expect(hub.asked).toEqual([]);
});

test('a text that ends inside a character is cut before it, and the rest is told', async ({ page, hub }) => {
  await openPanel(page);
  await drop(page, 'ctx2.pth', tokenizer('roberta'));
  await box(page).fill('é');
  await expect(tokens(page)).toHaveCount(2);
  await expect(page.getByTestId('line-dropped')).toContainText('1 character after them');
  expect(hub.asked).toEqual([]);
});

test('a tokenizer at fault is told, and the model runs on ids', async ({ page, hub }) => {
  await openPanel(page);
  await drop(page, 'ctx64.pth', tokenizer('merge_without_token'));
  await expect(problem(page, 'TokenizerInvalid')).toContainText('runs on token ids');
  await box(page).fill('1 2 3');
  await expect(tokens(page)).toHaveCount(3);
  // A good tokenizer mends it; another broken one then takes nothing away.
  await dropFiles(page, [tokenizer('plain')]);
  await expect(problem(page, 'TokenizerInvalid')).toHaveCount(0);
  await box(page).fill('abc');
  await expect(tokens(page)).toHaveCount(4);
  await dropFiles(page, [tokenizer('merge_without_token')]);
  await expect(problem(page, 'TokenizerInvalid')).toBeVisible();
  await box(page).fill('abcd');
  await expect(tokens(page)).toHaveCount(5);
  expect(hub.asked).toEqual([]);
});

test('the BOS is the one of the files; the switch says and changes it', async ({ page, hub }) => {
  await openPanel(page);
  const bos = page.getByTestId('bos');
  await drop(page, 'ctx64.pth', tokenizer('gemma'));
  await box(page).fill('abc');
  await expect(tokens(page)).toHaveCount(4);
  await expect(tokens(page).first()).toContainText('<bos>');
  await expect(bos).toBeChecked();
  // A configuration that wants none.
  await dropFiles(page, [file('ctx64.pth'), file('no_bos.config.json', 'config.json'), tokenizer('gemma')]);
  await expect(tokens(page)).toHaveCount(3);
  await expect(bos).not.toBeChecked();
  await bos.check();
  await expect(tokens(page)).toHaveCount(4);
  // A tokenizer whose own files say that there is none.
  const none = {
    name: 'tokenizer_config.json',
    content: JSON.stringify({ bos_token: null, eos_token: null }),
  };
  const map = { name: 'special_tokens_map.json', content: JSON.stringify({ bos_token: '<pad>' }) };
  await drop(page, 'ctx64.pth', tokenizer('plain'), map, none);
  await expect(page.locator('label[for="bos"]')).toHaveText('no BOS token');
  await expect(bos).toBeHidden();
  await expect(tokens(page)).toHaveCount(3);
  await expect(page.getByTestId('problem')).toHaveCount(0);
  expect(hub.asked).toEqual([]);
});

test('text that no token stands for is told, and the notice goes with the next good text', async ({
  page,
  hub,
}) => {
  await openPanel(page);
  await drop(page, 'ctx64.pth', words);
  await box(page).fill('the dog sat');
  await expect(problem(page, 'NoTokenFor')).toContainText('“dog”');
  await box(page).fill('the cat sat');
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await expect(tokens(page)).toHaveCount(3);
  expect(hub.asked).toEqual([]);
});

visit('a link has the switch, and its figures are compared', async ({ page, open }) => {
  await open();
  await box(page).fill('a cat sat on the mat');
  await expect.poll(() => pieces(page)).toContain('a');
  await page.getByTestId('bos').uncheck();
  await expect(page.locator('.token').first()).not.toContainText('endoftext');
  await expect(page).toHaveURL(/bos=off/);
  await expect(page).toHaveURL(/digest=/);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await analysed(other);
  await expect(status(other)).toContainText('tokens');
  await expect(other.getByTestId('line-link')).toContainText('Reproduced');
  await expect(other.getByTestId('bos')).not.toBeChecked();
  await other.getByTestId('bos').check();
  await expect(other.getByTestId('line-link')).toHaveCount(0);
});
