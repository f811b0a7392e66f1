// Times texts of the default model inside the page, through the engine's public interface.
// The function travels to the page as text, so it refers to nothing outside itself.

/**
 * @typedef {object} Row
 * @property {number} tokens of the text, BOS included
 * @property {number[]} whole ms from a new text to the first figures of the page; no word is the last text's
 * @property {number[]} engine ms of `whole` that the engine's run takes, without messages between threads
 * @property {number[]} edit ms from a text with another last word to the same figures
 * @property {number} reused rows of the previous run that the edit keeps
 * @property {number} dispatches
 * @property {number} bytesRead
 */

/**
 * @typedef {object} What
 * @property {'cpu' | 'webgpu'} backend
 * @property {string} module address of the engine's module
 * @property {number[]} tokens of each text, BOS included
 * @property {number} budget ms for each text, whose runs are 60 at most
 * @property {number} runs of each text at least
 */

/**
 * @param {What} what
 * @returns {Promise<{ adapter: string, rows: Row[] }>}
 */
export async function measure({ backend, module, tokens, budget, runs }) {
  const { Headscope } = await import(module);
  const engine = await Headscope.open({ backend });
  const model = await engine.loadModel('default');

  /** Computes the figures that the page waits for before it shows an analysis. @param {string} text */
  const figures = async (text) => {
    const since = performance.now();
    const run = await model.run(text);
    await Promise.all([run.thumbnails(), run.detect(), run.meanPattern()]);
    const wall = performance.now() - since;
    run.free();
    return { wall, timing: run.timing, seq: run.seq };
  };

  /** @type {Row[]} */
  const rows = [];
  for (const count of tokens) {
    const texts = [await textOf(count, 0), await textOf(count, 7)];
    const allButLast = texts[0].slice(0, texts[0].lastIndexOf(' '));
    const edited = [`${allButLast} sea`, `${allButLast} rain`];
    await figures(texts[0]);
    // A time and a number of runs: enough for a median, without minutes for slow runs.
    /** @type {Row} */
    const row = { tokens: 0, whole: [], engine: [], edit: [], reused: 0, dispatches: 0, bytesRead: 0 };
    const until = performance.now() + budget;
    for (let turn = 0; turn < runs || (turn < 60 && performance.now() < until); turn += 1) {
      const { wall, timing, seq } = await figures(texts[(turn + 1) % 2]);
      row.tokens = seq;
      row.whole.push(wall);
      row.engine.push(timing.run_ms);
      row.dispatches = timing.dispatches;
      row.bytesRead = timing.bytes_read;
    }
    await figures(edited[0]);
    for (let turn = 0; turn < row.whole.length; turn += 1) {
      const { wall, timing } = await figures(edited[(turn + 1) % 2]);
      row.edit.push(wall);
      row.reused = timing.reused;
    }
    rows.push(row);
  }
  const { adapter } = engine;
  model.free();
  engine.close();
  return { adapter, rows };

  /**
   * A text of `count` tokens with BOS: words from the list, then full stops of one token each.
   * @param {number} count
   * @param {number} first index of the first word
   */
  async function textOf(count, first) {
    const words =
      'the harbour was quiet that morning and nobody on the long stone wall said a word while the small ' +
      'boats went out one after another past the light into the grey water where the rain had already ' +
      'begun to fall upon the open sea';
    const list = words.split(' ');
    const length = async (/** @type {string} */ text) => (await model.encode(text)).ids.length + 1;
    let text = list[first];
    for (let next = first + 1; ; next += 1) {
      const longer = `${text} ${list[next % list.length]}`;
      if ((await length(longer)) > count) break;
      text = longer;
    }
    while ((await length(`${text} .`)) <= count) text += ' .';
    return text;
  }
}
