/** The page: one state, the views that draw it, and the modules that act on it. */

import { inFramesFirst } from './base/frames.js';
import { Headscope } from './engine/headscope.js';
import { createAddress } from './link/address.js';
import { onNavigate, opened, reload } from './link/history.js';
import { createModels, isCommand } from './models/models.js';
import { openingOf } from './state/opening.js';
import { initial, isForeign, reduce } from './state/state.js';
import { DEFAULT_VIEW } from './state/view.js';
import { findRepository, forgetModel, knownBy, listModels, prepareStorage } from './store/store.js';
import { isOutdated, watchBuilds } from './store/versions.js';
import { STUDIES } from './studies/all.js';
import { createTouring } from './studies/tour.js';
import { listenForFiles, listenForKeys } from './ui/gestures.js';
import { keepFocus } from './ui/keep_focus.js';
import { download } from './ui/save.js';
import { answer } from './views/answer.js';
import { attribution } from './views/attribution.js';
import { audit } from './views/audit.js';
import { composition } from './views/composition.js';
import { copying } from './views/copying.js';
import { definitions } from './views/definitions.js';
import { detectors } from './views/detectors.js';
import { expected } from './views/expected.js';
import { exports } from './views/exports.js';
import { figures } from './views/figures.js';
import { footer } from './views/footer.js';
import { grid } from './views/grid.js';
import { guide } from './views/guide.js';
import { header } from './views/header.js';
import { everyHead } from './views/losses.js';
import { models } from './views/models.js';
import { notices } from './views/notices.js';
import { off } from './views/off.js';
import { offStripe } from './views/off_stripe.js';
import { offStripes } from './views/off_stripes.js';
import { ownRepeats } from './views/own_repeats.js';
import { path } from './views/path.js';
import { pattern } from './views/pattern.js';
import { positions } from './views/positions.js';
import { repeats } from './views/repeats.js';
import { scatter } from './views/scatter.js';
import { share } from './views/share.js';
import { stability } from './views/stability.js';
import { strip } from './views/strip.js';
import { stripe } from './views/stripe.js';
import { tabs } from './views/tabs.js';
import { text } from './views/text.js';
import { topKeys } from './views/top_keys.js';
import { createAnalysis } from './work/analysis.js';
import { createExporting, isCommand as isExport, sayCopied } from './work/exporting.js';
import { createStudies } from './work/schedule.js';

/**
 * @typedef {import('./state/state.js').Action} Action
 * @typedef {(
 *   | import('./state/errors.js').Command
 *   | import('./models/models.js').Command
 *   | import('./work/exporting.js').Command
 *   | { type: 'copy link' }
 * )} Command                                everything that a view can ask for
 */

/** Each view with its element, in the order of the page. */
const VIEWS = Object.entries({
  header,
  share,
  exports,
  models,
  text,
  notices,
  answer,
  grid,
  pattern,
  'top-keys': topKeys,
  expected,
  strip,
  tabs,
  repeats,
  scatter,
  stripe,
  'own-repeats': ownRepeats,
  circuits: path,
  composition,
  copying,
  attribution,
  positions,
  off,
  'off-stripe': offStripe,
  'off-stripes': offStripes,
  losses: everyHead,
  detectors,
  figures,
  audit,
  definitions,
  stability,
  guide,
  footer,
}).map(([id, view]) => {
  const root = document.getElementById(id);
  if (!root) throw new Error(`index.html has no #${id}`);
  return { root, view };
});

const start = await opened();
const first = initial(start.view, start.shared, start.problems, start.unasked);
let state = { ...first, ...openingOf(document.getElementById('opening')?.textContent, first.view) };
const getState = () => state;
const library = createModels(
  Headscope,
  { listModels, findRepository, forgetModel, prepareStorage, knownBy },
  getState,
  emit,
);
const analysis = createAnalysis(library, getState, emit);
const studies = createStudies(STUDIES, analysis.shown, getState, emit, analysis.reload);
const touring = createTouring(getState, emit);
const exporting = createExporting(analysis, getState, emit);
const address = createAddress(getState, emit);

/** The number of views that have not drawn the newest state. */
let behind = 0;
let painted = false;

/** Draws the newest state in the next frame, once for all changes until then. */
function schedule() {
  if (behind === 0) void inFramesFirst(drawing());
  behind = VIEWS.length;
}

/** Draws views in the order of the page until all have drawn the newest state. */
function* drawing() {
  for (let next = 0; behind > 0; next = (next + 1) % VIEWS.length) {
    const { root, view } = VIEWS[next];
    behind--;
    view(root, state, emit);
    yield 0;
  }
  document.body.classList.toggle('waiting', !state.result);
  document.body.classList.toggle('foreign', isForeign(state));
  if (painted || !state.result || state.result.precomputed) return;
  painted = true;
  requestAnimationFrame(() => performance.mark('headscope:first-analysis'));
  // Everything that the first analysis needs is loaded before it is kept.
  void watchBuilds(newBuild);
}

/** Passes a command to the module that does it. @param {Command} command */
function emit(command) {
  if (command.type === 'copy link') void copyLink();
  else if (command.type === 'save file')
    download('analysis.headscope.json', new Blob([address.file()], { type: 'application/json' }));
  else if (command.type === 'reload page') reload(getState().view);
  else if (isCommand(command)) library.act(command);
  else if (isExport(command)) exporting.act(command);
  else {
    change(command);
    // Files of this build may be gone from the site.
    if (command.type === 'problem' && command.problem.code === 'WorkerDied')
      void isOutdated().then((outdated) => outdated && newBuild());
  }
}

/** Applies an action to the state. @param {Action} action */
function change(action) {
  const next = reduce(state, action);
  if (next === state) return;
  state = next;
  schedule();
  analysis.update();
  studies.update();
  touring.update();
  address.update();
}

/** Tells that the site has another build than this page. */
function newBuild() {
  emit({ type: 'problem', problem: { code: 'NewVersion', detail: '' } });
}

async function copyLink() {
  const href = await address.href();
  if (href === null) {
    const detail = `The text has ${getState().view.text.length} characters.`;
    return emit({ type: 'problem', problem: { code: 'LinkTooLong', detail } });
  }
  try {
    await navigator.clipboard.writeText(href);
  } catch {
    emit({
      type: 'problem',
      problem: { code: 'ClipboardDenied', detail: `The link has ${href.length} characters.` },
    });
    return;
  }
  sayCopied({ what: 'link', length: href.length }, emit);
}

onNavigate((arrived, ours) => {
  address.arriving({ ...DEFAULT_VIEW, ...arrived.view }.text);
  emit({ type: 'restore', ...arrived, ours });
  address.restored(state);
});
listenForKeys(getState, emit);
listenForFiles(emit);
keepFocus(VIEWS.map(({ root }) => root));
schedule();
analysis.update();
