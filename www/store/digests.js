/** SHA-256 of a model's files: whether they are the expected ones, and the digest of all weights together. */
import { failure } from '../base/failure.js';
import { digestOf } from './hashing.js';

/** @typedef {import('./catalogue.js').Wanted} Wanted */

/**
 * Digests of the visitor's own files that were found in this visit: the bytes of a Blob never change.
 * @type {WeakMap<Blob, Promise<string>>}
 */
const digests = new WeakMap();

/** @param {Blob} blob @returns {Promise<string>} */
function ownDigest(blob) {
  const found = digests.get(blob) ?? digestOf(blob);
  digests.set(blob, found);
  found.catch(() => digests.delete(blob)); // what could not be read may be read another time
  return found;
}

/**
 * The digest of a file. Rejects with `ModelFetch` where another digest was expected, and no longer keeps such
 * a file. What the catalogue has a digest of is right at once, the rest when the engine has loaded it.
 * @param {import('./fetching.js').Brought} brought
 * @param {Wanted} wanted
 */
export async function agreed({ blob, kept, digest }, wanted) {
  const found = await (digest ?? kept?.digest() ?? ownDigest(blob));
  const expected = wanted.sha256 ?? kept?.about.sha256 ?? found;
  if (expected !== found) {
    await kept?.forget().catch(() => {}); // a disk that can't be tidied changes nothing about the file
    const address = String(wanted.from);
    const digests = `its sha256 should be ${expected}, and is ${found}`;
    throw failure('ModelFetch', `A downloaded file is damaged or was changed: ${digests} (${address}).`, {
      data: { address, expected, found },
    });
  }
  if (kept && wanted.sha256 !== undefined && kept.about.sha256 === null) await kept.verified(found);
  return found;
}

/**
 * The digest of weights: of a single file its own. Of several it is the SHA-256 of their digests in hex, in
 * ascending order, one a line. So it depends on neither their names nor their order.
 * @param {Promise<string>[]} digests
 * @returns {Promise<string>}
 */
export async function together(digests) {
  const found = await Promise.all(digests);
  if (found.length === 1) return found[0];
  return digestOf(
    new Blob([
      found
        .sort()
        .map((digest) => `${digest}\n`)
        .join(''),
    ]),
  );
}
