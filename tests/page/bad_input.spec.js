// Bad input gets a clear message with a remedy. The text and the last result stay, and the next run works.
import {
  analysed,
  box,
  expect,
  figures,
  head,
  nextRunWorks,
  paste,
  pieces,
  problem,
  shows,
  test,
  testInKeptPage,
} from './page.js';

testInKeptPage('an empty text', async ({ page, open }) => {
  await open();
  const before = await figures(page);
  await box(page).fill('');
  await expect(problem(page, 'EmptyInput')).toContainText('There is no text to analyse');
  expect(await figures(page)).toEqual(before);
  await head(page, '0.2').click();
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 0.2');
  await problem(page, 'EmptyInput').getByRole('button', { name: 'Put the example back' }).click();
  await expect(box(page)).toHaveValue(/^seven copper/);
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await nextRunWorks(page);
});

testInKeptPage('one token is analysed, and the answer says why no head is named', async ({ page, open }) => {
  await open();
  await box(page).fill('a');
  await shows(page, 'a');
  await expect(page.getByTestId('too-short')).toHaveText(
    'Too short to judge: with 2 tokens even uniform attention passes. Use 10 or more.',
  );
  await expect(page.getByTestId('uniform')).toContainText('⚑ 1.00');
  await expect(page.getByTestId('problem')).toHaveCount(0);
});

testInKeptPage(
  'a text past n_ctx: its beginning is analysed, and how much is not is said',
  async ({ page, open }) => {
    await open();
    await box(page).fill('round and round it goes and '.repeat(150));
    await expect(page.getByTestId('line-dropped')).toHaveText(
      /reads 512 tokens at once: the first 512 are analysed, \d.* characters after them are not/,
    );
    await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(512);
    await nextRunWorks(page);
    await expect(page.getByTestId('line-dropped')).toHaveCount(0);
  },
);

testInKeptPage(
  'lone surrogates, NUL, right-to-left, markup: analysed, shown as what they are',
  async ({ page, open, complaints }) => {
    await open();
    await paste(page, 'a\ud800b\udc00c');
    await expect(page.getByTestId('line-surrogates')).toContainText('2 broken characters');
    await paste(page, 'nul \0 here');
    await expect.poll(() => pieces(page)).toContain('␀');
    await paste(page, 'مرحبا بالعالم');
    await expect(box(page)).toHaveAttribute('dir', 'rtl');
    await expect(page.getByTestId('line-surrogates')).toHaveCount(0);
    await page.evaluate(() =>
      Object.assign(globalThis, { alert: () => Object.assign(globalThis, { alarmed: true }) }),
    );
    await paste(page, '<img src=x onerror=alert(1)><script>alert(2)</script>');
    await expect
      .poll(async () => (await pieces(page)).join('').replaceAll('·', ' '))
      .toBe('<img src=x onerror=alert(1)><script>alert(2)</script>');
    expect(
      await page.evaluate(() => [
        document.querySelectorAll('main script, main img').length,
        'alarmed' in globalThis,
      ]),
    ).toEqual([0, false]);
    expect(complaints).toEqual([]);
  },
);

testInKeptPage('a megabyte at once', async ({ page, open }) => {
  await open();
  await paste(page, 'lorem ipsum dolor sit amet '.repeat(38_000));
  await expect(page.getByTestId('line-dropped')).toContainText('the first 512 are analysed');
  expect(await box(page).inputValue()).toHaveLength(27 * 38_000);
  await nextRunWorks(page);
});

test('a broken link: what could be read is shown, what could not is named', async ({ page }) => {
  await page.goto('#v=1&t=hello+there&head=banana&query=%E0%A4');
  await analysed(page);
  await expect(problem(page, 'LinkBroken')).toContainText('query, head');
  await expect(box(page)).toHaveValue('hello there');
  await nextRunWorksAfterDismissing(page, 'LinkBroken');
});

test('a link of a newer version: named, not guessed at, and kept for a newer page to read', async ({
  page,
}) => {
  // Counts the page's timers, since its address follows the analysis by one.
  await page.addInitScript(() => {
    const { setTimeout, clearTimeout } = globalThis;
    /** @type {Set<unknown>} */ const waiting = new Set();
    Object.assign(globalThis, {
      waiting,
      /** @param {() => void} call @param {number} ms */
      setTimeout(call, ms) {
        const id = setTimeout(() => {
          waiting.delete(id);
          call();
        }, ms);
        waiting.add(id);
        return id;
      },
      /** @param {any} id */
      clearTimeout(id) {
        waiting.delete(id);
        clearTimeout(id);
      },
    });
  });
  await page.goto('#v=3&t=from+the+future');
  await analysed(page);
  await expect(problem(page, 'LinkVersion')).toContainText('version 3');
  await expect(box(page)).toHaveValue(/^seven copper/);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).waiting.size === 0);
  expect(page.url()).toContain('#v=3&t=from+the+future');
  await nextRunWorksAfterDismissing(page, 'LinkVersion');
  await expect(page).toHaveURL(/#v=2&/);
});

test('a link to a head that the model does not have', async ({ page }) => {
  await page.goto('#v=1&head=7.3');
  await analysed(page);
  await expect(problem(page, 'LinkHead')).toContainText(
    'The link names head 7.3; this model has 2 layers of 8 heads.',
  );
  await expect(page.getByTestId('pattern-title')).toHaveText('Mean of all heads');
});

test('a link whose model is not the one loaded', async ({ page }) => {
  await page.goto('#v=1&digest=84.AAAA&sha=000000000000');
  await analysed(page);
  await expect(page.getByTestId('line-link')).toContainText('made with other weights (000000000000 …)');
  await page.goto('about:blank');
  await page.goto('#v=1&model=no-such-model&t=a+text');
  await expect(problem(page, 'ModelNotFound')).toContainText('There is no such model here');
  await expect(box(page)).toHaveValue('a text');
  await problem(page, 'ModelNotFound').getByRole('button', { name: 'Load the default model' }).click();
  await shows(page, 'a text');
  await expect(page.getByTestId('problem')).toHaveCount(0);
});

for (const [what, answer] of /** @type {const} */ ([
  ['missing', { status: 404, body: '' }],
  ['corrupt', { status: 200, body: 'this is no model' }],
])) {
  test(`a ${what} model file`, async ({ page }) => {
    await page.route('**/models/default/model.safetensors.planes', (route) => route.fulfill(answer));
    await page.goto('#v=1&t=a+text');
    const told = problem(page, 'ModelFetch').or(problem(page, 'CheckpointFormat'));
    await expect(told).toBeVisible();
    await expect(box(page)).toHaveValue('a text');
    await page.unroute('**/models/default/model.safetensors.planes');
    await told.getByRole('button', { name: 'Try again' }).click();
    await shows(page, 'a text');
    await nextRunWorks(page);
  });
}

test('a worker that dies, idle or at work', async ({ page, open }) => {
  await page.addInitScript(() => {
    const Original = Worker;
    /** @type {Worker[]} */ const workers = [];
    Object.assign(globalThis, {
      workers,
      Worker: class extends Original {
        /** @param {string | URL} script @param {WorkerOptions} [options] */
        constructor(script, options) {
          super(script, options);
          // The engine's: the worker that hashes files ends with its last file.
          if (!String(script).includes('hash_worker')) workers.push(this);
        }
      },
    });
  });
  await open();
  const before = await figures(page);
  await page.evaluate(() => /** @type {any} */ (globalThis).workers.at(-1).terminate());
  await expect(problem(page, 'WorkerDied')).toContainText('The engine stopped');
  expect(await figures(page)).toEqual(before);
  await expect(box(page)).toHaveValue(/^We think/);
  await head(page, '0.2').click();
  await expect(page.getByTestId('top-keys')).toContainText('1.000');
  await nextRunWorks(page);
});

test('a text too long for a link: its length is said, and a file holds it that can be dropped back', async ({
  page,
  open,
}) => {
  test.slow();
  await open();
  // Digits of a small random generator, which deflate cannot shorten.
  const noise = Array.from({ length: 4000 }, (_, at) =>
    ((at * 48_271 * (at + 7)) % 2_147_483_647).toString(36),
  ).join(' ');
  await paste(page, noise);
  await expect(page.getByTestId('line-long')).toHaveText(/The link to this analysis is \d.* characters long/);
  // The file holds a digest only once the figures are there; 512 tokens take WebGPU in software seconds.
  await expect(page.getByTestId('line-dropped')).toBeVisible({ timeout: 45_000 });
  await head(page, '1.1').click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  const file = await (await download).path();
  expect((await download).suggestedFilename()).toBe('analysis.headscope.json');
  const content = await import('node:fs').then(({ readFileSync }) => readFileSync(file, 'utf8'));

  await nextRunWorks(page);
  await drop(page, 'analysis.headscope.json', content);
  await expect(box(page)).toHaveValue(noise);
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 1.1');
  await expect(page.getByTestId('line-link')).toContainText('Reproduced', { timeout: 45_000 });
  await drop(page, 'broken.headscope.json', 'not an analysis');
  await expect(problem(page, 'FileBroken')).toContainText('This is not a saved analysis');
  await drop(page, 'notes.txt', 'not an analysis');
  await expect(problem(page, 'FileUnknown')).toContainText(
    'notes.txt is neither a file of a model nor a saved analysis.',
  );
  await expect(problem(page, 'FileBroken')).toHaveCount(0);
  await expect(box(page)).toHaveValue(noise);
});

/** @param {import('@playwright/test').Page} page @param {string} code */
async function nextRunWorksAfterDismissing(page, code) {
  await problem(page, code).getByRole('button', { name: 'Dismiss' }).click();
  await nextRunWorks(page);
}

/** @param {import('@playwright/test').Page} page @param {string} name @param {string} content */
function drop(page, name, content) {
  return page.evaluate(
    ({ name, content }) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], name));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    { name, content },
  );
}
