// Saves files from the Export tab, and reads them.

/**
 * Clicks a button of the tab and waits for its file.
 * @param {import('@playwright/test').Page} page @param {string} what
 */
export async function download(page, what) {
  const download = page.waitForEvent('download');
  await page.getByTestId(`export-${what}`).click();
  return download;
}
