// common.wgsl: appended to every kernel, so that a kernel's own lines keep their numbers.
//
// Letters used in all shapes, padding included (src/model/shapes.rs):
//   D  a row of the residual stream        H  heads of a layer
//   C  one head's part of q, k or v        V  a row of logits
// Activations are f32, four to a vec4f; X4 is X / 4, X8 is X / 8.

// What differs from run to run. The same struct as `Dims` in src/model/dims.rs.
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

// Below every score: the start of a running maximum, and what a masked score is set to.
const LOWEST: f32 = -3.0e38;

// ---- The product of activations and a weight matrix: x [rows, K] times weights [K, N] ----
//
//   binding  name     type  shape              access
//   1.0      weights  u32   [K, N], four or eight weights a vec4u: f32, or f16 pairs   read
//   1.1      x        f32   [rows, K]          read

@group(1) @binding(0) var<storage, read> weights: array<vec4u>;
@group(1) @binding(1) var<storage, read> x: array<vec4f>;

// Whether weights are f16 pairs; otherwise they are f32.
override WEIGHTS_F16: bool = true;
// N / 8: column tiles of the matrix.
override N8: u32 = 1;
// K / 4: steps along a row of x.
override K4: u32 = 1;

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

// Four rows by eight columns of the product. Column r of a matrix is row r of the tile.
struct Tile4x8 {
    low: mat4x4f,
    high: mat4x4f,
}

// `rows` are four row numbers of x, which may repeat.
fn product(rows: vec4u, column_tile: u32) -> Tile4x8 {
    let at = rows * K4;
    var low = mat4x4f();
    var high = mat4x4f();
    for (var k4 = 0u; k4 < K4; k4++) {
        let a = mat4x4f(x[at.x + k4], x[at.y + k4], x[at.z + k4], x[at.w + k4]);
        let w0 = weights8(4 * k4, column_tile);
        let w1 = weights8(4 * k4 + 1, column_tile);
        let w2 = weights8(4 * k4 + 2, column_tile);
        let w3 = weights8(4 * k4 + 3, column_tile);
        low += mat4x4f(w0.low, w1.low, w2.low, w3.low) * a;
        high += mat4x4f(w0.high, w1.high, w2.high, w3.high) * a;
    }
    return Tile4x8(low, high);
}
