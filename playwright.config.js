// The built site in Debian's Chromium, once with WebGPU (in software: SwiftShader) and once without.
import { defineConfig } from '@playwright/test';

// Playwright's own browsers are downloads; Debian's is a package. setup.rs of tools/xtask looks in the same
// two places.
const executablePath = process.env.HEADSCOPE_CHROMIUM ?? '/usr/bin/chromium';

// Found by trial: any other choice of Vulkan driver hangs this browser when it has no GPU. The last five keep
// it from
// calling its maker.
const args = [
  '--headless=new',
  '--no-sandbox',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const withoutGpu = { launchOptions: { executablePath, args } };
const withGpu = { launchOptions: { executablePath, args: [...args, '--enable-unsafe-webgpu'] } };

// What is the same on every backend, where WebGPU in software takes seconds a test to compile its pipelines:
// marks and keys,
// texts that cannot be run, files and downloads, and the views of experiments, whose figures engine/ holds on
// both. Switch off
// stands for the views.
const SAME = [
  'access*',
  'readme',
  'bad_input',
  'models*',
  'audit',
  'definitions',
  'circuits',
  'repeats',
  'tabs',
  'tour',
  'links_kept',
].map((name) => `**/${name}.spec.js`);

const ALONE = '**/page/full_size.spec.js';

export default defineConfig({
  testDir: 'tests/page',
  outputDir: 'test-results',
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // A machine that is busy with something else; one that passed only then is told as flaky.
  retries: 1,
  // A forward pass on software WebGPU takes a tenth of a second, compiling its pipelines a few.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'webgpu', testIgnore: [...SAME, ALONE], use: withGpu },
    // What only a GPU has is not tested where there is none.
    { name: 'cpu', testIgnore: ['**/gpu_*.spec.js', ALONE], use: withoutGpu },
    // What times the page has the machine to itself: after all else, and one after the other.
    { name: 'cpu, alone', testMatch: ALONE, use: withoutGpu, dependencies: ['webgpu', 'cpu'] },
    { name: 'webgpu, alone', testMatch: ALONE, use: withGpu, dependencies: ['cpu, alone'] },
  ],
});
