// linear.wgsl: q, k and v of every head from the residual stream, and every head's output back into it.
//
//   out[row, n] = sum over k of x[row, k] * W[k, n]  + bias[n] + residual[row, n]
//
// In the first POSITIONED_COLUMNS columns (q and k with shortformer positions) x is its second half, x + W_pos.
//
//   binding  name      type  shape               access
//   0.0      dims      Dims                      uniform
//   0.1      bias      f32   [N]                 read
//   0.2      residual  f32   [rows, N]           read, when RESIDUAL
//   0.3      out       f32   [rows, N]           write
//   1.0      weights   f16 or f32  W [K, N]      read
//   1.1      x         f32   [capacity, K], or [2, capacity, K] with a positioned half   read
//
// One invocation makes 4 rows of 8 columns, a workgroup 32 rows of 64. CPU twin: src/cpu/linear.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> bias: array<vec4f>;
@group(0) @binding(2) var<storage, read> residual: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

override POSITIONED_COLUMNS: u32;
override RESIDUAL: bool;

@compute @workgroup_size(8, 8)
fn linear(@builtin(global_invocation_id) id: vec3u) {
    let column_tile = id.x;
    let first_row = dims.first_row + 4 * id.y;
    if column_tile >= N8 || first_row >= dims.rows {
        return;
    }
    var rows = min(vec4u(first_row) + vec4u(0, 1, 2, 3), vec4u(dims.rows - 1));
    if 8 * column_tile < POSITIONED_COLUMNS {
        rows += arrayLength(&x) / K4 / 2;
    }
    let tile = product(rows, column_tile);
    for (var r = 0u; r < 4; r++) {
        let row = first_row + r;
        if row >= dims.rows {
            return;
        }
        let to = 2 * (row * N8 + column_tile);
        var low = tile.low[r] + bias[2 * column_tile];
        var high = tile.high[r] + bias[2 * column_tile + 1];
        if RESIDUAL {
            low += residual[to];
            high += residual[to + 1];
        }
        out[to] = low;
        out[to + 1] = high;
    }
}
