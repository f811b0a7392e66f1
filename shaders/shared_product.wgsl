// shared_product.wgsl: `product` of product.wgsl by a workgroup whose invocations share what they read. It is
// appended, after product.wgsl, to kernels that give it `input`: a vector of x, or of another input.
//
// A step multiplies STEP numbers of each row. The workgroup first copies the rows' numbers and the weights of
// the step to its memory, each once, while the numbers of the step after are on their way. Software adapters,
// which have no such memory, take longer so.

// Invocations of a workgroup, along columns and along rows. An invocation makes ROW_QUADS times 4 rows, at
// most 8, of one column tile.
override COLUMN_LANES: u32 = 16;
override ROW_LANES: u32 = 8;

// Vectors of a row in a step, and rows of the matrix.
const STEP4 = 4u;
const STEP = 4u * STEP4;
// The most rows and column tiles of a workgroup.
const MOST_ROWS = 64u;
const MOST_TILES = 16u;

// [row][vector]
var<workgroup> shared_x: array<vec4f, MOST_ROWS * STEP4>;
// [row of the matrix][column tile]: the first and the last four weights of each tile. Apart, they are read
// without bank conflicts.
var<workgroup> shared_low: array<vec4f, STEP * MOST_TILES>;
var<workgroup> shared_high: array<vec4f, STEP * MOST_TILES>;

// The share of a step that one invocation copies: two vectors of x, and the weights of two column tiles.
struct Copied {
    x0: vec4f,
    x1: vec4f,
    weights0: Weights8,
    weights1: Weights8,
}

// Where a workgroup's rows and columns start, and its last row.
struct Corner {
    first_row: u32,
    last_row: u32,
    first_tile: u32,
}

// One vector of x. Numbers past the end of a row are zeros.
fn copied_x(corner: Corner, item: u32, step: u32, other: bool) -> vec4f {
    let row = min(corner.first_row + item / STEP4, corner.last_row);
    let k4 = step * STEP4 + item % STEP4;
    return select(vec4f(), input(row * K4 + min(k4, K4 - 1), other), k4 < K4);
}

// The weights of one column tile. What stands past the matrix repeats its end: it meets zeros of x, or makes
// columns that nobody stores.
fn copied_weights(corner: Corner, item: u32, step: u32) -> Weights8 {
    let row = min(step * STEP + item / COLUMN_LANES, 4 * K4 - 1);
    return weights8(row, min(corner.first_tile + item % COLUMN_LANES, N8 - 1));
}

fn copied(corner: Corner, lane: u32, step: u32, other: bool) -> Copied {
    let lanes = COLUMN_LANES * ROW_LANES;
    return Copied(
        copied_x(corner, lane, step, other),
        copied_x(corner, lane + lanes, step, other),
        copied_weights(corner, lane, step),
        copied_weights(corner, lane + lanes, step),
    );
}

// Four rows of four columns, with one number of each row times the weights of the columns added.
fn with_added(sums: mat4x4f, weights: vec4f, x: vec4f) -> mat4x4f {
    return mat4x4f(
        fma(weights, vec4f(x.x), sums[0]),
        fma(weights, vec4f(x.y), sums[1]),
        fma(weights, vec4f(x.z), sums[2]),
        fma(weights, vec4f(x.w), sums[3]),
    );
}

// Four numbers of each of four neighbouring rows of shared_x. Column k has number k of each row.
fn shared_quad(row: u32, k4: u32) -> mat4x4f {
    let at = row * STEP4 + k4;
    return transpose(
        mat4x4f(shared_x[at], shared_x[at + STEP4], shared_x[at + 2 * STEP4], shared_x[at + 3 * STEP4])
    );
}

// The tile with vector `k4` of the step added.
fn with_vector(before: Tile, local: vec3u, k4: u32) -> Tile {
    var tile = before;
    let row = 4 * ROW_QUADS * local.y;
    let at = 4 * k4 * COLUMN_LANES + local.x;
    let low = array(
        shared_low[at], shared_low[at + COLUMN_LANES],
        shared_low[at + 2 * COLUMN_LANES], shared_low[at + 3 * COLUMN_LANES],
    );
    let high = array(
        shared_high[at], shared_high[at + COLUMN_LANES],
        shared_high[at + 2 * COLUMN_LANES], shared_high[at + 3 * COLUMN_LANES],
    );
    let x0 = shared_quad(row, k4);
    tile.low0 = with_added(with_added(tile.low0, low[0], x0[0]), low[1], x0[1]);
    tile.low0 = with_added(with_added(tile.low0, low[2], x0[2]), low[3], x0[3]);
    tile.high0 = with_added(with_added(tile.high0, high[0], x0[0]), high[1], x0[1]);
    tile.high0 = with_added(with_added(tile.high0, high[2], x0[2]), high[3], x0[3]);
    if ROW_QUADS > 1 {
        let x1 = shared_quad(row + 4, k4);
        tile.low1 = with_added(with_added(tile.low1, low[0], x1[0]), low[1], x1[1]);
        tile.low1 = with_added(with_added(tile.low1, low[2], x1[2]), low[3], x1[3]);
        tile.high1 = with_added(with_added(tile.high1, high[0], x1[0]), high[1], x1[1]);
        tile.high1 = with_added(with_added(tile.high1, high[2], x1[2]), high[3], x1[3]);
    }
    return tile;
}

// The invocation's tile of the product. All invocations of the workgroup must call this.
fn shared_product(corner: Corner, local: vec3u, other: bool) -> Tile {
    let lane = local.y * COLUMN_LANES + local.x;
    let lanes = COLUMN_LANES * ROW_LANES;
    let steps = (K4 + STEP4 - 1) / STEP4;
    var tile = Tile();
    var next = copied(corner, lane, 0, other);
    for (var step = 0u; step < steps; step++) {
        workgroupBarrier();
        shared_x[lane] = next.x0;
        shared_x[lane + lanes] = next.x1;
        shared_low[lane] = next.weights0.low;
        shared_high[lane] = next.weights0.high;
        shared_low[lane + lanes] = next.weights1.low;
        shared_high[lane + lanes] = next.weights1.high;
        workgroupBarrier();
        next = copied(corner, lane, step + 1, other);
        tile = with_vector(tile, local, 0);
        tile = with_vector(tile, local, 1);
        tile = with_vector(tile, local, 2);
        tile = with_vector(tile, local, 3);
    }
    return tile;
}
