// embed.wgsl: the residual stream before the first layer.
//
//   resid[row, :] = W_E[tokens[row], :] + W_pos[position of row, :]
//
// The second term exists with standard positions only. With a tied unembedding W_E[t, :] is W_U[:, t].
//
//   binding  name     type             shape                        access
//   0.0      dims     Dims                                          uniform
//   0.1      tokens   u32              [rows]                       read
//   0.2      w_pos    f32              [n_ctx, D]                   read, when STANDARD_POSITIONS
//   0.3      resid    f32              [rows, D]                    write
//   1.0      weights  f16, bf16, f32   W_E [d_vocab, D], or W_U [D, V] in embed_columns   read
//
// One invocation makes eight numbers of a row. In embed_columns it makes none where another shard of W_U has
// the token. CPU twin: src/cpu/embed.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> w_pos: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> resid: array<vec4f>;

override STANDARD_POSITIONS: bool;
// Column tiles of a row of the stream.
override D8: u32;

@compute @workgroup_size(64)
fn embed(@builtin(global_invocation_id) id: vec3u) {
    let column_tile = id.x;
    let row = dims.first_row + id.y;
    if column_tile >= N8 || row >= dims.rows {
        return;
    }
    write(row, FIRST_TILE + column_tile, weights8(tokens[row], column_tile));
}

@compute @workgroup_size(64)
fn embed_columns(@builtin(global_invocation_id) id: vec3u) {
    let d8 = id.x;
    let row = dims.first_row + id.y;
    if d8 >= D8 || row >= dims.rows {
        return;
    }
    let token = tokens[row];
    if has_column(token) {
        write(row, d8, column8(token, d8));
    }
}

fn write(row: u32, d8: u32, of_token: Weights8) {
    var piece = of_token;
    if STANDARD_POSITIONS {
        let at = 2 * ((row % dims.seq) * D8 + d8);
        piece.low += w_pos[at];
        piece.high += w_pos[at + 1];
    }
    let to = 2 * (row * D8 + d8);
    resid[to] = piece.low;
    resid[to + 1] = piece.high;
}
