/**
 * The browser's `Worker`, for scripts of any origin. A page's browser wants a worker's script from the page's
 * own origin. For another origin the worker gets a small script of the page's origin, which imports the real
 * one.
 *
 * Callers name the class `Worker`, since bundlers look for `new Worker(new URL(`.
 */
export function anyOriginWorker() {
  return class extends globalThis.Worker {
    /** @param {URL} script @param {WorkerOptions} options */
    constructor(script, options) {
      const address = script.origin === globalThis.origin ? script.href : importing(script);
      super(trusted(address), options);
    }
  };
}

/** The address of a script that imports another. @param {URL} script */
function importing(script) {
  return URL.createObjectURL(
    new Blob([`import ${JSON.stringify(script.href)};`], { type: 'text/javascript' }),
  );
}

/**
 * Policies of trusted types, which no declaration of TypeScript's has yet.
 * @typedef {{ createScriptURL(address: string): string }} Policy
 * @typedef {{ createPolicy(name: string, rules: Policy): Policy }} TrustedTypes
 */

/** @type {Policy | null} */ let policy = null;

/**
 * The address as one that the page's policy trusts: of this site, or made here. Another page that uses the
 * engine may have no such policy, or forbid it; then the browser judges the address.
 * @param {string} address
 * @returns {string}
 */
export function trusted(address) {
  const types = /** @type {{ trustedTypes?: TrustedTypes }} */ (globalThis).trustedTypes;
  if (!types) return address;
  try {
    policy ??= types.createPolicy('headscope', { createScriptURL: checked });
  } catch {
    return address;
  }
  return policy.createScriptURL(address);
}

/** @param {string} address */
function checked(address) {
  const { origin, protocol } = new URL(address, import.meta.url);
  if (origin === new URL(import.meta.url).origin || protocol === 'blob:') return address;
  throw new TypeError(`A worker’s script should be of this site, and is ${address}.`);
}
