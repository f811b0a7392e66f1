// Saved files hold what the page shows.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, figures, head, pieces, test } from './page.js';

/** @param {import('@playwright/test').Page} page @param {string} what */
async function download(page, what) {
  const download = page.waitForEvent('download');
  await page.getByTestId(`export-${what}`).click();
  return download;
}

/** @param {import('@playwright/test').Page} page @param {string} what */
const saved = async (page, what) => readFileSync(await (await download(page, what)).path());

test('patterns, tables and pictures', async ({ page, open }) => {
  await open();
  await head(page, '0.2').click();
  await expect(page.getByTestId('top-keys')).toContainText(/0\.\d{3}|1\.000/);
  await page.getByRole('tab', { name: 'Export' }).click();
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

// tests/python/exported.py, the next step of `cargo xtask test`, opens the files in target/exported.
test('everything, for numpy and safetensors to open, with what the page shows of it', async ({
  page,
  open,
  backend,
}) => {
  const folder = fileURLToPath(new URL(`../../target/exported/${backend}/`, import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await open('#v=1&head=0.2');
  const readout = page.getByTestId('readout');
  /** @type {{ query: number, key: number, weight: string }[]} */ const cells = [];
  await page.getByTestId('explorer').focus();
  for (const key of ['ArrowUp', 'ArrowUp', 'Shift+ArrowUp', 'Shift+ArrowRight', 'Shift+ArrowRight']) {
    await page.keyboard.press(key);
    await expect(readout).toHaveText(/ \d\.\d{3}$/);
    const [, query, at, weight] =
      /^query (\d+) .* → key (\d+) .* (\d\.\d{3})$/.exec((await readout.textContent()) ?? '') ?? [];
    cells.push({ query: Number(query), key: Number(at), weight });
  }
  const table = page.getByTestId('figures');
  const columns = await table
    .locator('.columns th button[data-testid^=sort-]')
    .evaluateAll((all) => all.map((cell) => cell.dataset.testid?.replace('sort-', '') ?? ''));
  const rows = await table.locator('tbody tr').evaluateAll((all) =>
    all.map((row) => ({
      head: /** @type {HTMLElement} */ (row).dataset.head ?? '',
      cells: [...row.querySelectorAll('td')].map((cell) => /[\d.]+/.exec(cell.textContent ?? '')?.[0] ?? ''),
    })),
  );
  const shown = {
    model: await page.getByTestId('model').textContent(),
    ...{ n_layers: 2, n_heads: 8, d_model: 256, head: '0.2' },
    seq: await page.getByTestId('tokens').getByRole('option').count(),
    pieces: (await pieces(page)).map((piece) => piece?.replaceAll('·', ' ')),
    cells,
    figures: Object.fromEntries(
      rows.map(({ head, cells }) => [
        head,
        Object.fromEntries(columns.slice(1).map((id, at) => [id, cells[at]])),
      ]),
    ),
  };
  expect(rows).toHaveLength(16);
  writeFileSync(`${folder}shown.json`, JSON.stringify(shown));
  await page.getByRole('tab', { name: 'Export' }).click();
  await page.getByRole('checkbox', { name: /residual stream/ }).check();
  for (const what of ['npz', 'safetensors', 'csv', 'json']) {
    const file = await download(page, what);
    await file.saveAs(folder + file.suggestedFilename());
  }
});
