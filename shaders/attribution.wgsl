// attribution.wgsl: how much each component of the residual stream adds to a direction of its end.
//
//   direction[row, :]        = W_U[:, target] - W_U[:, subtracted], which the caller may fold a norm into
//   attribution[row, embed]  = resid_pre.0[row, :] . direction[row, :]
//   attribution[row, l.h]    = (z[row, h, :] W_O[h]) . direction[row, :]
//   attribution[row, l.mlp]  = (resid_pre.l+1 - resid_pre.l - b_O[l] - b_out[l])[row, :] . direction[row, :]
//                              - sum over h of attribution[row, l.h]
//   attribution[row, bias]   = (sum over l of b_O[l] + b_out[l]) . direction[row, :]
//   attribution[row, sum]    = resid_post.last[row, :] . direction[row, :]
//
// The columns are embed, those of each layer, bias, sum.
//
//   binding  name         type        shape                                 access
//   0.0      dims         Dims                                              uniform
//   0.1      targets      vec2u       [rows]: target and subtracted token   read
//   0.2      bias         f32         b_O [D] of a layer                    read
//   0.3      first        f32         resid_pre.0, or that before a layer   read
//   0.4      last         f32         resid_post.last, or of a layer        read
//   0.5      z            f32         [rows, H * C] of a layer              read
//   0.6      made         f32         direction [rows, D]                   write, and read: sums so far
//   0.7      attribution  f32         [rows, COLUMNS]                       write, and read: sums so far
//   0.8      direction    f32         [rows, D]                             read
//   0.9      mlp_bias     f32         b_out [D] of a layer                  read
//   1.0      weights      f16, bf16, f32    W_U [D, V], or W_O [H * C, D]   read
//
// directions: one invocation makes four numbers of a row. of_streams: one invocation makes a row's columns
// of the embedding and the sum. of_heads, once a layer: one invocation makes one head's number in a row, or
// adds the layer's bias. of_mlp, once a layer: one invocation makes a row's number of the MLP.
// CPU twin: src/cpu/attribution.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> targets: array<vec2u>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read> first: array<vec4f>;
@group(0) @binding(4) var<storage, read> last: array<vec4f>;
@group(0) @binding(5) var<storage, read> z: array<f32>;
@group(0) @binding(6) var<storage, read_write> made: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> attribution: array<f32>;
@group(0) @binding(8) var<storage, read> direction: array<vec4f>;
@group(0) @binding(9) var<storage, read> mlp_bias: array<vec4f>;

override D4: u32;
override COLUMNS: u32;
// The column of the layer's first head.
override FIRST_HEAD: u32;

// Four numbers of a token's column of W_U: 0 where another shard has it, or where there is no token.
fn of_token(token: u32, d4: u32) -> vec4f {
    var numbers = vec4f();
    if has_column(token) {
        for (var i = 0u; i < 4; i++) {
            numbers[i] = weight_at(4 * d4 + i, token);
        }
    }
    return numbers;
}

@compute @workgroup_size(64)
fn directions(@builtin(global_invocation_id) id: vec3u) {
    let d4 = id.x % D4;
    let row = id.x / D4;
    if row >= dims.rows {
        return;
    }
    let numbers = of_token(targets[row].x, d4) - of_token(targets[row].y, d4);
    made[row * D4 + d4] = select(made[row * D4 + d4] + numbers, numbers, FIRST_TILE == 0);
}

@compute @workgroup_size(64)
fn of_streams(@builtin(global_invocation_id) id: vec3u) {
    let row = dims.first_row + id.x;
    if row >= dims.rows {
        return;
    }
    var before = 0.0;
    var after = 0.0;
    for (var d4 = 0u; d4 < D4; d4++) {
        before += dot(first[row * D4 + d4], direction[row * D4 + d4]);
        after += dot(last[row * D4 + d4], direction[row * D4 + d4]);
    }
    attribution[row * COLUMNS] = before;
    attribution[row * COLUMNS + COLUMNS - 2] = 0.0;
    attribution[row * COLUMNS + COLUMNS - 1] = after;
}

@compute @workgroup_size(64)
fn of_heads(@builtin(global_invocation_id) id: vec3u) {
    let head = id.x % (H + 1);
    let row = dims.first_row + id.x / (H + 1);
    if row >= dims.rows {
        return;
    }
    var sum = 0.0;
    if head == H {
        // The whole bias goes with the first shard.
        for (var d4 = 0u; d4 < D4 && FIRST_TILE == 0; d4++) {
            sum += dot(bias[d4], direction[row * D4 + d4]);
        }
        attribution[row * COLUMNS + COLUMNS - 2] += sum;
        return;
    }
    let to = row * COLUMNS + FIRST_HEAD + head;
    if FIRST_TILE > 0 {
        sum = attribution[to];
    }
    for (var c = 0u; c < 4 * C4; c++) {
        var read = 0.0;
        for (var d8 = 0u; d8 < N8; d8++) {
            let tile = weights8(head * 4 * C4 + c, d8);
            let at = row * D4 + 2 * (FIRST_TILE + d8);
            read += dot(tile.low, direction[at]) + dot(tile.high, direction[at + 1]);
        }
        sum += z[4 * z_at(row, head) + c] * read;
    }
    attribution[to] = sum;
}

@compute @workgroup_size(64)
fn of_mlp(@builtin(global_invocation_id) id: vec3u) {
    let row = dims.first_row + id.x;
    if row >= dims.rows {
        return;
    }
    var sum = 0.0;
    var of_bias = 0.0;
    for (var d4 = 0u; d4 < D4; d4++) {
        let at = row * D4 + d4;
        sum += dot(last[at] - first[at] - bias[d4] - mlp_bias[d4], direction[at]);
        of_bias += dot(mlp_bias[d4], direction[at]);
    }
    let to = row * COLUMNS + FIRST_HEAD;
    for (var head = 0u; head < H; head++) {
        sum -= attribution[to + head];
    }
    attribution[to + H] = sum;
    attribution[row * COLUMNS + COLUMNS - 2] += of_bias;
}
