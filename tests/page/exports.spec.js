// Saved files hold what the page shows.
import { readFileSync } from 'node:fs';
import { expect, figures, head, problem, test, testInKeptPage } from './page.js';
import { download } from './saved.js';

/** @param {import('@playwright/test').Page} page @param {string} what */
const saved = async (page, what) => readFileSync(await (await download(page, what)).path());

testInKeptPage('patterns, tables and pictures', async ({ page, open }) => {
  await open();
  await head(page, '0.2').click();
  await expect(page.getByTestId('top-keys')).toContainText(/0\.\d{3}|1\.000/);
  await page.getByTestId('export').click();
  await expect(page.getByTestId('export-size')).toHaveText('0.5 MB');

  const file = await saved(page, 'safetensors');
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString());
  const {
    shape,
    data_offsets: [start, end],
  } = header['blocks.0.attn.hook_pattern'];
  expect(shape).toEqual([8, 84, 84]);
  const n = shape[2];
  const values = new Float32Array(
    Uint8Array.from(file.subarray(8 + length + start, 8 + length + end)).buffer,
  );
  let previous = 0;
  for (let query = 1; query < n; query++) previous += values[(2 * n + query) * n + query - 1] / (n - 1);

  const table = (await saved(page, 'csv'))
    .toString()
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
  const column = table[0].indexOf('mean-previous');
  const row = table.find(([name]) => name === '0.2') ?? [];
  expect(Number(row[column])).toBeCloseTo(previous, 4);
  expect((await figures(page)).join(' ')).toContain(`●${previous.toFixed(2)} above`);
  expect(Object.keys(JSON.parse((await saved(page, 'json')).toString()).heads)).toHaveLength(16);

  expect((await saved(page, 'npz')).subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
  expect((await saved(page, 'svg')).toString()).toContain('Head 0.2');
  expect((await saved(page, 'png')).subarray(1, 4).toString()).toBe('PNG');
});

testInKeptPage(
  'code for TransformerLens and the picture are copied; all heads are one figure',
  async ({ page, open }) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await open('#v=1&head=0.2&query=20&key=19');
    await expect(page.getByTestId('readout')).toHaveText(/ \d\.\d{3}$/);
    const weight = / (\d\.\d{3})$/.exec((await page.getByTestId('readout').textContent()) ?? '')?.[1];
    await page.getByTestId('share').click();
    await page.getByTestId('copy-code').click();
    await expect(page.getByTestId('copy-code')).toHaveText('Copied');
    const code = await page.evaluate(() => navigator.clipboard.readText());
    const printed = /print\(pattern\[20, 19\]\.item\(\)\) {2}# Headscope: (\d\.\d{4})/.exec(code)?.[1];
    expect(Number(printed).toFixed(3)).toBe(weight);
    expect(code).toContain('cache["blocks.0.attn.hook_pattern"][0, 2]');
    expect(
      code
        .match(/^ {4}[\d, ]+,$/gm)
        ?.join(' ')
        .match(/\d+/g),
    ).toHaveLength(84);
    await page.getByTestId('copy-picture').click();
    await expect(page.getByTestId('copy-picture')).toHaveText('Copied');
    const types = await page.evaluate(async () => (await navigator.clipboard.read())[0].types);
    expect(types).toContain('image/png');
    await page.getByTestId('export').click();
    const figure = (await saved(page, 'heads-svg')).toString();
    expect(figure.match(/<image /g)).toHaveLength(16);
    expect(figure).toContain('>1.7</text>');
    expect((await saved(page, 'heads-png')).subarray(1, 4).toString()).toBe('PNG');
  },
);

test('a browser that forbids copying is told of', async ({ page, open }) => {
  await page.addInitScript(() => {
    const refuse = () => Promise.reject(new Error('not allowed'));
    Object.assign(navigator.clipboard, { writeText: refuse, write: refuse });
  });
  await open('#v=1&head=0.2');
  await page.getByTestId('share').click();
  await page.getByTestId('copy-code').click();
  await expect(problem(page, 'CopyDenied')).toContainText('Nothing could be copied');
});
