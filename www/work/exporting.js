/**
 * Saves what is shown: gathers a run's arrays, the detectors' figures or a head's picture, and hands the file
 * to the browser.
 *
 * @typedef {'npz' | 'safetensors' | 'csv' | 'json' | 'svg' | 'png' | 'heads-svg' | 'heads-png'} Format
 * @typedef {import('../exports/run.js').Chosen} Chosen
 * @typedef {{ type: 'export', what: Format, chosen: Chosen } | { type: 'stop export' }
 *   | { type: 'copy', what: 'picture' | 'code' }} Command
 */

import { figure } from '../base/format.js';
import { nameOf } from '../base/heads.js';
import { visible } from '../base/tokens.js';
import { csv, json } from '../exports/figures.js';
import { headsFigure } from '../exports/heads_figure.js';
import { npz } from '../exports/npz.js';
import { svg } from '../exports/picture.js';
import { arraysOf, extent } from '../exports/run.js';
import { safetensors } from '../exports/safetensors.js';
import { transformerLensCode } from '../exports/transformer_lens.js';
import { WEIGHTED } from '../figures/weighted.js';
import { ablationOf, namesOf } from '../state/ablation.js';
import { problemOf } from '../state/errors.js';
import { thumbnailOf } from '../state/pattern_shown.js';
import { exactPattern, shownAblation, shownCell, shownHead } from '../state/state.js';
import { thresholdsOf } from '../state/view.js';
import { shownLogProbs } from '../studies/expected.js';
import { bluesTable, css } from '../ui/colours.js';
import { imageInSlices, pyramidInSlices } from '../ui/pyramid.js';
import { dataUrl, download, painted, pngOf } from '../ui/save.js';

/** @param {{ type: string }} command @returns {command is Command} */
export const isCommand = (command) =>
  command.type === 'export' || command.type === 'stop export' || command.type === 'copy';

/** How long a button says that something was copied. */
const COPIED_MS = 3000;

/**
 * Says for a moment that something was copied.
 * @param {NonNullable<import('../state/state.js').State['copied']>} copied
 * @param {import('../state/state.js').Emit} emit
 */
export function sayCopied(copied, emit) {
  emit({ type: 'copied', copied });
  setTimeout(() => emit({ type: 'copied', copied: null }), COPIED_MS);
}

/**
 * @param {{ run: () => import('../engine/headscope.js').Run | null,
 *   thumbnails: () => Promise<import('../state/state.js').Thumbnails> }} shown the run and all thumbnails
 * @param {() => import('../state/state.js').State} getState @param {import('../state/state.js').Emit} emit
 */
export function createExporting(shown, getState, emit) {
  let stopped = false;

  /** @param {Extract<Command, { type: 'export' }>} command */
  async function save({ what, chosen }) {
    const { result, detection, pattern, view } = getState();
    const run = shown.run();
    if (!result || !detection || !run || getState().exporting) return;
    stopped = false;
    const { config } = result.model;
    let done = 0;
    const { steps } = extent(run.seq, config, chosen);
    const step = () => {
      if (stopped) throw Object.assign(new Error('Saving was stopped.'), { name: 'AbortError' });
      emit({ type: 'exporting', exporting: { done: done++, total: steps } });
    };
    emit({ type: 'exporting', exporting: { done: 0, total: steps } });
    const about = {
      model: result.model.name,
      sha256: result.model.sha256,
      tokens: [...run.ids],
      pieces: run.pieces,
      thresholds: thresholdsOf(view),
    };
    const weighted = pattern && pattern.by !== 'attention' ? `-by-${pattern.by}` : '';
    const name = pattern?.head ? `head-${pattern.head}${weighted}` : 'mean-of-all-heads';
    try {
      if (what === 'npz') download('headscope.npz', await npz(arraysOf(run, config, chosen, step)));
      else if (what === 'safetensors')
        download(
          'headscope.safetensors',
          await safetensors(arraysOf(run, config, chosen, step), {
            model: about.model,
            sha256: about.sha256,
          }),
        );
      else if (what === 'csv')
        download('headscope-detectors.csv', new Blob([csv(detection)], { type: 'text/csv' }));
      else if (what === 'json')
        download(
          'headscope-detectors.json',
          new Blob([json(detection, about)], { type: 'application/json' }),
        );
      else if (what === 'heads-svg' || what === 'heads-png') {
        const drawn = new Blob([await allHeads(getState(), await shown.thumbnails())], {
          type: 'image/svg+xml',
        });
        download(`all-heads.${what.slice(6)}`, what === 'heads-svg' ? drawn : await painted(drawn));
      } else if (pattern && pattern.weights.length === run.seq ** 2) {
        const drawn = new Blob([await drawing(pattern, result)], { type: 'image/svg+xml' });
        download(`${name}.${what}`, what === 'svg' ? drawn : await painted(drawn));
      }
    } catch (thrown) {
      if (!stopped) emit({ type: 'problem', problem: problemOf(thrown) });
    }
    emit({ type: 'exporting', exporting: null });
  }

  /** Copies the shown pattern as an image, or the code of what is shown. @param {'picture' | 'code'} what */
  async function copy(what) {
    const state = getState();
    const { result, pattern } = state;
    if (!result || !pattern) return;
    try {
      if (what === 'code') {
        const code = codeOf(state);
        await navigator.clipboard.writeText(code);
        sayCopied({ what, length: code.length }, emit);
      } else {
        const drawn = new Blob([await drawing(pattern, result)], { type: 'image/svg+xml' });
        await navigator.clipboard.write([new ClipboardItem({ 'image/png': painted(drawn) })]);
        sayCopied({ what, length: 0 }, emit);
      }
    } catch (thrown) {
      const { message } = /** @type {Error} */ (thrown);
      emit({ type: 'problem', problem: { code: 'CopyDenied', detail: message } });
    }
  }

  return {
    /** @param {Command} command */
    act(command) {
      if (command.type === 'stop export') stopped = true;
      else if (command.type === 'copy') void copy(command.what);
      else void save(command);
    },
  };
}

/** The script of what is shown. @param {import('../state/state.js').State} state */
function codeOf(state) {
  const { result, view } = state;
  const { query, key } = shownCell(state);
  const { ids, seq, model } = /** @type {import('../state/state.js').Result} */ (result);
  const weights = exactPattern(state);
  const cell =
    weights && query !== null && key !== null && key <= query
      ? { query, key, weight: weights[query * seq + key] }
      : null;
  const logProbs = shownLogProbs(state);
  const at = query ?? seq - 2;
  const target = logProbs && at >= 0 && at < logProbs.length ? { query: at, logProb: logProbs[at] } : null;
  const { name, sha256, config, origin } = model;
  if (!origin) throw new Error('The model is not loaded yet.');
  return transformerLensCode(
    { name, sha256, origin, config },
    {
      ids: [...ids],
      head: view.weighted === 'attention' ? shownHead(state) : null,
      cell: view.weighted === 'attention' ? cell : null,
      target,
      ablated: shownAblation(state) ? view.off : [],
      ablatedMlps: shownAblation(state) ? view.offMlps : [],
      kind: view.ablation,
    },
  );
}

/**
 * All heads as an SVG.
 * @param {import('../state/state.js').State} state @param {import('../state/state.js').Thumbnails} thumbnails
 */
async function allHeads(state, thumbnails) {
  const { result } = state;
  if (!result) throw new Error('There is no result to draw.');
  const { n_layers: nLayers, n_heads: nHeads } = result.model.config;
  const table = bluesTable(false);
  const { side } = thumbnails;
  /** @type {string[]} */ const images = [];
  for (let index = 0; index < nLayers * nHeads; index++) {
    const name = nameOf(Math.floor(index / nHeads), index % nHeads);
    const weights = thumbnailOf({ thumbnails, model: result.model }, name);
    const canvas = await imageInSlices({ side, scale: 1, entries: weights, image: null }, table);
    images.push(await dataUrl(await pngOf(canvas)));
  }
  const ablated = shownAblation(state) ? `, ${namesOf(ablationOf(state.view)).join(', ')} ablated` : '';
  return headsFigure({
    title: 'Every head',
    subtitle: `${result.model.name}, ${result.seq} tokens${ablated}`,
    nLayers,
    nHeads,
    imageOf: (layer, head) => images[layer * nHeads + head],
  });
}

/**
 * No picture has more cells than this on a side: a longer text's are pooled, as on the page, so that no thin
 * line is lost between pixels.
 */
const CELLS = 1024;

/**
 * On paper, whatever the page's own colours are.
 * @param {import('../state/state.js').Pattern} pattern
 * @param {import('../state/state.js').Result} result
 */
async function drawing({ head, by, weights, max }, { seq, pieces, model }) {
  const table = bluesTable(false);
  const levels = (await pyramidInSlices(weights, seq, max)) ?? [];
  const level = levels.find(({ side }) => side <= CELLS) ?? levels[0];
  const canvas = await imageInSlices(level, table);
  const pooled = level.scale > 1 ? `, each cell the largest of ${level.scale} × ${level.scale} weights` : '';
  return svg({
    title: head ? `Head ${head}` : 'Mean of all heads',
    subtitle: `${model.name}, ${seq} tokens${pooled}`,
    pieces: pieces.map(visible),
    image: await dataUrl(await pngOf(canvas)),
    covers: level.side * level.scale,
    scale: { name: WEIGHTED[by].scale, end: by === 'attention' ? '1' : figure(max) },
    ramp: Array.from({ length: 9 }, (_, at) => css(table, at / 8)),
  });
}
