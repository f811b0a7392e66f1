// The two rows that start programs: loading, and a first visit.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { compressed } from '../../site/brotli.js';
import { serve } from '../../site/server.js';
import { Session } from './session.js';

/**
 * @typedef {import('./types').Competitor} Competitor
 * @typedef {import('./measure.js').Measured} Measured
 * @typedef {import('./measure.js').Cell} Cell
 * @typedef {{ ms: number, memory: Cell['memory'], bytes?: number }} Started
 */

/** The address of the page below the root. */
export const PAGE = 'tools/bench/rivals/page.html';

/** Where compressed files are kept: the largest takes minutes. */
const PACKED = 'target/bench/brotli/';

/**
 * Times loading: from the file, in the page's memory, to a model that runs. TransformerLens reads the disk.
 * @param {Session} session @param {Competitor[]} competitors @param {number} turns
 * @returns {Promise<Measured>}
 */
export const measureLoad = (session, competitors, turns) =>
  inTurn({ id: 'load', label: 'load' }, competitors, turns, async (competitor) => {
    const { ms, memory } = await session.reopen(competitor);
    return { ms, memory };
  });

/**
 * Times a first visit: from the navigation, in a new browser, to the figures of a text. Code is sent in
 * brotli, weights as they are: 167 MB. TransformerLens: from the start of its process.
 * @param {string} root
 * @param {Omit<import('./session.js').Files, 'url'>} files
 * @param {Competitor[]} competitors
 * @param {number} turns
 * @param {(turn: number) => import('./types').Work} work
 * @param {number} limit ms
 * @param {string[]} paths of files that visits ask for. They are compressed before, which takes minutes
 * @returns {Promise<Measured>}
 */
export async function measureCold(root, files, competitors, turns, work, limit, paths) {
  for (const path of paths) await packed(root, root + path);
  const site = await serve(root, { brotli: (path) => packed(root, path) });
  try {
    return await inTurn(
      { id: 'cold', label: 'first visit, 16 tokens; code sent' },
      competitors,
      turns,
      async (it, turn) => {
        const session = new Session({ ...files, url: site.url + PAGE }, limit);
        site.sent.length = 0;
        try {
          const since = performance.now();
          const { memory } = await session.run(it, work(turn));
          const native = performance.now() - since;
          const ms = it.module === null ? native : await session.sinceNavigation();
          // The page brings the graphs for every program; only ONNX Runtime reads them.
          const isCode = (/** @type {string} */ path) =>
            !path.endsWith('.safetensors') && (it.module === 'ort' || !path.endsWith('.onnx'));
          const counted = site.sent.filter(({ path }) => isCode(path));
          return {
            ms,
            memory,
            bytes: it.module === null ? undefined : sum(counted.map(({ bytes }) => bytes)),
          };
        } finally {
          await session.close();
        }
      },
    );
  } finally {
    await site.close();
  }
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** A file's brotli, kept under its digest; null for weights. @param {string} root @param {string} path */
async function packed(root, path) {
  if (path.endsWith('.safetensors')) return null;
  const bytes = await readFile(path);
  const kept = `${root}${PACKED}${createHash('sha256').update(bytes).digest('hex')}`;
  if (existsSync(kept) && statSync(kept).size > 0) return readFileSync(kept);
  const made = await compressed(bytes);
  mkdirSync(root + PACKED, { recursive: true });
  writeFileSync(kept, made);
  return made;
}

/**
 * @param {{ id: string, label: string }} row
 * @param {Competitor[]} competitors
 * @param {number} turns
 * @param {(competitor: Competitor, turn: number) => Promise<Started>} start
 * @returns {Promise<Measured>}
 */
async function inTurn({ id, label }, competitors, turns, start) {
  /** @type {Cell[]} */
  const cells = competitors.map((competitor) => ({
    ...{
      id: competitor.id,
      ms: [],
      difference: 0,
      failed: null,
      tooSlow: false,
      memory: { wasm: 0, gpu: 0 },
    },
  }));
  for (let turn = 0; turn <= turns; turn += 1)
    for (const [index, competitor] of competitors.entries()) {
      const cell = cells[index];
      if (cell.failed !== null) continue;
      try {
        const { ms, memory, bytes } = await start(competitor, turn);
        // The first start also compresses, and reads from the disk.
        if (turn > 0) cell.ms.push(ms);
        Object.assign(cell, { memory, bytes });
      } catch (error) {
        cell.failed = String(error instanceof Error ? error.message : error).split('\n')[0];
      }
    }
  return { id, label, tokens: 0, figures: false, cells };
}
