// The tour: each step sets the page, and states what the figures of this model and text show.

import { readFileSync } from 'node:fs';
import { violations } from './axe.js';
import { dropFiles, fixture } from './hub.js';
import { box, expect, head, test } from './page.js';

/** The parts of a sentence, as one expression of the whole sentence. @param {...RegExp} parts */
const sentence = (...parts) => new RegExp(`^${parts.map(({ source }) => source).join('')}$`);

/** @param {import('@playwright/test').Page} page */
const claim = (page) => page.getByTestId('claim');
/** @param {import('@playwright/test').Page} page */
const next = (page) => page.getByTestId('tour-next').click();

test('on the default model the tour finds the induction heads, and who feeds them', async ({
  page,
  open,
}) => {
  test.slow();
  await open();
  await page.getByTestId('tour-start').click();
  await expect(page.getByTestId('tour-step').nth(5)).toHaveAttribute('href', /#v=2&.*step=5&.*tab=explain/);
  await expect(claim(page)).toHaveText(
    sentence(
      /On this text, 0\.6 looks at the current token in 0\.9\d of its rows; /,
      /0\.2 looks at the previous token in (1\.00|0\.9\d) of its rows; /,
      /(\d\.\d looks at the first token in \d\.\d\d of its rows|no head is named for the first token)\./,
    ),
  );
  await expect(head(page, '0.2')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('readout')).toHaveText(/^query 83 .* → key 82 /);

  await next(page);
  await expect(page.getByRole('tab', { name: 'Find' })).toHaveAttribute('aria-selected', 'true');
  await expect(claim(page)).toHaveText(
    sentence(
      /The mean log-probability is −1\d\.\d\d in the first copy and −0\.\d\d in the second: /,
      /this model looks back\./,
    ),
  );
  await expect(page.getByTestId('strict')).toBeVisible();

  await next(page);
  await expect(claim(page)).toHaveText(
    /^4 heads have more than 0\.40 of their weight on the stripe: .*1\.2 \((1\.00|0\.99)\)/,
  );
  await expect(head(page, '1.2')).toHaveAttribute('aria-pressed', 'true');

  // The text hardly repeats, so the tour shows it twice, and then follows the head that shows on it.
  await next(page);
  await expect(claim(page)).toHaveText(
    sentence(
      /Your text hardly repeats, so it is shown twice here\. 1\.\d, 1\.\d, 1\.\d show on both; /,
      /1\.2 only on random tokens\. From here the tour follows 1\.\d\./,
    ),
  );
  const own = (await box(page).inputValue()).split(' We think')[0];
  expect(await box(page).inputValue()).toBe(`${own} ${own}`);
  let story = '';
  // The figures of the doubled text may be on their way once more.
  const follows = async () => /follows (1\.\d)\./.exec((await claim(page).textContent()) ?? '')?.[1] ?? '';
  await expect.poll(async () => (story = await follows())).toMatch(/^1/);

  await next(page);
  await expect(claim(page)).toHaveText(
    new RegExp(`Head ${story.replace('.', '\\.')} scores 0\\.[4-9]\\d on this text, where uniform`),
  );
  await expect(page).toHaveURL(/score=matching-induction/);
  await expect(page.getByTestId('readout')).toHaveText(/^query \d+ .* → key \d+ .* 0\.[4-9]\d\d, /);

  await next(page);
  await expect(box(page)).toHaveValue(own);
  await expect(claim(page)).toHaveText(
    sentence(
      /The keys of 1\.\d read 0\.2 most: 0\.\d{3}, where random heads score 0\.\d{3}\. /,
      /Head 0\.2 is also the head that looks at the previous token most\./,
    ),
  );

  await next(page);
  await expect(claim(page)).toHaveText(
    sentence(
      /With 0\.2 ablated, the strict induction score of 1\.\d goes from 0\.\d\d to 0\.[01]\d, /,
      /and the loss on the second copy rises by \d+\.\d\d nats\./,
    ),
  );
  await expect(page.getByTestId('pattern-ablated')).toContainText('0.2 ×');
  await expect(page).toHaveURL(/off=0\.2.*step=6/);

  // axe finds nothing on the card.
  expect(await violations(page, '#guide')).toEqual([]);

  // A step is a link.
  const told = await claim(page).textContent();
  const [, hash] = page.url().split('#');
  await page.goto('about:blank');
  await open(`#${hash}`);
  await expect(claim(page)).toHaveText(told ?? '');
  await expect(page.locator('#off-title')).toBeInViewport();
  await expect(page.getByTestId('line-link')).toContainText('Reproduced: all');

  // What two steps tell of the same head agrees, to the drawing of the path.
  const score = /goes from (0\.\d\d)/.exec(told ?? '')?.[1];
  await next(page);
  await expect(claim(page)).toHaveText(
    /^The strongest edge is from 0\.2 to 1\.\d\. Without 0\.2 the loss rises/,
  );
  const strict = page
    .getByTestId('strict-map')
    .locator(`[data-head="${/score of (1\.\d)/.exec(told ?? '')?.[1]}"]`);
  await page.getByRole('tab', { name: 'Find' }).click();
  await expect(strict).toContainText(score ?? '');
  await next(page);
  await expect(page.getByTestId('pattern-title')).toHaveText('Head 0.7');
  await expect(claim(page)).toHaveText(
    sentence(
      /Head 0\.7 looks 2 back: its mean weight there is 1\.00\. /,
      /Its readers by their keys: 1\.6 \(0\.121\), 1\.0 .*/,
    ),
  );
  await next(page);
  await expect(page.locator('#guide')).toContainText('Now your own text');
  await expect(box(page)).toBeInViewport();
  await next(page);
  await expect(claim(page)).toBeHidden();
  await expect(page.getByRole('tab', { name: 'Find' })).toBeFocused();
});

for (const [what, viewport] of /** @type {const} */ ([
  ['at a zoom of 200%', { width: 640, height: 360 }],
  ['on a phone', { width: 390, height: 844 }],
])) {
  test(`${what} the buttons of the tour are in the window, and work`, async ({ page, open }) => {
    await page.setViewportSize(viewport);
    await open();
    await page.getByTestId('tour-start').click();
    for (let step = 2; step <= 4; step++) {
      await expect(page.getByTestId('tour-next')).toBeInViewport({ ratio: 1 });
      await next(page);
      await expect(page.locator('#guide')).toContainText(`Step ${step} of`);
    }
    await page.getByRole('button', { name: 'Leave the tour' }).click();
    await expect(claim(page)).toBeHidden();
  });
}

test('of a model without induction heads it does not tell that there are some', async ({ page, open }) => {
  await open('#v=1&len=20');
  const own = 'random_2layer_lnpre_shortformer';
  await dropFiles(page, [
    { name: 'random.safetensors', content: readFileSync(fixture(`${own}.weights.safetensors`)) },
    { name: 'config.json', content: readFileSync(fixture(`${own}.config.json`)) },
  ]);
  await page.getByRole('button', { name: 'Put an example' }).click();
  await page.getByTestId('tour-start').click();
  await next(page);
  await expect(claim(page)).toHaveText(/this model hardly gains from looking back\./);
  await next(page);
  await expect(claim(page)).toHaveText(/^No head has more than 0\.40 of its weight on the stripe/);
  await expect(claim(page)).toHaveAttribute('data-holds', 'false');
});

test('what cannot be computed is said to be so', async ({ page, open }) => {
  await open('#v=1&len=400&step=1&tab=repeats');
  await expect(claim(page)).toHaveText(/^Not available here: .*512.*801/);
});
