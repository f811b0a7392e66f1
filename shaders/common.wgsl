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

// Quads of rows that one invocation multiplies: 1, 2 or 4. More make better use of each weight that is read and
// unpacked, and need more registers.
override ROW_QUADS: u32 = 1;

// Up to four quads of rows by eight columns of the product, of which ROW_QUADS are made.
// Column r of a matrix is row r of its quad.
struct Tile {
    low0: mat4x4f,
    high0: mat4x4f,
    low1: mat4x4f,
    high1: mat4x4f,
    low2: mat4x4f,
    high2: mat4x4f,
    low3: mat4x4f,
    high3: mat4x4f,
}

// Where four rows of x start. Rows after the last repeat it.
fn quad_at(first_row: u32, last_row: u32) -> vec4u {
    return min(vec4u(first_row) + vec4u(0, 1, 2, 3), vec4u(last_row)) * K4;
}

// Four numbers of each of four rows.
fn quad_of_x(at: vec4u, k4: u32) -> mat4x4f {
    return mat4x4f(x[at.x + k4], x[at.y + k4], x[at.z + k4], x[at.w + k4]);
}

// Rows from `first_row` on, as far as `last_row`. The quads are named and not in an array, which compilers that do not
// unroll would keep in memory: a software adapter takes twice as long then.
fn product(first_row: u32, last_row: u32, column_tile: u32) -> Tile {
    let at0 = quad_at(first_row, last_row);
    let at1 = quad_at(first_row + 4, last_row);
    let at2 = quad_at(first_row + 8, last_row);
    let at3 = quad_at(first_row + 12, last_row);
    var tile = Tile();
    for (var k4 = 0u; k4 < K4; k4++) {
        let w0 = weights8(4 * k4, column_tile);
        let w1 = weights8(4 * k4 + 1, column_tile);
        let w2 = weights8(4 * k4 + 2, column_tile);
        let w3 = weights8(4 * k4 + 3, column_tile);
        let low = mat4x4f(w0.low, w1.low, w2.low, w3.low);
        let high = mat4x4f(w0.high, w1.high, w2.high, w3.high);
        let x0 = quad_of_x(at0, k4);
        tile.low0 += low * x0;
        tile.high0 += high * x0;
        if ROW_QUADS > 1 {
            let x1 = quad_of_x(at1, k4);
            tile.low1 += low * x1;
            tile.high1 += high * x1;
        }
        if ROW_QUADS > 2 {
            let x2 = quad_of_x(at2, k4);
            tile.low2 += low * x2;
            tile.high2 += high * x2;
            let x3 = quad_of_x(at3, k4);
            tile.low3 += low * x3;
            tile.high3 += high * x3;
        }
    }
    return tile;
}
