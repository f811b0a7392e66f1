// common.wgsl: appended to every kernel, after the kernel's own lines so that those keep their numbers.
//
// Letters of all shapes, padding included (src/model/shapes.rs):
//   D  a row of the residual stream        H  heads of a layer
//   C  one head's part of q, k or v        G  heads of keys and values of a layer
//   M  a row of an MLP's hidden layer      V  a row of logits
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
    induction_large: f32,
    max_score: f32,
    sum_exp: f32,
}

// A number below every score. A running maximum starts with it, and a masked score is set to it.
const LOWEST: f32 = -3.0e38;

// ---- Weights: `weights8` of weights.wgsl or half_weights.wgsl reads them ----

const F16 = 0u;
const BF16 = 1u;
const F32 = 2u;
// The type of the weights.
override WEIGHT_TYPE: u32 = F16;
// N / 8: column tiles of the shard.
override N8: u32 = 1;
// Column tiles of the whole matrix.
override ALL8: u32 = 1;
// The shard's first column tile in the whole matrix.
override FIRST_TILE: u32 = 0;

// Eight neighbouring weights of a row.
struct Weights8 {
    low: vec4f,
    high: vec4f,
}

// A number of a column that is counted in the whole matrix. The column is one of the shard's.
fn weight_at(row: u32, column: u32) -> f32 {
    let tile = weights8(row, column / 8 - FIRST_TILE);
    return select(tile.high[column % 4], tile.low[column % 4], column % 8 < 4);
}

// Eight neighbouring numbers of a column, which is counted in the whole matrix and is one of the shard's.
fn column8(column: u32, row_tile: u32) -> Weights8 {
    var low: vec4f;
    var high: vec4f;
    for (var i = 0u; i < 4; i++) {
        low[i] = weight_at(8 * row_tile + i, column);
        high[i] = weight_at(8 * row_tile + 4 + i, column);
    }
    return Weights8(low, high);
}

// Whether the shard has a column that is counted in the whole matrix.
fn has_column(column: u32) -> bool {
    return column / 8 - FIRST_TILE < N8;
}

// ---- Heads: where their queries, keys and values stand, and what a query gives a key ----
//
//   score[q, k] = dot(query[q], key[k]) * SCALE                      for k <= q and q - k < WINDOW
//   A[q, k]     = exp(score[q, k] - max_score[q]) / sum_exp[q]
//
//   binding  name  type  shape                                                        access
//   1.2      qkv   f32   [rows, QKV]: q of H heads, k of G heads, v of G heads        read

@group(1) @binding(2) var<storage, read> qkv: array<vec4f>;

override H: u32 = 1;
// C / 4: vectors of a head's part.
override C4: u32 = 1;
// QKV / 4: vectors of a row of qkv.
override QKV4: u32 = 1;
// H / G: neighbouring heads that share a key and a value.
override GROUP: u32 = 1;
// The factor of each score of the layer.
override SCALE: f32 = 1;
// Keys that a query of the layer sees, its own included. This default is more than a text can have.
override WINDOW: u32 = 0x80000000;

// Whether a query sees a key. The difference of a key after its query wraps to a number above any WINDOW.
fn sees(query_pos: u32, key_pos: u32) -> bool {
    return query_pos - key_pos < WINDOW;
}

// The same for four queries.
fn four_see(query_pos: vec4u, key_pos: u32) -> vec4<bool> {
    return query_pos - key_pos < vec4u(WINDOW);
}

// The first key that a query sees.
fn first_key_of(query_pos: u32) -> u32 {
    return query_pos - min(query_pos, WINDOW - 1);
}

// Where a part of [q | k] starts in qkv: the queries of H heads, then the keys of G heads.
fn part_at(row: u32, part: u32) -> u32 {
    return row * QKV4 + part * C4;
}

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
    return row * QKV4 + (H + head / GROUP) * C4;
}

// Where a head's value starts in qkv.
fn value_at(row: u32, head: u32) -> u32 {
    return row * QKV4 + (H + H / GROUP + head / GROUP) * C4;
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

// The scores of four queries whose products with a key are added up.
fn scores_of(products: vec4f) -> vec4f {
    return products * SCALE;
}

// The products of four numbers of a key with the same numbers of four queries, given where those stand. The
// sum of all such products is `products` of scores_of.
fn products_of_four(queries: vec4u, of_key: vec4f) -> vec4f {
    return of_key * mat4x4f(qkv[queries.x], qkv[queries.y], qkv[queries.z], qkv[queries.w]);
}

// The attention weight of a score in its row.
fn weight_of(key_score: f32, row: RowStats) -> f32 {
    return exp(key_score - row.max_score) / row.sum_exp;
}
