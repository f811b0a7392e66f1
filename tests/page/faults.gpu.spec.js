// The browser's GPU process crashes while the page is open.
import { box, expect, figures, nextRunWorks, problem, shows, status, test } from './page.js';

test('a GPU process that crashes, in a run or between two: the next figures come without a click', async ({
  page,
  open,
  browser,
}) => {
  test.setTimeout(180_000); // compiles the pipelines three times, in software
  await open();
  const devtools = await browser.newBrowserCDPSession();
  const crash = () => devtools.send('Browser.crashGpuProcess');
  await box(page).fill('a run that is under way');
  await crash();
  await shows(page, 'a run that is under way', 60_000);
  await expect(status(page)).toContainText('on the GPU');

  const before = await figures(page);
  await crash();
  await expect(problem(page, 'GpuLost')).toContainText('The GPU was lost');
  expect(await figures(page)).toEqual(before);
  await nextRunWorks(page, 60_000);
  await expect(status(page)).toContainText('on the GPU');
  await devtools.detach();
});
