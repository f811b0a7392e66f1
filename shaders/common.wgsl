// common.wgsl: appended to every kernel, after the kernel's own lines so that those keep their numbers.
//
// Letters of all shapes, padding included (src/model/shapes.rs):
//   D  a row of the residual stream        H  heads of a layer
//   C  one head's part of q, k or v        V  a row of logits
// Activations are f32, four to a vec4f. X4 is X / 4 and X8 is X / 8.

// The sizes of a run. The same struct as `Dims` in src/model/dims.rs.
struct Dims {
    seq: u32,
    batch: u32,
    first_row: u32,
    rows: u32,
}

// One row of one head's pattern, for the detectors. The same struct as `RowStats` in src/model/row_stats.rs.
struct RowStats {
    top: f32,
    current: f32,
    previous: f32,
    first: f32,
    induction: f32,
    duplicate: f32,
    max_score: f32,
    sum_exp: f32,
}

// A number below every score. A running maximum starts with it, and a masked score is set to it.
const LOWEST: f32 = -3.0e38;

// ---- Weights ----
//
//   binding  name     type        shape                                       access
//   1.0      weights  f16 or f32  [K, N], eight f16 or four f32 to a vec4u    read

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;

// Whether weights are f16. Otherwise they are f32.
override WEIGHTS_F16: bool = true;
// N / 8: column tiles of the matrix.
override N8: u32 = 1;

// Eight neighbouring weights of a row.
struct Weights8 {
    low: vec4f,
    high: vec4f,
}

fn weights8(row: u32, column_tile: u32) -> Weights8 {
    let at = row * N8 + column_tile;
    if WEIGHTS_F16 {
        let pairs = weights[at];
        return Weights8(
            vec4f(unpack2x16float(pairs.x), unpack2x16float(pairs.y)),
            vec4f(unpack2x16float(pairs.z), unpack2x16float(pairs.w)),
        );
    }
    return Weights8(bitcast<vec4f>(weights[2 * at]), bitcast<vec4f>(weights[2 * at + 1]));
}

// ---- Heads: where their queries, keys and values stand, and what a query gives a key ----
//
//   score[q, k] = dot(query[q], key[k]) * SCALE
//   A[q, k]     = exp(score[q, k] - max_score[q]) / sum_exp[q]
//
//   binding  name  type  shape                                                        access
//   1.2      qkv   f32   [rows, QKV]: q of every head, k of every head, v of every head   read

@group(1) @binding(2) var<storage, read> qkv: array<vec4f>;

override H: u32 = 1;
// C / 4: vectors of a head's part.
override C4: u32 = 1;
// QKV / 4: vectors of a row of qkv.
override QKV4: u32 = 1;
// 1 / sqrt(d_head), of the width without padding.
override SCALE: f32 = 1;

// Where a head's query starts in qkv.
fn query_at(row: u32, head: u32) -> u32 {
    return row * QKV4 + head * C4;
}

// Where a head's queries of four rows start in qkv.
fn queries_at(rows: vec4u, head: u32) -> vec4u {
    return rows * QKV4 + head * C4;
}

// Where a head's key starts in qkv.
fn key_at(row: u32, head: u32) -> u32 {
    return row * QKV4 + (H + head) * C4;
}

// Where a head's value starts in qkv.
fn value_at(row: u32, head: u32) -> u32 {
    return row * QKV4 + (2 * H + head) * C4;
}

// Where a head's part of a row of z starts.
fn z_at(row: u32, head: u32) -> u32 {
    return (row * H + head) * C4;
}

// The score of one query and one key of a head, given where they start.
fn score(query: u32, key: u32) -> f32 {
    var sum = 0.0;
    for (var c4 = 0u; c4 < C4; c4++) {
        sum += dot(qkv[query + c4], qkv[key + c4]);
    }
    return sum * SCALE;
}

// The scores of four queries and one key of a head, given where they start.
fn scores_of_four(queries: vec4u, key: u32) -> vec4f {
    var sums = vec4f();
    for (var c4 = 0u; c4 < C4; c4++) {
        let at = queries + c4;
        sums += qkv[key + c4] * mat4x4f(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w]);
    }
    return sums * SCALE;
}

// The attention weight of a score in its row.
fn weight_of(key_score: f32, row: RowStats) -> f32 {
    return exp(key_score - row.max_score) / row.sum_exp;
}
