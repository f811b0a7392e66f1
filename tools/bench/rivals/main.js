// `cargo xtask bench --rivals`: the same forward pass of the same weights by several programs, in turn, on
// the same ids, in one page; TransformerLens beside it as a process. Each is compared with float64 before it
// is timed.
//
//   --turns N        timed runs of each program, 7 without it
//   --only IDS       programs (competitors.js), with commas
//   --rows IDS       rows (rows.js), with commas; also `load` and `cold`
//   --limit SECONDS  what one run may take, 60 without it; a slower program is named and not timed
//   --json FILE      target/bench/rivals.json without it

import { openAsBlob, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serve } from '../../site/server.js';
import { chosen } from './competitors.js';
import { expected } from './gate.js';
import { measureRow } from './measure.js';
import { ofRow, summary } from './report.js';
import { asksFor, chosenRows, ROWS } from './rows.js';
import { readWeights } from './safetensors.js';
import { Session } from './session.js';
import { measureCold, measureLoad, PAGE } from './starts.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const WEIGHTS = `${ROOT}target/standin/notebook.safetensors`;
const CONFIG = `${ROOT}target/standin/config.json`;

const { values: given } = parseArgs({
  options: {
    turns: { type: 'string', default: '7' },
    only: { type: 'string' },
    rows: { type: 'string' },
    limit: { type: 'string', default: '60' },
    json: { type: 'string', default: 'target/bench/rivals.json' },
  },
});
const config = JSON.parse(readFileSync(CONFIG, 'utf8'));
const competitors = chosen(given.only);
const turns = Number(given.turns);
const weights = await readWeights(await openAsBlob(WEIGHTS), config);

const limit = Number(given.limit);
const files = { weights: WEIGHTS, configPath: CONFIG, config };
const site = await serve(ROOT);
const session = new Session({ ...files, url: site.url + PAGE }, 1000 * limit);
/** @type {import('./report.js').Results} */
const results = {
  machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? arch()}`,
  load: loadavg()[0],
  date: new Date().toISOString(),
  turns,
  limit,
  programs: [],
  rows: [],
};
// Playwright closes its browsers at this signal and goes on.
process.once('SIGTERM', () => process.exit(143));
try {
  for (const competitor of competitors) {
    const { id, label, kind } = competitor;
    const told = await session
      .open(competitor)
      .catch((error) => ({ failed: String(error.message ?? error) }));
    results.programs.push({ id, label, kind, ...told });
  }
  for (const row of chosenRows(given.rows)) {
    const expect = (/** @type {import('./types').Work} */ work) => expected(weights, config, work);
    add(await measureRow(session, row, competitors, turns, expect, results.rows));
  }
  if (asksFor(given.rows, 'load')) add(await measureLoad(session, competitors, turns));
  await session.close();
  if (asksFor(given.rows, 'cold'))
    add(await measureCold(ROOT, files, competitors, turns, ROWS[0].work, 1000 * limit, asked()));
} finally {
  await session.close();
  await site.close();
}
console.log(summary(results));

/** The files that the page has asked for. */
function asked() {
  const answered = site.sent.filter(({ status }) => status === 200);
  return [...new Set(answered.map(({ path }) => path.slice(1)))];
}

/**
 * Prints a row and keeps it, so that a bench that is stopped has told what it found.
 * @param {import('./measure.js').Measured} row
 */
function add(row) {
  results.rows.push(row);
  console.log(ofRow(results, row));
  writeFileSync(resolve(ROOT, given.json), `${JSON.stringify(results, null, 1)}\n`);
}
