// half_weights.wgsl: a weight matrix in f16, which the device reads as such. It is appended, in place of
// weights.wgsl and with `enable f16` before all, to kernels of such a matrix. Each f16 is an f32, so that
// sums are those of weights.wgsl.
//
//   binding  name     type  shape                           access
//   1.0      weights  f16   [K, N], four to a vector        read

@group(1) @binding(0) var<storage, read> weights: array<vec4<f16>>;

fn weights8(row: u32, column_tile: u32) -> Weights8 {
    let at = 2 * (row * N8 + column_tile);
    return Weights8(vec4f(weights[at]), vec4f(weights[at + 1]));
}
