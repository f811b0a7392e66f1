// Measures a first visit: transferred bytes and time, with nothing cached.

/**
 * @param {() => Promise<import('@playwright/test').Browser>} launch
 * @param {import('../site/server.js').Site} site has its files compressed by an earlier visit, so that the
 *   host's work is not timed
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
