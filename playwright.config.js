// The built site in Debian's Chromium, once with WebGPU (in software: SwiftShader) and once without.
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// Playwright's own browsers are downloads; Debian's are packages. The headless shell is Chromium without the
// browser's own windows and bars, which take half of the processor time that opening a page takes.
// setup.rs of tools/xtask looks in the same places.
const CHROMIUM = '/usr/bin/chromium';
const SHELL = '/usr/bin/chromium-headless-shell';
export const executablePath = process.env.HEADSCOPE_CHROMIUM ?? (existsSync(SHELL) ? SHELL : CHROMIUM);

// Found by trial: any other choice of Vulkan driver hangs this browser when it has no GPU.
// The tests' hub answers on another port of this machine, in a page whose policy the tests widen for it.
// The last five keep the browser from calling its maker.
const args = [
  '--headless=new',
  '--no-sandbox',
  '--use-webgpu-adapter=swiftshader',
  '--disable-features=LocalNetworkAccessChecks',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const withoutGpu = { launchOptions: { executablePath, args } };
const withGpu = { launchOptions: { executablePath, args: [...args, '--enable-unsafe-webgpu'] } };

// A test's file name says where it runs:
//
//   x.spec.js         on the CPU: the test holds what every backend shares, and WebGPU in software takes
//                     seconds to compile its pipelines
//   x.both.spec.js    on WebGPU and on the CPU: figures, kernels, the page's way to either backend
//   x.gpu.spec.js     on WebGPU: what only a GPU has
const BOTH = '**/*.both.spec.js';
const GPU = '**/*.gpu.spec.js';

// Tests of a real model need its weights: playwright.real.config.js runs them.
const REAL = '**/real/*.spec.js';

export default defineConfig({
  testDir: 'tests/page',
  testIgnore: REAL,
  outputDir: 'test-results',
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // For a machine that is busy with something else. A test that passes only then is reported as flaky.
  retries: 1,
  // With WebGPU in software a forward pass takes a tenth of a second, compiling its pipelines some seconds.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  // Recording every test takes a fifth of the processor time; the second try of a failed test is recorded.
  // A page's requests go to the tests' servers; offline.spec.js allows its service worker.
  use: { trace: 'on-first-retry', serviceWorkers: 'block' },
  projects: [
    { name: 'webgpu', testMatch: [BOTH, GPU], use: withGpu },
    { name: 'cpu', testIgnore: [REAL, GPU], use: withoutGpu },
  ],
});
