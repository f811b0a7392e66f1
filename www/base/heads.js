/**
 * Names of heads. A head is written `layer.head` everywhere, as in `1.4`.
 *
 * @typedef {{ layer: number, head: number }} HeadAt
 */

/** The name of a head. @param {number} layer @param {number} head */
export const nameOf = (layer, head) => `${layer}.${head}`;

/**
 * Reads a name such as `1.4`; returns null for any other text.
 * @param {string | null | undefined} name
 * @returns {HeadAt | null}
 */
export function parseHead(name) {
  const match = /^(\d{1,3})\.(\d{1,3})$/.exec(name ?? '');
  return match ? { layer: Number(match[1]), head: Number(match[2]) } : null;
}

/**
 * The list without `name` if the list has it, else with `name`, in layer order.
 * @param {readonly string[]} list
 * @param {string} name
 */
export function toggled(list, name) {
  const place = (/** @type {string} */ head) =>
    head.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
  return list.includes(name)
    ? list.filter((other) => other !== name)
    : [...list, name].sort((a, b) => place(a) - place(b));
}

/**
 * The head `step` places after `name` in reading order; after the last head comes the first.
 * Without a name: the first head for a positive step, the last for a negative step.
 * @param {string | null} name @param {number} step @param {number} nLayers @param {number} nHeads
 */
export function neighbour(name, step, nLayers, nHeads) {
  const count = nLayers * nHeads;
  const at = parseHead(name);
  const from = at ? at.layer * nHeads + at.head : step > 0 ? -1 : count;
  const to = (((from + step) % count) + count) % count;
  return nameOf(Math.floor(to / nHeads), to % nHeads);
}
