// Half precision: asked for in the list of models, measured on the text, and carried by the link.
import { fixture } from './hub.js';
import { box, expect, test } from './page.js';

const IDS = '0 5 3 9 7 2 8 4 6 1 10 11 5 3 9 7 2 8 4 6 1 10 11';

test('weights in f32 are used at half precision, with its cost on the text, and the link says so', async ({
  page,
  open,
}) => {
  await open();
  await page.getByTestId('model').click();
  await page
    .getByTestId('own-files')
    .setInputFiles([fixture('families/gpt2/model.safetensors'), fixture('families/gpt2/config.json')]);
  await expect(page.getByTestId('model')).toHaveText('model.safetensors', { timeout: 30_000 });
  await box(page).fill(IDS);
  await expect(page.getByTestId('tokens').getByRole('option')).toHaveCount(23);
  await expect(page.getByTestId('line-precision')).toHaveCount(0);

  await page.getByTestId('precision').click();
  const line = page.getByTestId('line-precision');
  await expect(line).toContainText(/a log-probability here changes by up to \d/, { timeout: 30_000 });
  const cost = Number(/up to (\S+),/.exec((await line.textContent()) ?? '')?.[1]);
  expect(cost).toBeGreaterThan(0);
  expect(cost).toBeLessThan(0.1);
  await expect(page).toHaveURL(/precision=half/);
  await expect(page.getByTestId('loaded')).toContainText('f32 is kept in half precision');

  await line.getByRole('button', { name: 'Use the weights as stored' }).click();
  await expect(line).toHaveCount(0);
  await expect(page).not.toHaveURL(/precision=half/);
  await expect(page.getByTestId('loaded')).not.toContainText('half precision');
});
