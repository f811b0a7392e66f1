// A small checkpoint of the hub's layout cut into two files, with their index.
import { readFileSync, writeFileSync } from 'node:fs';
import { fixture } from './hub.js';

const FAMILY = 'families/smollm';

/** The name of a part of two. @param {number} part from 1 */
export const partName = (part) => `model-0000${part}-of-00002.safetensors`;

/** The index's name. */
export const INDEX = 'model.safetensors.index.json';

/**
 * Writes the files of a model of the hub in two parts.
 * @param {(name: string) => string} pathOf where a file is written
 * @returns {Record<string, string>} paths by the names in the repository
 */
export function writeParts(pathOf) {
  const file = readFileSync(fixture(`${FAMILY}/model.safetensors`));
  const data = 8 + Number(file.readBigUInt64LE(0));
  /** @type {Record<string, { dtype: string, shape: number[], data_offsets: [number, number] }>} */
  const { __metadata__: _, ...header } = JSON.parse(file.toString('utf8', 8, data));
  const names = Object.keys(header).sort();
  const inPart = (/** @type {number} */ part) => names.filter((_, at) => at % 2 === part - 1);
  /** @type {Record<string, string>} */ const written = { 'config.json': fixture(`${FAMILY}/config.json`) };
  const write = (/** @type {string} */ name, /** @type {string | Buffer} */ content) => {
    written[name] = pathOf(name);
    writeFileSync(written[name], content);
  };
  for (const part of [1, 2]) {
    let at = 0;
    const pieces = inPart(part).map((name) => {
      const [from, to] = header[name].data_offsets;
      const start = at;
      at += to - from;
      const entry = { ...header[name], data_offsets: [start, at] };
      return { name, entry, bytes: file.subarray(data + from, data + to) };
    });
    const json = Buffer.from(
      JSON.stringify(Object.fromEntries(pieces.map(({ name, entry }) => [name, entry]))),
    );
    const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    write(partName(part), Buffer.concat([length, padded, ...pieces.map(({ bytes }) => bytes)]));
  }
  const map = Object.fromEntries(names.map((name, at) => [name, partName((at % 2) + 1)]));
  write(INDEX, JSON.stringify({ metadata: { total_size: file.length - data }, weight_map: map }));
  return written;
}
