// qk_norm.wgsl: divides each query and key by its root mean square, in place.
//
//   q[row, head, :] = q[row, head, :] / sqrt(mean of q[row, head, :]^2 + EPS) * weight[:]        k alike
//
//   binding  name        type  shape        access
//   0.0      dims        Dims               uniform
//   0.1      weight      f32   [2 * C]      read: the weight of queries, then that of keys
//   0.2      normalized  f32   [rows, QKV]  read and write
//
// The mean is that of D_HEAD numbers. One invocation makes one query or key. CPU twin: src/cpu/qk_norm.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> normalized: array<vec4f>;

override EPS: f32;
// The model's d_head, without padding.
override D_HEAD: u32;
// H + G: queries and keys of a row.
override PARTS: u32;

@compute @workgroup_size(64)
fn qk_norm(@builtin(global_invocation_id) id: vec3u) {
    let part = id.x % PARTS;
    let row = dims.first_row + id.x / PARTS;
    if row >= dims.rows {
        return;
    }
    let start = part_at(row, part);
    var squares = 0.0;
    for (var c4 = 0u; c4 < C4; c4++) {
        squares += dot(normalized[start + c4], normalized[start + c4]);
    }
    let scale = inverseSqrt(squares / f32(D_HEAD) + EPS);
    let own_weight = select(C4, 0u, part < H);
    for (var c4 = 0u; c4 < C4; c4++) {
        normalized[start + c4] *= scale * weight[own_weight + c4];
    }
}
