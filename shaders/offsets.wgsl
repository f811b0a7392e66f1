// offsets.wgsl: the mean weight of each offset, the first diagonals of every head's pattern of one layer.
//
//   mean[head, k] = mean of A[q, q - k] over q >= k      for k < OFFSETS; 0 where seq <= k
//
//   binding  name   type      shape         access
//   0.0      dims   Dims                    uniform
//   0.1      stats  RowStats  [rows, H]     read
//   0.2      means  f32       [H, OFFSETS]  write
//   1.2      qkv    f32       [rows, QKV]   read
//
// The patterns are those of the first sequence of a batch. One workgroup makes one mean; OFFSETS workgroups
// stand side by side in x. CPU twin: src/cpu/offsets.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> stats: array<RowStats>;
@group(0) @binding(2) var<storage, read_write> means: array<f32>;

const LANES = 64u;

var<workgroup> lane_sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn mean_weights(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let offset = group.x;
    let head = group.y;
    var sum = 0.0;
    if sees(offset, 0u) {
        for (var query = offset + lane; query < dims.seq; query += LANES) {
            let of_key = score(query_at(query, head), key_at(query - offset, head));
            sum += weight_of(of_key, stats[query * H + head]);
        }
    }
    lane_sums[lane] = sum;
    workgroupBarrier();
    if lane == 0 {
        var all = 0.0;
        for (var other = 0u; other < LANES; other++) {
            all += lane_sums[other];
        }
        means[head * groups.x + offset] = all / f32(max(dims.seq, offset + 1) - offset);
    }
}
