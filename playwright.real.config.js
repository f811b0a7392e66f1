// A real, trained model in Debian's Chromium: `cargo xtask test --real` fetches its weights and runs this.
import { defineConfig } from '@playwright/test';
import usual from './playwright.config.js';

const [webgpu, cpu] = usual.projects ?? [];

export default defineConfig({
  ...usual,
  testDir: 'tests/page/real',
  testIgnore: [],
  // 269 MB of weights in each browser.
  workers: 1,
  timeout: 600_000,
  // The hub's storage is on this machine here.
  use: { ...usual.use, bypassCSP: true },
  projects: [
    { ...cpu, testIgnore: '**/*.gpu.spec.js' },
    { ...webgpu, testMatch: '**/*.gpu.spec.js' },
  ],
});
