// Saved files of either backend, for numpy and safetensors, with what the page shows of them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, pieces, test } from './page.js';
import { download } from './saved.js';

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
  await page.getByTestId('export').click();
  await page.getByRole('checkbox', { name: /residual stream/ }).check();
  for (const what of ['npz', 'safetensors', 'csv', 'json']) {
    const file = await download(page, what);
    await file.saveAs(folder + file.suggestedFilename());
  }
});
