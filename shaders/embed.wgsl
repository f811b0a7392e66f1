// embed.wgsl: the residual stream before the first layer.
//
//   resid[row, :] = W_E[tokens[row], :] + W_pos[position of row, :]
//
// The second term exists with standard positions only.
//
//   binding  name     type        shape            access
//   0.0      dims     Dims                         uniform
//   0.1      tokens   u32         [rows]           read
//   0.2      w_pos    f32         [n_ctx, D]       read, when STANDARD_POSITIONS
//   0.3      resid    f32         [rows, D]        write
//   1.0      weights  f16 or f32  W_E [d_vocab, D] read
//
// One invocation makes eight numbers of a row. CPU twin: src/cpu/embed.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> w_pos: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> resid: array<vec4f>;

override STANDARD_POSITIONS: bool;

@compute @workgroup_size(64)
fn embed(@builtin(global_invocation_id) id: vec3u) {
    let column_tile = id.x;
    let row = dims.first_row + id.y;
    if column_tile >= N8 || row >= dims.rows {
        return;
    }
    var piece = weights8(tokens[row], column_tile);
    if STANDARD_POSITIONS {
        let at = 2 * ((row % dims.seq) * N8 + column_tile);
        piece.low += w_pos[at];
        piece.high += w_pos[at + 1];
    }
    let to = 2 * (row * N8 + column_tile);
    resid[to] = piece.low;
    resid[to + 1] = piece.high;
}
