// position.wgsl: the input of a layer's queries and keys with shortformer positions.
//
//   x_pos[row, :] = x[row, :] + W_pos[position of row, :]
//
//   binding  name   type  shape       access
//   0.0      dims   Dims              uniform
//   0.1      x      f32   [rows, D]   read
//   0.2      w_pos  f32   [n_ctx, D]  read
//   0.3      x_pos  f32   [rows, D]   write
//
// One invocation makes four numbers of a row. CPU twin: src/cpu/position.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w_pos: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> x_pos: array<vec4f>;

override D4: u32;

@compute @workgroup_size(64)
fn position(@builtin(global_invocation_id) id: vec3u) {
    let d4 = id.x;
    let row = dims.first_row + id.y;
    if d4 >= D4 || row >= dims.rows {
        return;
    }
    let at = row * D4 + d4;
    x_pos[at] = x[at] + w_pos[row % dims.seq * D4 + d4];
}
