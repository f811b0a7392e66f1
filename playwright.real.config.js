// A real, trained model in Debian's Chromium: `cargo xtask test --real` fetches its weights and runs this.
import { defineConfig } from '@playwright/test';
import usual from './playwright.config.js';

/** @param {string} name */
const project = (name) => usual.projects?.find((one) => one.name === name);

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
    { ...project('cpu'), testIgnore: '**/*.gpu.spec.js' },
    { ...project('webgpu'), testMatch: '**/*.gpu.spec.js' },
  ],
});
