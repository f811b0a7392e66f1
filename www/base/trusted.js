/**
 * Addresses of scripts that a page's policy of trusted types lets through.
 *
 * Policies of trusted types, which no declaration of TypeScript's has yet.
 * @typedef {{ createScriptURL(address: string): string }} Policy
 * @typedef {{ createPolicy(name: string, rules: Policy): Policy }} TrustedTypes
 */

/** @type {Policy | null} */ let policy = null;

/**
 * The address as one that the page's policy trusts: of this site, or made here. Another page that uses the
 * engine may have no such policy, or forbid it; then the browser judges the address.
 * @param {string | URL} address
 * @returns {string | URL}
 */
export function trusted(address) {
  const types = /** @type {{ trustedTypes?: TrustedTypes }} */ (globalThis).trustedTypes;
  if (!types) return address;
  try {
    policy ??= types.createPolicy('headscope', { createScriptURL: checked });
  } catch {
    return address;
  }
  return policy.createScriptURL(String(address));
}

/** @param {string} address */
function checked(address) {
  const { origin, protocol } = new URL(address, import.meta.url);
  if (origin === new URL(import.meta.url).origin || protocol === 'blob:') return address;
  throw new TypeError(`A worker’s script should be of this site, and is ${address}.`);
}
