// The gestures that `smoothness.js` measures: all that a visitor does on the page. Each starts on the page as
// the last one left it.

import { count } from '../../www/base/format.js';

/**
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {{ name: string, act: (page: Page) => Promise<unknown> }} Gesture
 */

/** How long the page must be at rest, in ms: work that a gesture started late belongs to the gesture. */
const REST_MS = 400;

/** A page that is busy for longer is stuck. */
const LIMIT_MS = 90_000;

/** @param {Page} page @param {string} id */
const part = (page, id) => page.getByTestId(id);

/** A head of the map of one score. @param {Page} page @param {string} name */
const ofMap = (page, name) => part(page, 'score-map').locator(`[data-head="${name}"]`);

/** @param {Page} page @param {string} tab */
const opens = (page, tab) => part(page, `tab-${tab}`).click();

/** @param {Page} page @param {string[]} keys */
async function presses(page, keys) {
  for (const key of keys) await page.keyboard.press(key);
}

/** Turns the wheel. @param {Page} page @param {number} steps @param {number} [by] pixels of a step */
async function turns(page, steps, by = 300) {
  for (let step = 0; step < steps; step++) {
    await page.mouse.wheel(0, by);
    await page.waitForTimeout(50);
  }
}

/** Waits until nothing is computed or drawn any more. @param {Page} page */
export async function rests(page) {
  /** What is going on, in words; empty at rest. */
  const busy = () => {
    const lines = [
      ...document.querySelectorAll('p.study-status, [data-testid="status"], [aria-busy="true"]'),
    ];
    const seen = lines.filter((line) => line.checkVisibility());
    const at = seen.find(
      (line) => line.getAttribute('aria-busy') || !/^[\d\s]* tokens/.test(line.textContent),
    );
    return at?.textContent.slice(0, 60) ?? '';
  };
  for (let [quiet, waited] = [0, 0]; quiet < REST_MS; waited += 100) {
    await page.waitForTimeout(100);
    const words = await page.evaluate(busy);
    quiet = words ? 0 : quiet + 100;
    if (waited > LIMIT_MS) throw new Error(`the page does not come to rest: ${words}`);
  }
}

/** Token ids as text: half of them, then the same again. @param {number} count @param {number} last */
function idsOf(count, last) {
  const half = Math.floor(count / 2);
  const ids = Array.from({ length: count }, (_, at) => 1 + (((at % half) * 7) % 299));
  return [...ids.slice(0, -1), last].join(' ');
}

/**
 * The gestures on a text of some tokens, on a page with a model of 30 layers.
 * @param {number} tokens @returns {Gesture[]}
 */
export const gesturesOf = (tokens) => [
  { name: 'first result of a text', act: (page) => textOf(page, tokens, 5) },
  {
    name: 'hover heads of the map',
    async act(page) {
      for (const name of ['3.3', '11.1', '20.7']) await ofMap(page, name).hover();
      await page.mouse.move(0, 0);
    },
  },
  { name: 'pin a head', act: (page) => ofMap(page, '11.1').click() },
  {
    name: 'arrow keys over heads, Enter',
    act: (page) => presses(page, ['ArrowRight', 'ArrowDown', 'ArrowDown', 'Enter']),
  },
  {
    name: 'type 18.6 into the find box, Enter',
    async act(page) {
      await part(page, 'find-head').pressSequentially('18.6', { delay: 60 });
      await page.keyboard.press('Enter');
    },
  },
  {
    name: 'another score on the map',
    act: (page) => part(page, 'map-score').selectOption('mean-previous'),
  },
  {
    name: 'thumbnails of all heads',
    act: (page) => part(page, 'grid-as-thumbnails').check({ force: true }),
  },
  {
    name: 'scroll through all of the page',
    async act(page) {
      await page.mouse.move(300, 300);
      await turns(page, 12, 600);
      await turns(page, 12, -600);
    },
  },
  { name: 'back to the map', act: (page) => part(page, 'grid-as-map').check({ force: true }) },
  {
    name: 'move and zoom in the pattern',
    async act(page) {
      await part(page, 'explorer').hover();
      await part(page, 'explorer').focus();
      await presses(page, ['ArrowUp', '+', '+', '+', '+', 'Shift+ArrowUp', '-', '0']);
    },
  },
  {
    name: 'scroll the tokens, choose the last',
    async act(page) {
      await part(page, 'tokens').hover();
      await turns(page, 6);
      await page.locator('.token').first().focus();
      await presses(page, ['End', 'Enter']);
    },
  },
  {
    name: 'colour the tokens by loss',
    act: (page) => part(page, 'strip-colour-loss').check({ force: true }),
  },
  { name: 'weight the pattern', act: (page) => part(page, 'weighted-value').check({ force: true }) },
  { name: 'back to attention', act: (page) => part(page, 'weighted-attention').check({ force: true }) },
  ...['find', 'explain', 'ablate', 'scores'].map((tab) => ({
    name: `open ${tab}`,
    act: (/** @type {Page} */ page) => opens(page, tab),
  })),
  { name: 'change a threshold', act: (page) => part(page, 'threshold-mean').fill('0.1') },
  {
    name: 'drag a threshold',
    async act(page) {
      await part(page, 'threshold-mean').focus();
      await presses(page, Array(10).fill('ArrowRight'));
    },
  },
  {
    name: 'sort the table by a score',
    act: (page) => part(page, 'sort-mean-previous').click(),
  },
  {
    name: 'scroll the table',
    async act(page) {
      await part(page, 'figures').hover();
      await turns(page, 12);
    },
  },
  { name: 'mark a score', act: (page) => part(page, 'audit-mean-previous').click() },
  { name: 'judge another text', act: (page) => part(page, 'stability-example').first().click() },
  { name: 'pin a head, with Scores open', act: (page) => ofMap(page, '2.2').click() },
  ...['find', 'explain', 'ablate', 'scores'].map((tab) => ({
    name: `open ${tab} again`,
    act: (/** @type {Page} */ page) => opens(page, tab),
  })),
  {
    name: 'scroll through all of Find',
    async act(page) {
      await opens(page, 'find');
      await page.mouse.move(300, 300);
      await turns(page, 10, 600);
      await turns(page, 10, -600);
    },
  },
  {
    name: 'ablate a head',
    async act(page) {
      await opens(page, 'ablate');
      await part(page, 'off-heads').locator('[data-head="3.4"]').click();
    },
  },
  { name: 'before', act: (page) => part(page, 'grid-ablated-side-before').check({ force: true }) },
  { name: 'after', act: (page) => part(page, 'grid-ablated-side-after').check({ force: true }) },
  { name: 'show more changed scores', act: (page) => part(page, 'off-more').click() },
  {
    name: 'ablate every head in turn, stop',
    async act(page) {
      await part(page, 'losses-ask').click();
      await page.waitForTimeout(3000);
      await part(page, 'standing-losses').getByRole('button', { name: 'Stop' }).click();
    },
  },
  { name: 'change the last token', act: (page) => textOf(page, tokens, 6) },
  {
    name: 'change the last token, with Scores open',
    async act(page) {
      await opens(page, 'scores');
      await textOf(page, tokens, 7);
    },
  },
];

/** Types ids, and waits for their result. @param {Page} page @param {number} tokens @param {number} last */
async function textOf(page, tokens, last) {
  await part(page, 'text').fill(idsOf(tokens, last));
  const isTold = (/** @type {string} */ words) =>
    document.querySelector('[data-testid="status"]')?.textContent.startsWith(words) === true;
  await page.waitForFunction(isTold, `${count(tokens)} tokens in`, { timeout: 120_000 });
}
