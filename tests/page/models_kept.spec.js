// A broken download keeps its parts, wherever the browser stores them. A wrong file leaves nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { ENTRY, fixture, hubOf } from './hub.js';
import { analysed, box, problem, shows, test } from './page.js';
import { expect, IDS, listed, openPanel, uses } from './panel.js';

/** Bytes of a part, as in www/store/partial_file.js. */
const PART = 8 << 20;

/**
 * Writes the planted model with a mask of 19 MB, which the engine skips: a file of three parts.
 * @param {string} path
 */
function writeLarge(path) {
  const file = readFileSync(fixture('planted_f32.weights.safetensors'));
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString());
  const end = file.length - 8 - length;
  const side = 2200;
  header['blocks.0.attn.mask'] = {
    dtype: 'F32',
    shape: [side, side],
    data_offsets: [end, end + 4 * side * side],
  };
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([start, json, file.subarray(8 + length), Buffer.alloc(4 * side * side)]));
  return 8 + json.length + end + 4 * side * side;
}

for (const [where, refused] of /** @type {const} */ ([
  ['the origin’s own files', false],
  ['the cache, where there are no files', true],
])) {
  test(`a download of parts goes on after the page was closed, from ${where}`, async ({ page }, info) => {
    test.setTimeout(120_000);
    const path = info.outputPath('large.safetensors');
    const bytes = writeLarge(path);
    const entry = { ...ENTRY, weights: { ...ENTRY.weights, bytes } };
    const hub = await hubOf(
      page,
      {
        'someone/planted/model.safetensors': path,
        'someone/planted/config.json': fixture('planted_f32.config.json'),
      },
      [entry],
    );
    if (refused)
      await page.addInitScript(
        () =>
          (StorageManager.prototype.getDirectory = () =>
            Promise.reject(new DOMException('no', 'SecurityError'))),
      );
    await openPanel(page);
    // The connection breaks soon after the first part, and later requests fail.
    let asks = 0;
    hub.plan.next = (name) =>
      name !== 'model.safetensors' ? null : asks++ === 0 ? { only: PART + 100_000 } : { status: 503 };
    await listed(page)
      .getByRole('button', { name: /^Download/ })
      .click();
    await expect(problem(page, 'ModelFetch')).toContainText('503');
    await page.goto('about:blank');

    hub.plan.next = null;
    hub.asked.length = 0;
    await openPanel(page);
    await expect(listed(page)).toContainText(/To download: \d+\.\d MB of 19\.\d MB are missing/);
    await listed(page)
      .getByRole('button', { name: `Resume download of ${ENTRY.name}` })
      .click();
    await uses(page, ENTRY.name);
    const [, from] =
      /^model\.safetensors bytes=(\d+)-$/.exec(
        hub.asked.find((ask) => ask.startsWith('model.safetensors bytes=')) ?? '',
      ) ?? [];
    expect(Number(from)).toBeGreaterThan(0);
    expect(Number(from) % PART, 'whole parts were kept').toBe(0);
    await box(page).fill(IDS);
    await expect(page.locator('.token')).toHaveCount(23);
    await expect(listed(page)).toContainText('In use. In this browser, 19.');
    await expect(page.getByTestId('models-note')).toBeEmpty();

    hub.asked.length = 0;
    await expect(page).toHaveURL(/model=planted&sha=[0-9a-f]{12}/);
    await page.reload();
    await uses(page, ENTRY.name);
    await expect(page.locator('.token')).toHaveCount(23);
    expect(hub.asked).toEqual([]);
    await hub.close();
  });
}

test('a file whose sha256 is not the catalogue’s is refused and not kept; the old model stays', async ({
  page,
}) => {
  const sha256 = 'ab'.repeat(32);
  const hub = await hubOf(page, undefined, [{ ...ENTRY, weights: { ...ENTRY.weights, sha256 } }]);
  await openPanel(page);
  await listed(page)
    .getByRole('button', { name: /^Download/ })
    .click();
  await expect(problem(page, 'ModelFetch')).toContainText(
    new RegExp(`its sha256 should be ${sha256}, and is [0-9a-f]{64}`),
  );
  await expect(listed(page)).toContainText(/To download: \d+/);
  await uses(page, 'Headscope default, 2 layers of 8 heads');
  await box(page).fill('it goes on');
  await shows(page, 'it goes on');
  await hub.close();
});

test('the catalogue as it is: every model with its size, said before anything is fetched', async ({
  page,
}) => {
  const hub = await hubOf(page, {}, null);
  await page.goto('');
  await analysed(page);
  await page.getByTestId('model').click();
  const hubs = page.getByTestId('listed').filter({ hasText: 'from huggingface.co' });
  await expect(hubs).toHaveCount(29);
  await expect(page.locator('.catalogue h3')).toHaveText([
    'Of the course, and toys',
    'GPT-2',
    'Pythia',
    'TinyStories',
    'SmolLM and Qwen',
  ]);
  for (const words of await hubs.allTextContents())
    expect(words).toMatch(/To download: (about )?\d+\.\d MB from huggingface\.co/);
  await expect(page.getByTestId('listed').filter({ hasText: 'ARENA’s model' })).toContainText(
    'induction 1.4, 1.10',
  );
  const gpt2 = listed(page, 'gpt2');
  await expect(gpt2).toContainText('Memory for its weights: 498.0 MB in f32. Licence: MIT.');
  await expect(gpt2).toContainText('Published heads: induction 5.1 (0.897), 5.5 (0.920), 6.9 (0.911)');
  await expect(gpt2).toContainText('previous token 4.11 (0.999).');
  await expect(gpt2).toContainText('Published for another task, indirect object identification (Wang et al.');
  expect(hub.asked).toEqual([]);
  await hub.close();
});
