/**
 * The build of this code. A page, its workers and their wasm that are of two builds do not work together: the
 * page says so. While the sources are served unbundled there is no build.
 */

/** @type {string | undefined} */
const named = typeof __HEADSCOPE_BUILD__ === 'undefined' ? undefined : __HEADSCOPE_BUILD__;

export const BUILD = named ?? 'unbundled';
