// product.wgsl: appended to every kernel that multiplies activations by a weight matrix.
//
//   product[row, n] = sum over k of x[row, k] * W[k, n]
//
//   binding  name     type             shape      access
//   1.0      weights  f16, bf16, f32   W [K, N]   read, declared in common.wgsl
//   1.1      x        f32              [rows, K]  read

@group(1) @binding(1) var<storage, read> x: array<vec4f>;

// K / 4: steps along a row of x.
override K4: u32 = 1;
// Quads of rows that one invocation multiplies: 1, 2 or 4. More quads make better use of each weight that is
// read and unpacked, and need more registers.
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

// Where four rows of x start. A row after the last one repeats the last one.
fn quad_at(first_row: u32, last_row: u32) -> vec4u {
    return min(vec4u(first_row) + vec4u(0, 1, 2, 3), vec4u(last_row)) * K4;
}

// Four numbers of each of four rows.
fn quad_of_x(at: vec4u, k4: u32) -> mat4x4f {
    return mat4x4f(x[at.x + k4], x[at.y + k4], x[at.z + k4], x[at.w + k4]);
}

// Rows from `first_row` on, as far as `last_row`. The quads are named variables. An array of quads stays in
// memory where the compiler does not unroll, and a software adapter then takes twice as long.
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
