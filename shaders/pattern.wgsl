// pattern.wgsl: the attention pattern of the head that is looked at, or the mean of several.
//
//   pattern[q, k] = sum over the selected heads of exp(score[q, k] - m[q]) / sum_exp[q] * share      for k <= q, else 0
//
// It is made in bands of queries, so that a long text's pattern is never whole on the GPU.
//
//   binding  name       type       shape               access
//   0.0      dims       Dims                           uniform
//   0.1      selection  Selection                      uniform
//   0.2      qkv        f32        [rows, QKV]         read
//   0.3      stats      RowStats   [rows, H]           read
//   0.4      pattern    f32        [queries, seq]      write; read when accumulating over layers
//
// Of a batch, the first sequence. One invocation makes one weight. CPU twin: src/cpu/pattern.rs.

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
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(3) var<storage, read> stats: array<RowStats>;
@group(0) @binding(4) var<storage, read_write> pattern: array<f32>;

override H: u32;
override C4: u32;
override QKV4: u32;
override SCALE: f32;

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
    if key <= query {
        for (var head = selection.first_head; head < selection.first_head + selection.heads; head++) {
            let query_at = query * QKV4 + head * C4;
            let key_at = key * QKV4 + (H + head) * C4;
            var score = 0.0;
            for (var c4 = 0u; c4 < C4; c4++) {
                score += dot(qkv[query_at + c4], qkv[key_at + c4]);
            }
            let row = stats[query * H + head];
            weight += exp(score * SCALE - row.max_score) / row.sum_exp * selection.share;
        }
    }
    pattern[cell] = weight;
}
