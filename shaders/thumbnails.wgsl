// thumbnails.wgsl: every head's pattern of one layer, small: each cell is the largest weight it covers.
//
//   cell[head, a, b] = max of A[q, k] over q in cell a, k in cell b, k <= q;    cell c covers c * seq / side .. (c + 1) * seq / side
//
// The largest and not the mean, which would wash a thin diagonal out.
//
//   binding  name        type      shape                                    access
//   0.0      dims        Dims                                               uniform
//   0.1      qkv         f32       [rows, QKV]                              read
//   0.2      stats       RowStats  [rows, H]                                read
//   0.3      thumbnails  u8        [H, side, side rounded up to 4], four to a u32, 255 is a weight of 1   write
//
// side = min(seq, LARGEST_SIDE). Of a batch, the first sequence. One invocation makes four cells of a row.
// CPU twin: src/cpu/thumbnails.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read> stats: array<RowStats>;
@group(0) @binding(3) var<storage, read_write> thumbnails: array<u32>;

override H: u32;
override C4: u32;
override QKV4: u32;
override SCALE: f32;
override LARGEST_SIDE: u32;

fn largest_weight(head: u32, query_cell: u32, key_cell: u32, side: u32) -> f32 {
    // With x the logarithm of a weight, the largest weight is exp(largest x).
    var largest = LOWEST;
    for (var query = query_cell * dims.seq / side; query < (query_cell + 1) * dims.seq / side; query++) {
        let row = stats[query * H + head];
        let log_sum_exp = row.max_score + log(row.sum_exp);
        let query_at = query * QKV4 + head * C4;
        let end = min((key_cell + 1) * dims.seq / side, query + 1);
        for (var key = key_cell * dims.seq / side; key < end; key++) {
            let key_at = key * QKV4 + (H + head) * C4;
            var score = 0.0;
            for (var c4 = 0u; c4 < C4; c4++) {
                score += dot(qkv[query_at + c4], qkv[key_at + c4]);
            }
            largest = max(largest, score * SCALE - log_sum_exp);
        }
    }
    return exp(largest);
}

@compute @workgroup_size(16, 4)
fn max_pooled(@builtin(global_invocation_id) id: vec3u) {
    let side = min(dims.seq, LARGEST_SIDE);
    let words = (side + 3) / 4;
    let query_cell = id.y;
    let head = id.z;
    if id.x >= words || query_cell >= side {
        return;
    }
    var cells = vec4f();
    for (var i = 0u; i < 4; i++) {
        let key_cell = 4 * id.x + i;
        if key_cell <= query_cell {
            cells[i] = largest_weight(head, query_cell, key_cell, side);
        }
    }
    thumbnails[(head * side + query_cell) * words + id.x] = pack4x8unorm(cells);
}
