// Measures a first visit: transferred bytes and times, with nothing cached.

import { serve } from '../site/server.js';

/**
 * Serves a folder with its files compressed. The files are compressed before the first visit: on a busy
 * machine that takes longer than the page waits for an answer.
 * @param {string} folder
 * @param {import('../site/server.js').Site['sent']} sent the answers of an earlier visit
 */
export async function serveCompressed(folder, sent) {
  const site = await serve(folder, { brotli: true });
  for (const path of new Set(sent.filter(({ status }) => status === 200).map(({ path }) => path)))
    await (await fetch(new URL(path, site.url))).arrayBuffer();
  return site;
}

/**
 * @param {() => Promise<import('@playwright/test').Browser>} launch
 * @param {import('../site/server.js').Site} site has compressed its files, so that its work is not timed
 * @param {number} count of visits, each in a new browser
 */
export async function coldVisits(launch, site, count) {
  /** @type {number[]} */
  const times = [];
  for (let visit = 0; visit < count; visit += 1) {
    const browser = await launch();
    const page = await browser.newPage();
    site.sent.length = 0;
    await page.goto(site.url);
    const mark = await page.waitForFunction(
      () => performance.getEntriesByName('headscope:first-analysis')[0]?.startTime,
    );
    times.push(Number(await mark.jsonValue()));
    await browser.close();
  }
  const base = new URL(site.url).pathname;
  const files = site.sent
    .filter(({ status }) => status === 200)
    .map(({ path, bytes }) => ({ path: path.slice(base.length) || 'index.html', size: bytes }));
  return { times, files, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** The default model's answer. The page shows it once every head is tested on repeated tokens. */
const ANSWER = '4 induction heads: 1.2, 1.0, 1.1, 1.6';

/**
 * Times from navigation to the default model's answer, in ms, each visit in a new browser.
 * @param {() => Promise<import('@playwright/test').Browser>} launch
 * @param {import('../site/server.js').Site} site has compressed its files
 * @param {string} fragment of the address: with '' the page shows the precomputed answer, with a text of its
 *   own only the answer that it computes
 * @param {number} count of visits
 */
export async function timesToAnswer(launch, site, fragment, count) {
  /** @type {number[]} */
  const times = [];
  for (let visit = 0; visit < count; visit += 1) {
    const browser = await launch();
    const page = await browser.newPage();
    await page.addInitScript((answer) => {
      const found = () => {
        const headline = document.querySelector('[data-testid=headline]');
        if (!headline?.textContent?.startsWith(answer)) return;
        observer.disconnect();
        requestAnimationFrame(() => performance.mark('bench:answer'));
      };
      const observer = new MutationObserver(found);
      observer.observe(document, { childList: true, subtree: true, characterData: true });
    }, ANSWER);
    await page.goto(site.url + fragment);
    const mark = await page.waitForFunction(() => performance.getEntriesByName('bench:answer')[0]?.startTime);
    times.push(Number(await mark.jsonValue()));
    await browser.close();
  }
  return times;
}
