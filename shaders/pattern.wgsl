// pattern.wgsl: the attention pattern of one head, or a weighted sum of several heads' patterns.
//
//   pattern[q, k] = sum over the selected heads of A[q, k] * share      for a key that the query sees, else 0
//
// It is made in bands of queries, so that a long text's pattern is never whole on the GPU.
//
//   binding  name       type       shape           access
//   0.0      dims       Dims                       uniform
//   0.1      selection  Selection                  uniform
//   0.2      stats      RowStats   [rows, H]       read
//   0.3      pattern    f32        [queries, seq]  write; read when accumulating over layers
//   1.2      qkv        f32        [rows, QKV]     read
//
// The pattern is that of the first sequence of a batch. One invocation makes one weight.
// CPU twin: src/cpu/pattern.rs.

// The same struct as `Selection` in src/gpu/pattern.rs.
struct Selection {
    first_head: u32,
    heads: u32,
    accumulate: u32,
    share: f32,
    first_query: u32,
    queries: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> selection: Selection;
@group(0) @binding(2) var<storage, read> stats: array<RowStats>;
@group(0) @binding(3) var<storage, read_write> pattern: array<f32>;

@compute @workgroup_size(8, 8)
fn head_pattern(@builtin(global_invocation_id) id: vec3u) {
    let key = id.x;
    if key >= dims.seq || id.y >= selection.queries {
        return;
    }
    let query = selection.first_query + id.y;
    let cell = id.y * dims.seq + key;
    var weight = 0.0;
    if selection.accumulate > 0 {
        weight = pattern[cell];
    }
    if sees(query, key) {
        for (var head = selection.first_head; head < selection.first_head + selection.heads; head++) {
            let of_key = score(query_at(query, head), key_at(key, head));
            weight += weight_of(of_key, stats[query * H + head]) * selection.share;
        }
    }
    pattern[cell] = weight;
}
