// A copy of the built site that a test can take away, change, and bring as another build.
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/site/server.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const TEXT = /\.(?:html|js|css)$/;
const HASH = /-([\w-]{8})(?=\.(?:js|css|wasm|svg)$)/;

/** @param {string} folder */
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

/** The name of the build in a folder. @param {string} folder */
export const buildIn = (folder) =>
  /BUILD = "(\w+)"/.exec(readFileSync(join(folder, 'service_worker.js'), 'utf8'))?.[1] ?? '';

/**
 * A site in a folder of its own.
 * @param {{ base?: string }} [options]
 */
export async function deployed({ base = '/some/path/' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'headscope-site-'));
  cpSync(DIST, folder, { recursive: true });
  const site = await serve(folder, { base });
  let open = true;
  return {
    ...site,
    folder,
    /** Takes the site from the network. */
    async away() {
      if (open) await site.close();
      open = false;
    },
    /**
     * Brings the next build in place of this one: every hashed file has another name, and the old ones are
     * gone.
     * @param {string} build its name, as long as the old one
     */
    deploy(build) {
      const old = buildIn(folder);
      const names = filesIn(folder)
        .map((file) => HASH.exec(file)?.[1] ?? '')
        .filter(Boolean);
      const renamed = new Map(
        names.map((hash) => [hash, [...hash].reverse().join('').replace(/^-|-$/g, 'x')]),
      );
      for (const file of filesIn(folder)) {
        if (TEXT.test(file)) {
          let text = readFileSync(file, 'utf8').replaceAll(old, build);
          for (const [from, to] of renamed) text = text.replaceAll(`-${from}.`, `-${to}.`);
          writeFileSync(file, text);
        }
        const hash = HASH.exec(file)?.[1];
        if (hash) renameSync(file, file.replace(`-${hash}.`, `-${renamed.get(hash)}.`));
      }
    },
    async remove() {
      await this.away();
      rmSync(folder, { recursive: true });
    },
  };
}
