// The browser's GPU process crashes while the page is open.
import { box, expect, figures, nextRunWorks, problem, shows, status, test } from './page.js';

test('a GPU process that crashes during a run: the run is repeated without a click', async ({
  page,
  open,
  browser,
}) => {
  test.setTimeout(120_000); // compiles the pipelines twice, in software
  await open();
  const devtools = await browser.newBrowserCDPSession();
  await box(page).fill('a run that is under way');
  await devtools.send('Browser.crashGpuProcess');
  await shows(page, 'a run that is under way', 60_000);
  await expect(status(page)).toContainText('on the GPU');
  await devtools.detach();
});

test('a GPU process that crashes between two runs: told, and the next run opens the GPU', async ({
  page,
  open,
  browser,
}) => {
  test.setTimeout(120_000); // compiles the pipelines twice, in software
  await open();
  const before = await figures(page);
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.crashGpuProcess');
  await expect(problem(page, 'GpuLost')).toContainText('The GPU was lost');
  expect(await figures(page)).toEqual(before);
  await nextRunWorks(page, 60_000);
  await expect(status(page)).toContainText('on the GPU');
  await devtools.detach();
});
