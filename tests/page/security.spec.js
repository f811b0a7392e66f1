// What the page may do and does: its requests, its policy, and hostile names, tokens and links.
import { readFileSync } from 'node:fs';
import { dropFiles, fixture, hubOf } from './hub.js';
import { analysed, box, expect, openIn, problem, shows, test } from './page.js';
import { download, openPanel, uses } from './panel.js';

/** Markup that would run a script, in the forms that pages have been taken by. */
const MARKUP = '<img src=x onerror="globalThis.hostile=1"><script>globalThis.hostile=1</script>';

/**
 * The hosts of all requests of a page so far, other than its own.
 * @param {import('@playwright/test').Page} page @param {string} own
 */
function record(page, own) {
  /** @type {string[]} */ const foreign = [];
  page.on('request', (request) => {
    const { origin, protocol, host } = new URL(request.url());
    if (origin !== new URL(own).origin && protocol !== 'blob:' && protocol !== 'data:') foreign.push(host);
  });
  return foreign;
}

/** @param {import('@playwright/test').Page} page */
const wasTaken = (page) => page.evaluate(() => 'hostile' in globalThis);

test('a visit asks its own site alone, and nothing is against its policy', async ({
  page,
  site,
  webgpu,
  complaints,
}) => {
  const foreign = record(page, site.url);
  await openIn(page, webgpu, '');
  await box(page).fill('some text of mine');
  await shows(page, 'some text of mine');
  for (const tab of await page.getByRole('tab').all()) await tab.click();
  await page.getByTestId('model').click();
  await expect(page.getByTestId('listed').first()).toBeVisible();
  expect(foreign).toEqual([]);
  expect(complaints).toEqual([]);
});

test('a link loads no model of the hub: one click does, and asks the hub alone', async ({ page, site }) => {
  const foreign = record(page, site.url);
  const hub = await hubOf(page);
  await page.goto('#v=1&model=planted&t=1+2+3');
  await expect(problem(page, 'ModelNotHere')).toBeVisible();
  await expect(box(page)).toHaveValue('1 2 3');
  expect([foreign, hub.asked]).toEqual([[], []]);
  await page.getByTestId('model').click();
  await download(page).click();
  await uses(page, 'Planted circuits');
  expect(new Set(foreign.filter((host) => !host.startsWith('127.0.0.1')))).toEqual(
    new Set(['huggingface.co']),
  );
  await hub.close();
});

test('hostile links open as text, ask nobody and run nothing', async ({ page, site }) => {
  const foreign = record(page, site.url);
  const text = encodeURIComponent(MARKUP);
  for (const hash of [
    `v=1&t=${text}`,
    `v=1&t=a&model=${encodeURIComponent('https://example.org/model')}`,
    `v=1&t=a&head=${text}&tab=${text}&score=${text}&ran=${text}`,
    `v=2&t=${text}&end=0000000`,
    `v=${text}`,
    `v=1&t=a&model=..%2F..%2Fmodels&sha=${text}&digest=${text}&found=${text}`,
    'v=1&t=javascript:globalThis.hostile=1',
  ]) {
    await page.goto('about:blank');
    await page.goto(`#${hash}`);
    await analysed(page);
  }
  await expect(box(page)).toHaveValue('javascript:globalThis.hostile=1');
  expect(foreign).toEqual([]);
  expect(await wasTaken(page)).toBe(false);
});

test('names and tokens full of markup and of signs that turn text are inert and legible', async ({
  page,
  site,
}) => {
  const foreign = record(page, site.url);
  await openPanel(page);
  const config = { name: 'config.json', content: readFileSync(fixture('planted_f32.config.json')) };
  const weights = readFileSync(fixture('planted_f32.pth'));
  const name = `${MARKUP.replaceAll('/', ':')}a\u202Ehtp.exe.pth`;
  await dropFiles(page, [{ name, content: weights }, config]);
  await expect(page.getByTestId('model')).toContainText('a⟨202E⟩htp.exe.pth');
  await expect(page.getByTestId('model')).toContainText('<img src=x');
  await dropFiles(page, [{ name: `${name}.txt`, content: 'no model' }]);
  await expect(problem(page, 'FileUnknown')).toContainText('⟨202E⟩');
  await dropFiles(page, [{ name: 'evil.pth', content: 'GARBAGE <script>globalThis.hostile=1</script>' }]);
  await expect(problem(page, 'CheckpointFormat')).toBeVisible();
  expect(await wasTaken(page)).toBe(false);
  expect(foreign).toEqual([]);
});

test('the policy stops what the page does not do', async ({ page, webgpu }) => {
  await openIn(page, webgpu, '');
  const stopped = await page.evaluate(async () => {
    /** @type {string[]} */ const found = [];
    document.addEventListener('securitypolicyviolation', (event) => found.push(event.effectiveDirective));
    /** @param {() => unknown} act */
    const refused = async (act) => {
      try {
        await act();
        return false;
      } catch {
        return true;
      }
    };
    const script = document.createElement('script');
    const results = {
      inline: await refused(() => {
        script.textContent = 'globalThis.hostile = 1';
        document.body.append(script);
      }),
      markup: await refused(() => {
        document.createElement('p').innerHTML = '<img src=x>';
      }),
      // The test's own code may make code; a timer's may not.
      code: await refused(
        () =>
          new Promise((resolve, reject) => {
            setTimeout(() => {
              try {
                resolve(new Function('return 1')());
              } catch (error) {
                reject(error);
              }
            });
          }),
      ),
      foreign: await refused(() => fetch('https://example.org/')),
      worker: await refused(() => new Worker('https://example.org/worker.js')),
      base: await refused(() => {
        const base = document.createElement('base');
        base.href = 'https://example.org/';
        document.head.append(base);
      }),
    };
    const style = document.createElement('style');
    style.textContent = 'body { color: red }';
    document.body.append(style);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { results, found: [...new Set(found)].sort(), base: document.baseURI };
  });
  expect(stopped.results).toMatchObject({ markup: true, code: true, foreign: true, worker: true });
  expect(stopped.base).not.toContain('example.org');
  expect(stopped.found).toEqual(expect.arrayContaining(['base-uri', 'connect-src', 'style-src-elem']));
  expect(await wasTaken(page)).toBe(false);
});

test('no page has an inline script or style', () => {
  for (const path of ['index.html', 'docs/definitions.html', 'docs/attention.html']) {
    const html = readFileSync(new URL(`../../dist/${path}`, import.meta.url), 'utf8');
    expect(html, path).toContain("default-src 'none'");
    expect(html, path).toContain('<meta name="referrer" content="no-referrer" />');
    // Data in the page is no script.
    expect(html, path).not.toMatch(
      /<style|\sstyle=|\son\w+=|<script(?![^>]*\s(?:src=|type="application\/json"))/,
    );
  }
});
