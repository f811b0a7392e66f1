// copying.wgsl: counts the entries of each row of a vocabulary by vocabulary matrix that reach its own.
//
//   left          = W_E[first.., :] W_V            right = W_O W_U
//   own[row]      = (left right)[row, first + row]
//   at_least[row] = number of n < D_VOCAB, n != first + row, with (left right)[row, n] >= own[row]
//
// `embedding_rows` widens the rows of W_E, of which linear.wgsl makes left; `embedding_columns` does so where
// W_E is a tied W_U. The other two read left and right.
//
//   binding  name      type        shape                   access
//   0.0      dims      Dims                                uniform
//   0.1      first     u32         the id of the first row uniform
//   0.2      embedded  f32         [rows, D]               write
//   0.3      own       f32         [rows]                  write, then read
//   0.4      at_least  u32         [rows], zero at first   added to
//   1.0      weights   f16, bf16, f32   W_E [d_vocab, D], W_U [D, V], or right [K, V]   read
//   1.1      x         f32         left [rows, K]          read
//
// embedding_rows, embedding_columns: one invocation makes eight numbers of a row. own_entries: one invocation
// makes a row's number. count: one invocation counts ROW_QUADS times 4 rows of TILES times 8 columns, a
// workgroup four times as many rows. CPU twin: src/cpu/copying.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> first: vec4u;
@group(0) @binding(2) var<storage, read_write> embedded: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> own: array<f32>;
@group(0) @binding(4) var<storage, read_write> at_least: array<atomic<u32>>;

override D_VOCAB: u32;
// Column tiles of a row of embedded.
override D8: u32;
// Column tiles of one invocation.
override TILES: u32;

const COLUMN_LANES = 16u;
const ROW_LANES = 4u;

@compute @workgroup_size(64)
fn embedding_rows(@builtin(global_invocation_id) id: vec3u) {
    let column_tile = id.x;
    let row = id.y;
    if column_tile >= N8 || row >= dims.rows {
        return;
    }
    write(row, FIRST_TILE + column_tile, weights8(first.x + row, column_tile));
}

@compute @workgroup_size(64)
fn embedding_columns(@builtin(global_invocation_id) id: vec3u) {
    let d8 = id.x;
    let row = id.y;
    if d8 >= D8 || row >= dims.rows || !has_column(first.x + row) {
        return;
    }
    write(row, d8, column8(first.x + row, d8));
}

fn write(row: u32, d8: u32, piece: Weights8) {
    let to = 2 * (row * D8 + d8);
    embedded[to] = piece.low;
    embedded[to + 1] = piece.high;
}

@compute @workgroup_size(64)
fn own_entries(@builtin(global_invocation_id) id: vec3u) {
    let row = id.x;
    let column = first.x + row;
    if row >= dims.rows || !has_column(column) {
        return;
    }
    var entry = 0.0;
    for (var k = 0u; k < 4 * K4; k++) {
        entry += x[row * K4 + k / 4][k % 4] * weight_at(k, column);
    }
    own[row] = entry;
}

// Counts the entries of each of four rows, of eight, that reach the row's own.
fn counted(first_row: u32, column_tile: u32, low: mat4x4f, high: mat4x4f) -> vec4u {
    let low_columns = vec4u(8 * column_tile) + vec4u(0, 1, 2, 3);
    let high_columns = low_columns + 4;
    let low_real = low_columns < vec4u(D_VOCAB);
    let high_real = high_columns < vec4u(D_VOCAB);
    var counts = vec4u();
    for (var r = 0u; r < 4; r++) {
        let row = min(first_row + r, dims.rows - 1);
        let diagonal = vec4u(first.x + row);
        let threshold = vec4f(own[row]);
        let found = vec4u((low[r] >= threshold) & (low_columns != diagonal) & low_real)
            + vec4u((high[r] >= threshold) & (high_columns != diagonal) & high_real);
        counts[r] = found.x + found.y + found.z + found.w;
    }
    return counts;
}

fn add_counts(first_row: u32, counts: vec4u) {
    for (var r = 0u; r < 4 && first_row + r < dims.rows; r++) {
        atomicAdd(&at_least[first_row + r], counts[r]);
    }
}

@compute @workgroup_size(COLUMN_LANES, ROW_LANES)
fn count(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let first_row = dims.first_row + 4 * ROW_QUADS * (group.y * ROW_LANES + local.y);
    if first_row >= dims.rows {
        return;
    }
    var counts0 = vec4u();
    var counts1 = vec4u();
    var counts2 = vec4u();
    var counts3 = vec4u();
    for (var i = 0u; i < TILES; i++) {
        let column_tile = (group.x * TILES + i) * COLUMN_LANES + local.x;
        if column_tile >= N8 {
            break;
        }
        let tile = product(first_row, dims.rows - 1, column_tile);
        let of_all = FIRST_TILE + column_tile;
        counts0 += counted(first_row, of_all, tile.low0, tile.high0);
        if ROW_QUADS > 1 {
            counts1 += counted(first_row + 4, of_all, tile.low1, tile.high1);
        }
        if ROW_QUADS > 2 {
            counts2 += counted(first_row + 8, of_all, tile.low2, tile.high2);
            counts3 += counted(first_row + 12, of_all, tile.low3, tile.high3);
        }
    }
    add_counts(first_row, counts0);
    if ROW_QUADS > 1 {
        add_counts(first_row + 4, counts1);
    }
    if ROW_QUADS > 2 {
        add_counts(first_row + 8, counts2);
        add_counts(first_row + 12, counts3);
    }
}
