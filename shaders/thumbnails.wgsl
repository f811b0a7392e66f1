// thumbnails.wgsl: pools every head's pattern of one layer. A cell holds the largest weight that it covers.
//
//   cell[head, a, b] = max of A[q, k] over q in cell a, k in cell b
//   cell c covers the positions from c * seq / side up to (c + 1) * seq / side
//   side = min(seq, LARGEST_SIDE)
//
// A cell holds the largest weight, since a mean would wash a thin diagonal out.
//
//   binding  name        type      shape                              access
//   0.0      dims        Dims                                         uniform
//   0.1      stats       RowStats  [rows, H]                          read
//   0.2      thumbnails  u8        [H, side, side rounded up to 4]    write, four cells to a u32
//   1.2      qkv         f32       [rows, QKV]                        read
//
// A weight of 1 is 255. The patterns are those of the first sequence of a batch. One invocation makes four
// cells of a row. CPU twin: src/cpu/thumbnails.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> stats: array<RowStats>;
@group(0) @binding(2) var<storage, read_write> thumbnails: array<u32>;

override LARGEST_SIDE: u32;

fn largest_weight(head: u32, query_cell: u32, key_cell: u32, side: u32) -> f32 {
    // The largest logarithm of a weight, so that a cell takes one exponential.
    var largest = LOWEST;
    for (var query = query_cell * dims.seq / side; query < (query_cell + 1) * dims.seq / side; query++) {
        let row = stats[query * H + head];
        let log_sum_exp = row.max_score + log(row.sum_exp);
        let own_query = query_at(query, head);
        let end = min((key_cell + 1) * dims.seq / side, query + 1);
        for (var key = max(key_cell * dims.seq / side, first_key_of(query)); key < end; key++) {
            largest = max(largest, score(own_query, key_at(key, head)) - log_sum_exp);
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
