// The browser and the Python process that the programs run in. When a program takes too long, or its page
// dies, the browser is closed: nothing of that program may run beside the next.
import { launch } from '../browser.js';
import { Lens } from './lens.js';

/**
 * @typedef {import('./types').Competitor} Competitor
 * @typedef {import('./types').Opened} Opened
 * @typedef {import('./types').Answer} Answer
 *
 * @typedef {object} Files
 * @property {string} url of the page
 * @property {string} weights path
 * @property {string} configPath
 * @property {object} config
 */

/** Loading may take this long, in ms. */
const LOAD_LIMIT = 180_000;

export class Session {
  #files;
  #limit;
  /** @type {import('@playwright/test').Browser | null} */ #browser = null;
  /** @type {import('@playwright/test').Page | null} */ #page = null;
  /** @type {Lens | null} */ #lens = null;
  /** @type {Map<string, Opened>} */ #open = new Map();

  /** @param {Files} files @param {number} limit ms that one piece of work may take */
  constructor(files, limit) {
    this.#files = files;
    this.#limit = limit;
  }

  /**
   * Loads the model into a program, unless it is loaded.
   * @param {Competitor} competitor
   * @returns {Promise<Opened>}
   */
  async open(competitor) {
    const { id, module, options } = competitor;
    const before = this.#open.get(id);
    if (before) return before;
    const opened = await this.#within(competitor, LOAD_LIMIT, async () => {
      if (module === null) return this.#startedLens();
      const given = { options, config: this.#files.config };
      const page = await this.#opened();
      return page.evaluate(
        ([name, file, what]) => /** @type {any} */ (globalThis).bench.open(name, file, what),
        [id, module, given],
      );
    });
    this.#open.set(id, opened);
    return opened;
  }

  /** Loads the model anew. @param {Competitor} competitor @returns {Promise<Opened>} */
  async reopen(competitor) {
    this.#open.delete(competitor.id);
    return this.open(competitor);
  }

  /** @param {Competitor} competitor @param {import('./types').Work} work @returns {Promise<Answer>} */
  async run(competitor, work) {
    await this.open(competitor);
    const { id, module, options } = competitor;
    return this.#within(competitor, this.#limit, async () => {
      if (module === null) return /** @type {Lens} */ (this.#lens).run(work, options.threads ?? 0);
      const page = await this.#opened();
      return page.evaluate(
        ([name, what]) => /** @type {any} */ (globalThis).bench.run(name, what),
        [id, work],
      );
    });
  }

  /** Ms since the page was navigated to. @returns {Promise<number>} */
  async sinceNavigation() {
    return (await this.#opened()).evaluate(() => performance.now());
  }

  /** Ends every program. */
  async close() {
    this.#lens?.close();
    this.#lens = null;
    const browser = this.#browser;
    [this.#browser, this.#page] = [null, null];
    this.#open.clear();
    await browser?.close();
  }

  async #opened() {
    if (this.#page) return this.#page;
    this.#browser = await launch('webgpu');
    const page = await this.#browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(this.#files.url);
    await page.waitForFunction(() => 'bench' in globalThis);
    this.#page = page;
    return page;
  }

  /** @returns {Promise<Opened>} */
  async #startedLens() {
    this.#lens ??= new Lens(this.#files.weights, this.#files.configPath);
    return this.#lens.open();
  }

  /**
   * @template Made
   * @param {Competitor} competitor @param {number} limit ms @param {() => Promise<Made>} make
   * @returns {Promise<Made>}
   */
  async #within({ module }, limit, make) {
    /** @type {NodeJS.Timeout | undefined} */ let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new TooSlow(limit)), limit);
    });
    try {
      return await /** @type {Promise<Made>} */ (Promise.race([make(), late]));
    } catch (error) {
      if (module === null) {
        this.#lens?.close();
        this.#lens = null;
        for (const id of this.#open.keys()) if (id.startsWith('lens')) this.#open.delete(id);
      } else if (error instanceof TooSlow || isGone(error)) await this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A program took longer than it may. */
export class TooSlow extends Error {
  /** @param {number} limit ms */
  constructor(limit) {
    super(`over ${limit / 1000} s`);
    this.name = 'TooSlow';
  }
}

/** Whether the page or the browser has ended. @param {unknown} error */
const isGone = (error) => /crashed|closed/i.test(String(error));
