// Browser features, the first versions that have them, and the patterns that show their use.

/**
 * @typedef {{ chrome: number, firefox: number, safari: number }} Versions     Infinity: no version yet
 */

/** @param {number} chrome @param {number} firefox @param {number} safari @returns {Versions} */
const from = (chrome, firefox, safari) => ({ chrome, firefox, safari });

/** Properties of globals, as `Global.property`. @type {Record<string, Versions>} */
export const STATICS = {
  'AbortSignal.abort': from(93, 88, 15),
  'AbortSignal.any': from(116, 124, 17.4),
  'AbortSignal.timeout': from(124, 100, 16),
  'Array.fromAsync': from(121, 115, 16.4),
  'Error.captureStackTrace': from(3, 138, 17.2),
  'Iterator.from': from(122, 131, 18.4),
  'Map.groupBy': from(117, 119, 17.4),
  'Object.groupBy': from(117, 119, 17.4),
  'Object.hasOwn': from(93, 92, 15.4),
  'Promise.any': from(85, 79, 14),
  'Promise.try': from(128, 134, 18.2),
  'Promise.withResolvers': from(119, 121, 17.4),
  'ReadableStream.from': from(Infinity, 117, Infinity),
  'RegExp.escape': from(136, 134, 18.2),
  'URL.canParse': from(120, 115, 17),
  'URL.parse': from(126, 126, 18),
  'Uint8Array.fromBase64': from(140, 133, 18.2),
  'scheduler.postTask': from(94, 142, Infinity),
  'scheduler.yield': from(129, 142, Infinity),
};

/** Globals. @type {Record<string, Versions>} */
export const GLOBALS = {
  CompressionStream: from(80, 113, 16.4),
  OffscreenCanvas: from(69, 105, 16.4),
  cookieStore: from(87, 140, 18.4),
  navigation: from(102, 147, 26.2),
  reportError: from(95, 93, 15.4),
  requestIdleCallback: from(47, 55, Infinity),
  structuredClone: from(98, 94, 15.4),
};

/** Methods, whatever object they are called on. @type {Record<string, Versions>} */
export const METHODS = {
  at: from(92, 90, 15.4),
  checkVisibility: from(105, 106, 17.4),
  createSyncAccessHandle: from(102, 111, 15.2),
  createWritable: from(86, 111, 26),
  difference: from(122, 127, 17),
  findLast: from(97, 104, 15.4),
  findLastIndex: from(97, 104, 15.4),
  getDirectory: from(86, 111, 15.2),
  getOrInsert: from(145, 144, 26.2),
  intersection: from(122, 127, 17),
  isDisjointFrom: from(122, 127, 17),
  isSubsetOf: from(122, 127, 17),
  isSupersetOf: from(122, 127, 17),
  isWellFormed: from(111, 119, 16.4),
  moveBefore: from(133, 144, Infinity),
  randomUUID: from(92, 95, 15.4),
  setHTMLUnsafe: from(124, 123, 17.4),
  showModal: from(37, 98, 15.4),
  showPopover: from(114, 125, 17),
  startViewTransition: from(111, 144, 18),
  symmetricDifference: from(122, 127, 17),
  throwIfAborted: from(100, 97, 15.4),
  toArray: from(122, 131, 18.4),
  toBase64: from(140, 133, 18.2),
  toReversed: from(110, 115, 16),
  toSorted: from(110, 115, 16),
  toSpliced: from(110, 115, 16),
  toWellFormed: from(111, 119, 16.4),
  togglePopover: from(114, 125, 17),
  union: from(122, 127, 17),
  with: from(110, 115, 16),
};

/** Methods of iterators: counted when called on the result of one of `ITERATORS`. */
export const ITERATOR_HELPERS = {
  first: from(122, 131, 18.4),
  names: new Set(['map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'forEach', 'some', 'every', 'find']),
};
export const ITERATORS = new Set(['values', 'keys', 'entries', 'matchAll']);

/** Strings that some browsers do not accept. @type {Record<string, Versions>} */
export const STRINGS = {
  'deflate-raw': from(103, 113, 16.4),
  scrollend: from(114, 109, 26.2),
};

/** Syntax, by the names that browser_floor.test.js gives it. @type {Record<string, Versions>} */
export const SYNTAX = {
  'class static block': from(94, 93, 16.4),
  'import attributes': from(123, 138, 17.2),
  'module worker': from(80, 114, 15),
  'private method': from(84, 90, 15),
  'private name in': from(91, 90, 15),
  'regular expression with v': from(112, 116, 17),
  'regular expression with d': from(90, 88, 15),
  'regular expression that looks behind': from(62, 78, 16.4),
  'top-level await': from(89, 89, 15),
  using: from(134, 141, Infinity),
};

/** Patterns of style sheets. @type {[string, RegExp, Versions][]} */
export const STYLES = [
  [':has()', /:has\(/, from(105, 121, 15.4)],
  [':focus-visible', /:focus-visible/, from(86, 85, 15.4)],
  [':popover-open', /:popover-open/, from(114, 125, 17)],
  ['@container', /@container\b/, from(105, 110, 16)],
  ['@layer', /@layer\b/, from(99, 97, 15.4)],
  ['@property', /@property\b/, from(85, 128, 16.4)],
  ['@scope', /@scope\b/, from(118, 146, 17.4)],
  ['@starting-style', /@starting-style\b/, from(117, 129, 17.5)],
  ['::backdrop', /::backdrop/, from(37, 98, 15.4)],
  ['a range in a media query', /@media[^{]*[<>]/, from(104, 63, 16.4)],
  ['accent-color', /[{;\s]accent-color:/, from(93, 92, 15.4)],
  ['anchor positioning', /[{;\s](?:anchor-name|position-anchor|position-area):/, from(125, 147, 26)],
  ['aspect-ratio', /[{;\s]aspect-ratio:/, from(88, 89, 15)],
  ['color-mix()', /color-mix\(/, from(111, 113, 16.2)],
  ['colour from another', /(?:rgb|hsl|oklch|oklab|lab|lch)\(from /, from(119, 128, 16.4)],
  ['content-visibility', /[{;\s]content-visibility:/, from(85, 125, 18)],
  ['dynamic viewport units', /\d[dsl]v[hwib]\b/, from(108, 101, 15.4)],
  ['field-sizing', /[{;\s]field-sizing:/, from(123, Infinity, 26.2)],
  ['inset', /[{;\s]inset:/, from(87, 66, 14.1)],
  ['light-dark()', /light-dark\(/, from(123, 120, 17.5)],
  ['oklch()', /okl(?:ch|ab)\(/, from(111, 113, 15.4)],
  ['overflow: clip', /overflow(?:-[xy])?:\s*clip/, from(90, 81, 16)],
  ['scrollbar-gutter', /[{;\s]scrollbar-gutter:/, from(94, 97, 18.2)],
  ['scrollbar-width', /[{;\s]scrollbar-width:/, from(121, 64, 18.2)],
  ['subgrid', /\bsubgrid\b/, from(117, 71, 16)],
  ['text-wrap: balance', /text-wrap:\s*balance/, from(114, 121, 17.5)],
  ['text-wrap: pretty', /text-wrap:\s*pretty/, from(117, Infinity, 26)],
  ['translate, rotate or scale alone', /[{;\s](?:translate|rotate|scale):/, from(104, 72, 14.1)],
];

/** Rules within rules, which no pattern finds. */
export const NESTING = { name: 'nested rules', first: from(120, 117, 17.2) };

/** Attributes and elements of the page's HTML. @type {[string, RegExp, Versions][]} */
export const MARKUP = [
  ['dialog', /<dialog\b/, from(37, 98, 15.4)],
  ['inert', /\sinert\b/, from(102, 112, 15.5)],
  ['popover', /\spopover\b/, from(114, 125, 17)],
  ['speculation rules', /type="?speculationrules/, from(109, Infinity, Infinity)],
];

/**
 * How the page does without a feature. For features whose use is not preceded by a test in the same file.
 * @type {Record<string, string>}
 */
export const FALLBACKS = {
  createWritable: 'the store tries it when it opens, and falls back on the Cache API',
  'color-mix()': 'two shades of the accent colour, on hover and under links, are left out',
  'content-visibility': 'tokens out of sight are laid out too, which takes longer',
  'field-sizing': 'the text box keeps its height and scrolls',
  'scrollbar-width': 'the row of tabs shows its scroll bar where it is too narrow',
  'text-wrap: pretty': 'lines of a paragraph break as they always did',
};
