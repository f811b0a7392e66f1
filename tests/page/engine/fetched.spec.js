// Model files that are refused before a backend sees a weight.
import { expect, test } from './bare.js';

test('a missing file, a page in its place, a server that is not there', async ({ bare, backend }) => {
  await bare.route('**/page.safetensors', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Home</title>' }),
  );
  await bare.route('**/unreachable.safetensors', (route) => route.abort());
  const found = await bare.evaluate(async (backend) => {
    const hs = await Headscope.open({ backend });
    const load = (/** @type {string} */ weights) => rejection(hs.loadModel({ weights }));
    const errors = [
      await load('fixtures/missing.safetensors'),
      await load('page.safetensors'),
      await load('unreachable.safetensors'),
    ];
    return {
      errors,
      unknown: await rejection(hs.loadModel('no-such-model')),
      next: (await hs.loadModel('default')).name,
    };
  }, backend);
  expect(found.errors.map((error) => [error?.isError, error?.name])).toEqual(
    Array(3).fill([true, 'ModelFetch']),
  );
  expect(found.errors[0]?.message).toContain('404');
  expect(found.errors[1]?.message).toContain('HTML');
  expect(found.unknown?.name).toBe('ModelNotFound');
  expect(found.next).not.toBe('');
});

test('a damaged default model is told as such, and not as what the engine makes of it', async ({
  bare,
  backend,
}) => {
  await bare.route('**/models/default/model.safetensors.planes', async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length >> 1] ^= 0x40;
    await route.fulfill({ response, body });
  });
  const error = await bare.evaluate(async (backend) => {
    const hs = await Headscope.open({ backend });
    return rejection(hs.loadModel('default'));
  }, backend);
  expect(error?.name).toBe('ModelFetch');
  expect(error?.message).toContain('sha256');
});
