// TransformerLens on PyTorch: a process that answers in lines.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('lens.py', import.meta.url));

export class Lens {
  #process;
  #lines;
  /** @type {string} */ #last = '';

  /** @param {string} weights @param {string} config paths */
  constructor(weights, config) {
    // `cargo xtask bench --rivals` names both.
    const { HEADSCOPE_BENCH_PYTHON: python, HEADSCOPE_BENCH_LENS: packages } = process.env;
    if (!python || !packages) throw new Error('HEADSCOPE_BENCH_PYTHON and HEADSCOPE_BENCH_LENS are missing');
    this.#process = spawn(python, [SCRIPT, weights, config], {
      env: { ...process.env, PYTHONPATH: packages, HF_HUB_OFFLINE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process.stderr.on('data', (/** @type {Buffer} */ said) => {
      this.#last = said.toString().trim().split('\n').at(-1) ?? '';
    });
    // A process that has ended breaks the pipe. `#ask` says so.
    this.#process.stdin.on('error', () => {});
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns {Promise<import('./types').Opened>} */
  open() {
    return this.#ask({ method: 'open' });
  }

  /**
   * @param {import('./types').Work} work
   * @param {number} threads
   * @returns {Promise<import('./types').Answer>}
   */
  run(work, threads) {
    return this.#ask({ method: 'run', work, threads });
  }

  close() {
    this.#process.kill();
  }

  /** @param {object} request */
  async #ask(request) {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the process ended: ${this.#last}`);
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}
