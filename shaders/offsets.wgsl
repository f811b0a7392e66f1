// offsets.wgsl: the mean weight of each offset, the first diagonals of every head's pattern of one layer.
//
//   sums[block, head, k] = sum of A[q, q - k] over q >= k in the block's BLOCK queries
//   mean[head, k]        = sum over all blocks / (seq - k)      for k < OFFSETS; 0 where seq <= k
//
// `block_sums` makes the blocks that have a new row; the others are known. Then `mean_weights` adds them up.
//
//   binding  name   type      shape                 access
//   0.0      dims   Dims                            uniform
//   0.1      stats  RowStats  [rows, H]             read
//   0.2      means  f32       [H, OFFSETS]          write
//   0.3      sums   vec2f     [blocks, H, OFFSETS]  write, read; the second number is the CPU's
//   1.2      qkv    f32       [rows, QKV]           read
//
// The patterns are those of the first sequence of a batch. One invocation makes one number.
// CPU twin: src/cpu/offsets.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> stats: array<RowStats>;
@group(0) @binding(2) var<storage, read_write> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec2f>;

override OFFSETS: u32;
override BLOCK: u32;

@compute @workgroup_size(64)
fn block_sums(@builtin(global_invocation_id) id: vec3u) {
    let block = dims.first_row / BLOCK + id.x / OFFSETS;
    let offset = id.x % OFFSETS;
    let head = id.y;
    if block * BLOCK >= dims.seq {
        return;
    }
    var sum = 0.0;
    if sees(offset, 0u) {
        let end = min((block + 1) * BLOCK, dims.seq);
        for (var query = max(block * BLOCK, offset); query < end; query++) {
            let of_key = score(query_at(query, head), key_at(query - offset, head));
            sum += weight_of(of_key, stats[query * H + head]);
        }
    }
    sums[(block * H + head) * OFFSETS + offset] = vec2f(sum, 0.0);
}

@compute @workgroup_size(64)
fn mean_weights(@builtin(global_invocation_id) id: vec3u) {
    let heads = H * OFFSETS;
    if id.x >= heads {
        return;
    }
    var all = 0.0;
    for (var block = 0u; block * BLOCK < dims.seq; block++) {
        all += sums[block * heads + id.x].x;
    }
    let offset = id.x % OFFSETS;
    means[id.x] = all / f32(max(dims.seq, offset + 1) - offset);
}
