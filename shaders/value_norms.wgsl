// value_norms.wgsl: the norm of one head's value at each position, before and after its output matrix.
//
//   norms[row] = (|v[row]|, |v[row] W_O[head]|)
//
//   binding  name     type        shape                         access
//   0.0      dims     Dims                                      uniform
//   0.1      head     u32         the head                      uniform
//   0.2      norms    vec2f       [seq]                         write; read after the first shard
//   1.0      weights  f16, bf16, f32   W_O [H * C, D] of the layer   read
//   1.2      qkv      f32         [rows, QKV]                   read
//
// The values are those of the first sequence of a batch. One invocation makes one position.
// CPU twin: src/cpu/value_norms.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> head: vec4u;
@group(0) @binding(2) var<storage, read_write> norms: array<vec2f>;

@compute @workgroup_size(64)
fn value_norms(@builtin(global_invocation_id) id: vec3u) {
    let row = id.x;
    if row >= dims.seq {
        return;
    }
    let own_value = value_at(row, head.x);
    var own = 0.0;
    for (var c4 = 0u; c4 < C4; c4++) {
        own += dot(qkv[own_value + c4], qkv[own_value + c4]);
    }
    // The columns of the shards before this one.
    var before = 0.0;
    if FIRST_TILE > 0 {
        before = norms[row].y;
    }
    var written = before * before;
    for (var d8 = 0u; d8 < N8; d8++) {
        var low = vec4f();
        var high = vec4f();
        for (var c4 = 0u; c4 < C4; c4++) {
            let value = qkv[own_value + c4];
            for (var i = 0u; i < 4; i++) {
                let tile = weights8(4 * (head.x * C4 + c4) + i, d8);
                low += value[i] * tile.low;
                high += value[i] * tile.high;
            }
        }
        written += dot(low, low) + dot(high, high);
    }
    norms[row] = vec2f(sqrt(own), sqrt(written));
}
