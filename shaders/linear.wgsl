// linear.wgsl: a product with what is added to it: q, k and v of every head, their output, both sides of an
// MLP.
//
//   out[row, n] = sum over k of input[row, k] * W[k, n]  + bias[n] + residual[row, n]
//   input       = x_pos in the first POSITIONED_COLUMNS columns, x in the others
//
// With shortformer positions the first columns are those of q and k. Otherwise POSITIONED_COLUMNS is 0.
//
//   binding  name      type             shape      access
//   0.0      dims      Dims                        uniform
//   0.1      bias      f32              [N]        read, when BIAS
//   0.2      residual  f32              [rows, N]  read, when RESIDUAL
//   0.3      out       f32              [rows, N]  write
//   0.4      x_pos     f32              [rows, K]  read, when POSITIONED_COLUMNS is more than 0
//   1.0      weights   f16, bf16, f32   W [K, N]   read
//   1.1      x         f32              [rows, K]  read
//
// One invocation makes ROW_QUADS times 4 rows of 8 columns. linear: a workgroup makes four times as many rows
// of 128 columns. linear_shared: it makes ROW_LANES times as many of COLUMN_LANES times 8 columns.
// CPU twin: src/cpu/linear.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> bias: array<vec4f>;
@group(0) @binding(2) var<storage, read> residual: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(4) var<storage, read> x_pos: array<vec4f>;

override POSITIONED_COLUMNS: u32;
override BIAS: bool;
override RESIDUAL: bool;

// Four numbers of each of four rows of x_pos.
fn quad_of_x_pos(at: vec4u, k4: u32) -> mat4x4f {
    return mat4x4f(x_pos[at.x + k4], x_pos[at.y + k4], x_pos[at.z + k4], x_pos[at.w + k4]);
}

// `product` of product.wgsl with x_pos in place of x. The loop stands twice: a software adapter loads both
// operands for a choice inside it, and a run then takes 4 to 18% longer.
fn product_of_x_pos(first_row: u32, last_row: u32, column_tile: u32) -> Tile {
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
        let x0 = quad_of_x_pos(at0, k4);
        tile.low0 += low * x0;
        tile.high0 += high * x0;
        if ROW_QUADS > 1 {
            let x1 = quad_of_x_pos(at1, k4);
            tile.low1 += low * x1;
            tile.high1 += high * x1;
        }
        if ROW_QUADS > 2 {
            let x2 = quad_of_x_pos(at2, k4);
            tile.low2 += low * x2;
            tile.high2 += high * x2;
            let x3 = quad_of_x_pos(at3, k4);
            tile.low3 += low * x3;
            tile.high3 += high * x3;
        }
    }
    return tile;
}

fn store_row(row: u32, column_tile: u32, low: vec4f, high: vec4f) {
    if row >= dims.rows {
        return;
    }
    let to = 2 * (row * ALL8 + column_tile);
    var left = low;
    var right = high;
    if BIAS {
        left += bias[2 * column_tile];
        right += bias[2 * column_tile + 1];
    }
    if RESIDUAL {
        left += residual[to];
        right += residual[to + 1];
    }
    out[to] = left;
    out[to + 1] = right;
}

// Each row by its name. A loop that may end early keeps the matrices in memory, and takes three times as long
// on an H100.
fn store(first_row: u32, column_tile: u32, low: mat4x4f, high: mat4x4f) {
    store_row(first_row, column_tile, low[0], high[0]);
    store_row(first_row + 1, column_tile, low[1], high[1]);
    store_row(first_row + 2, column_tile, low[2], high[2]);
    store_row(first_row + 3, column_tile, low[3], high[3]);
}

fn store_all(first_row: u32, column_tile: u32, tile: Tile) {
    store(first_row, column_tile, tile.low0, tile.high0);
    if ROW_QUADS > 1 {
        store(first_row + 4, column_tile, tile.low1, tile.high1);
    }
    if ROW_QUADS > 2 {
        store(first_row + 8, column_tile, tile.low2, tile.high2);
        store(first_row + 12, column_tile, tile.low3, tile.high3);
    }
}

// The tile in which v starts: where heads are so narrow, its second half is of x, its first of x_pos.
fn joined(of_x_pos: Tile, of_x: Tile) -> Tile {
    var tile = of_x_pos;
    tile.high0 = of_x.high0;
    tile.high1 = of_x.high1;
    tile.high2 = of_x.high2;
    tile.high3 = of_x.high3;
    return tile;
}

fn starts_v(of_all: u32) -> bool {
    return POSITIONED_COLUMNS % 8 == 4 && 8 * of_all + 4 == POSITIONED_COLUMNS;
}

@compute @workgroup_size(16, 4)
fn linear(@builtin(global_invocation_id) id: vec3u) {
    let column_tile = id.x;
    let first_row = dims.first_row + 4 * ROW_QUADS * id.y;
    if column_tile >= N8 || first_row >= dims.rows {
        return;
    }
    let of_all = FIRST_TILE + column_tile;
    var tile: Tile;
    if 8 * of_all < POSITIONED_COLUMNS {
        tile = product_of_x_pos(first_row, dims.rows - 1, column_tile);
    } else {
        tile = product(first_row, dims.rows - 1, column_tile);
    }
    if starts_v(of_all) {
        tile = joined(tile, product(first_row, dims.rows - 1, column_tile));
    }
    store_all(first_row, of_all, tile);
}

// A vector of x_pos, or of x.
fn input(at: u32, positioned: bool) -> vec4f {
    if POSITIONED_COLUMNS > 0 && positioned {
        return x_pos[at];
    }
    return x[at];
}

@compute @workgroup_size(COLUMN_LANES, ROW_LANES)
fn linear_shared(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let corner = Corner(
        dims.first_row + 4 * ROW_QUADS * ROW_LANES * group.y, dims.rows - 1, COLUMN_LANES * group.x
    );
    // A workgroup's first columns may be of x_pos and its last of x. It then makes both.
    let first_column = 8 * (FIRST_TILE + corner.first_tile);
    let is_positioned = first_column < POSITIONED_COLUMNS;
    var tile = shared_product(corner, local, is_positioned);
    let of_all = FIRST_TILE + corner.first_tile + local.x;
    if is_positioned && first_column + 8 * COLUMN_LANES > POSITIONED_COLUMNS {
        let of_x = shared_product(corner, local, false);
        if starts_v(of_all) {
            tile = joined(tile, of_x);
        } else if 8 * of_all >= POSITIONED_COLUMNS {
            tile = of_x;
        }
    }
    if corner.first_tile + local.x < N8 {
        store_all(corner.first_row + 4 * ROW_QUADS * local.y, of_all, tile);
    }
}
