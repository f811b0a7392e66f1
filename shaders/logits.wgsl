// logits.wgsl: the logits of one position.
//
//   logits[n] = sum over k of x[row, k] * W_U[k, n]  + b_U[n]
//
//   binding  name      type        shape       access
//   0.0      position  u32         the row     uniform
//   0.1      bias      f32         b_U [V]     read
//   0.2      logits    f32         [V]         write
//   1.0      weights   f16, bf16, f32   W_U [D, V]  read
//   1.1      x         f32         [rows, D], the normalized stream   read
//
// One invocation makes eight logits. CPU twin: src/cpu/logits.rs.

@group(0) @binding(0) var<uniform> position: vec4u;
@group(0) @binding(1) var<storage, read> bias: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> logits: array<vec4f>;

@compute @workgroup_size(64)
fn logits_at(@builtin(global_invocation_id) id: vec3u) {
    let column_tile = id.x;
    if column_tile >= N8 {
        return;
    }
    let tile = product(position.x, position.x, column_tile);
    let to = 2 * (FIRST_TILE + column_tile);
    logits[to] = tile.low0[0] + bias[to];
    logits[to + 1] = tile.high0[0] + bias[to + 1];
}
