// stripe.wgsl: one diagonal of every head's attention pattern in one layer, without the pattern.
//
//   stripe[row, head] = A[q, q - offset] = exp(score[q, q - offset] - m[q]) / sum_exp[q]      0 for q < offset
//
//   binding  name    type      shape               access
//   0.0      dims    Dims                          uniform
//   0.1      offset  u32       how far before its query the key is   uniform
//   0.2      qkv     f32       [rows, QKV]         read
//   0.3      stats   RowStats  [rows, H]           read
//   0.4      stripe  f32       [rows, H]           write
//
// Of every sequence of a batch. One invocation makes one weight. CPU twin: src/cpu/stripe.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> offset: vec4u;
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(3) var<storage, read> stats: array<RowStats>;
@group(0) @binding(4) var<storage, read_write> stripe: array<f32>;

override H: u32;
override C4: u32;
override QKV4: u32;
override SCALE: f32;

@compute @workgroup_size(64)
fn weights_on_stripe(@builtin(global_invocation_id) id: vec3u) {
    let head = id.x % H;
    let row = id.x / H;
    if row >= dims.rows {
        return;
    }
    var weight = 0.0;
    if row % dims.seq >= offset.x {
        let query_at = row * QKV4 + head * C4;
        let key_at = (row - offset.x) * QKV4 + (H + head) * C4;
        var score = 0.0;
        for (var c4 = 0u; c4 < C4; c4++) {
            score += dot(qkv[query_at + c4], qkv[key_at + c4]);
        }
        let sums = stats[row * H + head];
        weight = exp(score * SCALE - sums.max_score) / sums.sum_exp;
    }
    stripe[row * H + head] = weight;
}
