// Tasks of docs/keyboard.md, by keyboard alone: those of the page's head, its messages and the tour.
import { readFileSync } from 'node:fs';
import { ENTRY, fixture } from './hub.js';
import { backTo, focused, tabTo, task } from './keys.js';
import { box, expect, problem, status, test } from './page.js';
import { download, openPanel, uses, test as withHub } from './panel.js';

withHub('models and own files by keyboard', async ({ page, hub }) => {
  test.slow(); // three models load
  await openPanel(page);
  await page.getByTestId('model').click();
  await expect(page.locator('#models')).toBeHidden();

  await task('choose a model', async () => {
    await expect(page.getByTestId('model')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.locator('#models')).toBeVisible();
    await tabTo(page, download(page));
    await page.keyboard.press('Enter');
    await uses(page, ENTRY.name);
    await expect.poll(() => focused(page)).not.toBeNull();
    expect(hub.asked).toContain('model.safetensors');
    await page.keyboard.press('Escape');
    await expect(page.locator('#models')).toBeHidden();
    await expect(page.getByTestId('model')).toBeFocused();
  });

  await task('load own files', async () => {
    // Asked for early: the browser learns late that a test wants its dialog.
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByTestId('own-files'));
    await page.keyboard.press('Enter');
    const files = ['planted_f32.weights.safetensors', 'planted_f32.config.json'].map(fixture);
    await (await chooser).setFiles(files);
    await uses(page, 'planted_f32.weights.safetensors');
    await expect(page.getByTestId('own-files')).toBeFocused();
  });
});

test('backend, menus, messages and history by keyboard', async ({ page, context, open }) => {
  test.slow(); // Tab goes through the head of the page several times
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open();

  await task('run on the GPU or the CPU', async () => {
    await tabTo(page, page.getByTestId('backend-cpu'));
    await page.keyboard.press('ArrowLeft');
    await expect(page.getByTestId('backend-webgpu')).toBeFocused();
    await expect(problem(page, 'GpuUnavailable')).toBeVisible();
    await page.keyboard.press('ArrowRight');
    await expect(status(page)).toContainText('on the CPU');
    await expect(page.getByTestId('problem')).toHaveCount(0);
    await expect(page.getByTestId('backend-cpu')).toBeFocused();
  });

  await task('share or export', async () => {
    const [share, exports] = [page.getByTestId('share'), page.getByTestId('export')];
    await tabTo(page, share);
    await page.keyboard.press('Enter');
    await expect(share).toHaveAttribute('aria-expanded', 'true');
    await tabTo(page, page.getByTestId('copy-link'));
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('copy-link')).toHaveText('Copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('#v=2');
    await page.keyboard.press('Escape');
    await expect(share).toHaveAttribute('aria-expanded', 'false');
    await expect(share).toBeFocused();

    await tabTo(page, exports);
    await page.keyboard.press('Space');
    await tabTo(page, page.getByTestId('export-json'));
    const saved = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    const { heads } = JSON.parse(readFileSync(await (await saved).path(), 'utf8'));
    expect(Object.keys(heads)).toHaveLength(16);
    await expect(page.getByTestId('export-json')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(exports).toHaveAttribute('aria-expanded', 'false');
    await expect(exports).toBeFocused();
  });

  await task('dismiss a message', async () => {
    await tabTo(page, box(page));
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    const dismiss = problem(page, 'EmptyInput').getByRole('button', { name: 'Dismiss' });
    await tabTo(page, dismiss);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('problem')).toHaveCount(0);
    await expect.poll(() => focused(page)).not.toBeNull();
  });

  await task('go back', async () => {
    await backTo(page, page.getByTestId('example').first());
    await page.keyboard.press('Enter');
    await expect(box(page)).toHaveValue(/^We think/);
    await tabTo(page, page.getByTestId('example').nth(1));
    const before = await box(page).inputValue();
    await page.keyboard.press('Enter');
    await expect(box(page)).not.toHaveValue(before);
    // The browser of the tests has no shortcuts: the page must leave the key to the browser.
    await page.evaluate(() =>
      addEventListener('keydown', (event) => {
        document.body.dataset.key = `${event.key} ${event.defaultPrevented ? 'taken' : 'left'}`;
      }),
    );
    for (const place of [
      page.locator('[data-testid="head"][tabindex="0"]'),
      page.getByTestId('explorer'),
      page.getByTestId('tokens').locator('[tabindex="0"]'),
      page.locator('[role="tab"][aria-selected="true"]'),
    ]) {
      await tabTo(page, place);
      await page.keyboard.press('Alt+ArrowLeft');
      await expect(page.locator('body')).toHaveAttribute('data-key', 'ArrowLeft left');
      await expect(place).toBeFocused();
    }
    await page.goBack();
    await expect(box(page)).toHaveValue(before);
    expect(await focused(page)).not.toBeNull();
  });
});

test('the tour from its button to its end by keyboard', async ({ page, open }) => {
  test.slow(); // ten steps, with their experiments
  await open();
  await task('take the tour', async () => {
    await tabTo(page, page.getByTestId('tour-start'));
    await page.keyboard.press('Enter');
    await expect(page.locator('#guide-title')).toBeFocused();
    const next = page.getByTestId('tour-next');
    const steps = await page.getByTestId('tour-step').count();
    for (let step = 1; step <= steps; step++) {
      await expect(page.locator('.guide .caption')).toHaveText(`Step ${step} of ${steps}`);
      await tabTo(page, next);
      await page.keyboard.press('Enter');
      expect(await focused(page), `after step ${step}`).not.toBeNull();
    }
    await expect(page.locator('.guide')).toBeHidden();
    await expect(page.locator('[role="tab"][aria-selected="true"]')).toBeFocused();
  });
});
