// stripe.wgsl: one diagonal of every head's attention pattern in one layer, without the pattern.
//
//   stripe[row, head] = A[q, q - offset]      0 for a key that the query does not see
//
//   binding  name    type      shape        access
//   0.0      dims    Dims                   uniform
//   0.1      offset  u32       positions from the key to its query   uniform
//   0.2      stats   RowStats  [rows, H]    read
//   0.3      stripe  f32       [rows, H]    write
//   1.2      qkv     f32       [rows, QKV]  read
//
// It covers every sequence of a batch. One invocation makes one weight. CPU twin: src/cpu/stripe.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> offset: vec4u;
@group(0) @binding(2) var<storage, read> stats: array<RowStats>;
@group(0) @binding(3) var<storage, read_write> stripe: array<f32>;

@compute @workgroup_size(64)
fn weights_on_stripe(@builtin(global_invocation_id) id: vec3u) {
    let head = id.x % H;
    let row = id.x / H;
    if row >= dims.rows {
        return;
    }
    var weight = 0.0;
    let query = row % dims.seq;
    if query >= offset.x && sees(query, query - offset.x) {
        let of_key = score(query_at(row, head), key_at(row - offset.x, head));
        weight = weight_of(of_key, stats[row * H + head]);
    }
    stripe[row * H + head] = weight;
}
