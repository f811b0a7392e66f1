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
// A weight of 1 is 255. The patterns are those of the first sequence of a batch. LANES invocations make four
// cells of a row, and each of them looks at some queries of one cell. Rows of cells before the
// first new row's are not written. CPU twin: src/cpu/thumbnails.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> stats: array<RowStats>;
@group(0) @binding(2) var<storage, read_write> thumbnails: array<u32>;

override LARGEST_SIDE: u32;

// Invocations that share four cells: 4, or 4 times as many as share the queries of a cell.
override LANES: u32;

const INVOCATIONS = 64u;
// The largest logarithm of a weight that each invocation has seen.
var<workgroup> lane_largest: array<f32, INVOCATIONS>;

// The largest logarithm of a weight, so that a cell takes one exponential. Of the cell's queries, every
// `parts`th from the one numbered `part` on.
fn largest_log_weight(head: u32, query_cell: u32, key_cell: u32, side: u32, part: u32, parts: u32) -> f32 {
    var largest = LOWEST;
    let end_query = (query_cell + 1) * dims.seq / side;
    for (var query = query_cell * dims.seq / side + part; query < end_query; query += parts) {
        let row = stats[query * H + head];
        let log_sum_exp = row.max_score + log(row.sum_exp);
        let own_query = query_at(query, head);
        let end = min((key_cell + 1) * dims.seq / side, query + 1);
        for (var key = max(key_cell * dims.seq / side, first_key_of(query)); key < end; key++) {
            largest = max(largest, score(own_query, key_at(key, head)) - log_sum_exp);
        }
    }
    return largest;
}

@compute @workgroup_size(LANES, INVOCATIONS / LANES)
fn max_pooled(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let side = min(dims.seq, LARGEST_SIDE);
    let words = (side + 3) / 4;
    let first_cell = ((dims.first_row + 1) * side - 1) / dims.seq;
    // Words of all rows of a head, one after the other.
    let word = first_cell * words + group.x * (INVOCATIONS / LANES) + local.y;
    let query_cell = word / words;
    let key_cell = 4 * (word % words) + local.x % 4;
    let head = group.y;
    var largest = LOWEST;
    if query_cell < side && key_cell <= query_cell {
        largest = largest_log_weight(head, query_cell, key_cell, side, local.x / 4, LANES / 4);
    }
    lane_largest[lane] = largest;
    workgroupBarrier();
    if local.x > 0 || query_cell >= side {
        return;
    }
    var four = vec4f(LOWEST);
    for (var other = lane; other < lane + LANES; other += 4) {
        let found = vec4f(
            lane_largest[other], lane_largest[other + 1], lane_largest[other + 2], lane_largest[other + 3]
        );
        four = max(four, found);
    }
    thumbnails[head * side * words + word] = pack4x8unorm(exp(four));
}
