/**
 * Which wasm of the engine this browser gets. Both are of the same source. One multiplies and adds in one
 * instruction, which relaxed SIMD has; not every browser validates it.
 */

/** A module of one function: `f32x4.relaxed_madd` of its three parameters. */
export const RELAXED_MADD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b],
);

/** The address of the engine's wasm: with relaxed SIMD where the browser validates it. */
export const engineWasm = () =>
  WebAssembly.validate(RELAXED_MADD)
    ? new URL('../wasm/headscope_relaxed_bg.wasm', import.meta.url)
    : new URL('../wasm/headscope_bg.wasm', import.meta.url);
