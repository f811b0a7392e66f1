// weights.wgsl: a weight matrix of any type. It is appended to every kernel, unless half_weights.wgsl is.
//
//   binding  name     type             shape                                           access
//   1.0      weights  f16, bf16, f32   [K, N], eight halves or four f32 to a vec4u     read
//
// A matrix that is larger than a binding is several shards, each some of its columns. A kernel is dispatched
// once for each shard. `column_tile` counts from the shard's first.

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;

fn weights8(row: u32, column_tile: u32) -> Weights8 {
    let at = row * N8 + column_tile;
    if WEIGHT_TYPE == F16 {
        let pairs = weights[at];
        return Weights8(
            vec4f(unpack2x16float(pairs.x), unpack2x16float(pairs.y)),
            vec4f(unpack2x16float(pairs.z), unpack2x16float(pairs.w)),
        );
    }
    if WEIGHT_TYPE == BF16 {
        // A bf16 is the upper half of an f32.
        let pairs = weights[at];
        let even = bitcast<vec4f>(pairs << vec4u(16));
        let odd = bitcast<vec4f>(pairs & vec4u(0xffff0000));
        return Weights8(vec4f(even.x, odd.x, even.y, odd.y), vec4f(even.z, odd.z, even.w, odd.w));
    }
    return Weights8(bitcast<vec4f>(weights[2 * at]), bitcast<vec4f>(weights[2 * at + 1]));
}
