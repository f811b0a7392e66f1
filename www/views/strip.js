/**
 * The tokens of the text, each with its index and its weight: the attention from or to the chosen token, in
 * the shown head or in the mean of all heads. Or each with its loss. Hover or focus previews a token, a click
 * or Enter pins it, arrow keys move.
 */

import { figure } from '../base/format.js';
import { quoted } from '../base/tokens.js';
import { WEIGHTED } from '../figures/weighted.js';
import { exactPattern, shownAblation, shownHead, shownToken, shownWeighting } from '../state/state.js';
import { shownLogProbs } from '../studies/expected.js';
import { bluesTable, css, ink } from '../ui/colours.js';
import { createSwitch } from '../ui/controls.js';
import { changed, el, isDark, once, onSchemeChange, setText } from '../ui/dom.js';
import { isShortcut } from '../ui/gestures.js';
import { createTokenList } from '../ui/token_list.js';

/** Smaller weights are not written: many figures of .00 would hide the others. */
const LEAST = 0.005;

/**
 * @typedef {ReturnType<typeof build>} Parts
 * @typedef {import('../ui/token_list.js').Token} Token
 */

/**
 * Shows the weight of a token as a colour and a figure.
 * @param {Token} token @param {number} weight @param {Uint8ClampedArray} table @param {number} max
 */
function paint(token, weight, table, max) {
  const shown = weight < LEAST ? 0 : Math.round(weight * 100);
  const key = `${shown} ${max}`;
  if (token.shown === key) return;
  token.shown = key;
  token.piece.style.background = shown ? css(table, weight / max) : '';
  token.piece.style.color = shown ? ink(table, weight / max) : '';
  setText(token.weight, shown ? figure(weight).replace(/^0/, '') : '');
}

/**
 * Shows the loss of a token. The first token has none.
 * @param {Token} token @param {number | null} loss @param {Uint8ClampedArray} table @param {number} most
 */
function paintLoss(token, loss, table, most) {
  const words = loss === null ? '' : figure(loss, 1);
  const key = `loss ${words} ${most}`;
  if (token.shown === key) return;
  token.shown = key;
  token.piece.style.background = loss === null ? '' : css(table, loss / most);
  token.piece.style.color = loss === null ? '' : ink(table, loss / most);
  setText(token.weight, words);
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
export function strip(root, state, emit) {
  const parts = once(root, () => build(root, state, emit));
  parts.latest = state;
  const { result, view } = state;
  parts.sides.show(view.direction);
  if (!result) return;
  if (changed(parts.ofText, result)) {
    choose(parts, null);
    reach(parts, 0);
    parts.list.show(result.pieces, result.fragments);
    parts.ofWeights = {};
  }
  parts.colours.show(view.colour);
  const logProbs = view.colour === 'loss' ? shownLogProbs(state) : null;
  if (logProbs) return showLosses(parts, state, logProbs);
  // The old colours stay while the weights of another head are on the way.
  const weights = exactPattern(state);
  if (weights) showWeights(parts, state, weights);
}

/**
 * @param {Element} root
 * @param {import('../state/state.js').State} state
 * @param {import('../state/state.js').Emit} emit
 */
function build(root, state, emit) {
  const sides = createSwitch(
    {
      legend: 'A token',
      testid: 'direction',
      options: [
        { value: 'from', label: 'looks at' },
        { value: 'to', label: 'is looked at by' },
      ],
    },
    (direction) => emit({ type: 'direction', direction }),
  );
  const colours = createSwitch(
    {
      legend: 'Coloured by',
      testid: 'strip-colour',
      options: [
        { value: 'attention', label: 'attention' },
        { value: 'loss', label: 'loss', title: 'Minus the log-probability of each token, in nats' },
      ],
    },
    (colour) => emit({ type: 'set', change: { colour } }),
  );
  const caption = el('p', { class: 'caption', 'data-testid': 'strip-caption' });
  const role = { role: 'listbox', 'aria-label': 'Tokens', 'aria-orientation': 'horizontal' };
  const place = el('div', { class: 'tokens', ...role, 'data-testid': 'tokens' });
  root.append(
    el(
      'div',
      { class: 'section-head' },
      el('h2', { id: 'strip-title' }, 'Tokens'),
      el('div', { class: 'grid-tools' }, colours.element, sides.element),
    ),
    caption,
    place,
  );
  const parts = {
    ...{ sides, colours, caption, place, list: createTokenList(place), latest: state },
    ...{ table: bluesTable(isDark()), at: 0, chosen: 0, ofText: {}, ofWeights: {} },
  };
  listen(parts, emit);
  onSchemeChange(() => {
    parts.table = bluesTable(isDark());
    parts.list.forget();
    parts.ofWeights = {};
    strip(root, parts.latest, emit);
  });
  return parts;
}

/**
 * The loss of every token: minus the log-probability of the token after those before it.
 * @param {Parts} parts @param {import('../state/state.js').State} state @param {Float32Array} logProbs
 */
function showLosses(parts, state, logProbs) {
  const { table, list } = parts;
  const chosen = shownToken(state);
  if (!changed(parts.ofWeights, logProbs, chosen, 'loss')) return;
  const most = logProbs.reduce((top, logProb) => Math.max(top, -logProb), 1e-9);
  choose(parts, chosen);
  list.colour((each, position) => {
    paintLoss(each, position ? -logProbs[position - 1] : null, table, most);
    if (position === chosen) each.element.setAttribute('aria-selected', 'true');
  });
  const mean = logProbs.reduce((sum, logProb) => sum - logProb, 0) / logProbs.length;
  const side = shownAblation(state) ? ' after the ablation' : '';
  setText(parts.caption, `The loss of each token${side}, in nats: ${figure(mean)} on average`);
}

/** Marks the token that is looked at. @param {Parts} parts @param {number | null} chosen */
function choose(parts, chosen) {
  const { tokens } = parts.list;
  tokens[parts.chosen]?.element.setAttribute('aria-selected', 'false');
  if (chosen !== null) tokens[chosen]?.element.setAttribute('aria-selected', 'true');
  parts.chosen = chosen ?? 0;
}

/** Makes a token the one that the Tab key reaches. @param {Parts} parts @param {number} position */
function reach(parts, position) {
  const { tokens } = parts.list;
  tokens[parts.at]?.element.setAttribute('tabindex', '-1');
  tokens[position]?.element.setAttribute('tabindex', '0');
  parts.at = position;
}

/** @param {Parts} parts @param {import('../state/state.js').State} state @param {Float32Array} weights */
function showWeights(parts, state, weights) {
  const { pieces, seq } = /** @type {import('../state/state.js').Result} */ (state.result);
  const from = state.view.direction === 'from';
  const chosen = shownToken(state) ?? (from ? seq - 1 : 0);
  if (!changed(parts.ofWeights, weights, chosen, from)) return;
  const { table, list } = parts;
  const { max } = /** @type {import('../state/state.js').Pattern} */ (state.pattern);
  choose(parts, chosen);
  list.colour((each, position) => {
    const at = from ? chosen * seq + position : position * seq + chosen;
    paint(each, weights[at], table, max);
    if (position === chosen) each.element.setAttribute('aria-selected', 'true');
  });
  const token = `token ${chosen} ${quoted(pieces[chosen] ?? '')}`;
  const head = shownHead(state);
  const weighted = WEIGHTED[shownWeighting(state)].aside;
  const over = `${head ? `head ${head}` : 'the mean of all heads'}${weighted}`;
  setText(parts.caption, from ? `What ${token} looks at, in ${over}` : `What looks at ${token}, in ${over}`);
}

/** @param {Parts} parts @param {import('../state/state.js').Emit} emit */
function listen(parts, emit) {
  /** @param {number | null} position */
  const cell = (position) =>
    parts.latest.view.direction === 'from' ? { query: position, key: null } : { query: null, key: position };
  /** @param {Event} event */
  const positionOf = (event) => {
    const token = event.target instanceof Element ? event.target.closest('[data-position]') : null;
    return token ? Number(token.getAttribute('data-position')) : null;
  };
  const { place } = parts;
  place.addEventListener('pointerover', (event) => {
    const position = positionOf(event);
    if (position !== null && event.pointerType === 'mouse') emit({ type: 'point', ...cell(position) });
  });
  place.addEventListener('pointerleave', () => emit({ type: 'point', query: null, key: null }));
  place.addEventListener('click', (event) => {
    const position = positionOf(event);
    if (position !== null) emit({ type: 'choose', ...cell(position) });
  });
  place.addEventListener('focusin', (event) => {
    const position = positionOf(event);
    if (position === null) return;
    reach(parts, position);
    if (event.target instanceof Element && event.target.matches(':focus-visible'))
      emit({ type: 'point', ...cell(position) });
  });
  place.addEventListener('focusout', () => emit({ type: 'point', query: null, key: null }));
  place.addEventListener('keydown', (event) => {
    if (isShortcut(event)) return;
    const last = parts.list.tokens.length - 1;
    const step = event.shiftKey ? 10 : 1;
    /** @type {Record<string, number>} */
    const goals = {
      ArrowLeft: parts.at - step,
      ArrowRight: parts.at + step,
      ArrowUp: parts.at - 10,
      ArrowDown: parts.at + 10,
      Home: 0,
      End: last,
    };
    if (event.key in goals) {
      event.preventDefault();
      parts.list.reach(Math.min(last, Math.max(0, goals[event.key])))?.element.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      emit({ type: 'choose', ...cell(parts.at) });
    }
  });
}
