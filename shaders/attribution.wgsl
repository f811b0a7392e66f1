// attribution.wgsl: how much each component of the residual stream adds to the logit of the next token.
//
//   direction[row, :]                = W_U[:, t], t the token after the row's; 0 in a sequence's last row
//   attribution[row, 0]              = resid_pre.0[row, :] . direction[row, :]
//   attribution[row, 1 + l * H + h]  = (z[row, h, :] W_O[h]) . direction[row, :]
//   attribution[row, COLUMNS - 2]    = (sum over l of b_O[l]) . direction[row, :] + b_U[t]
//   attribution[row, COLUMNS - 1]    = resid_post.last[row, :] . direction[row, :] + b_U[t]
//
//   binding  name         type        shape                                 access
//   0.0      dims         Dims                                              uniform
//   0.1      tokens       u32         [rows]                                read
//   0.2      bias         f32         b_U [V], or b_O [D] of a layer        read
//   0.3      first        f32         resid_pre.0 [rows, D]                 read
//   0.4      last         f32         resid_post.last [rows, D]             read
//   0.5      z            f32         [rows, H * C] of a layer              read
//   0.6      made         f32         direction [rows, D]                   write
//   0.7      attribution  f32         [rows, COLUMNS]                       write, and read: sums so far
//   0.8      direction    f32         [rows, D]                             read
//   1.0      weights      f16, bf16, f32    W_U [D, V], or W_O [H * C, D]   read
//
// directions: one invocation makes four numbers of a row. of_streams: one invocation makes a row's columns
// that belong to no head. of_heads, once a layer: one invocation makes one head's number in a row, or adds
// the layer's bias. CPU twin: src/cpu/attribution.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read> first: array<vec4f>;
@group(0) @binding(4) var<storage, read> last: array<vec4f>;
@group(0) @binding(5) var<storage, read> z: array<f32>;
@group(0) @binding(6) var<storage, read_write> made: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> attribution: array<f32>;
@group(0) @binding(8) var<storage, read> direction: array<vec4f>;

override D4: u32;
override COLUMNS: u32;
// The column of the layer's first head.
override FIRST_HEAD: u32;

fn predicts(row: u32) -> bool {
    return row % dims.seq + 1 < dims.seq;
}

@compute @workgroup_size(64)
fn directions(@builtin(global_invocation_id) id: vec3u) {
    let d4 = id.x % D4;
    let row = id.x / D4;
    if row >= dims.rows {
        return;
    }
    // A row without a next token is the first shard's.
    var numbers = vec4f();
    var is_own = FIRST_TILE == 0;
    if predicts(row) {
        let token = tokens[row + 1];
        is_own = has_column(token);
        if is_own {
            for (var i = 0u; i < 4; i++) {
                numbers[i] = weight_at(4 * d4 + i, token);
            }
        }
    }
    if is_own {
        made[row * D4 + d4] = numbers;
    }
}

@compute @workgroup_size(64)
fn of_streams(@builtin(global_invocation_id) id: vec3u) {
    let row = id.x;
    if row >= dims.rows {
        return;
    }
    var before = 0.0;
    var after = 0.0;
    for (var d4 = 0u; d4 < D4; d4++) {
        before += dot(first[row * D4 + d4], direction[row * D4 + d4]);
        after += dot(last[row * D4 + d4], direction[row * D4 + d4]);
    }
    var of_token = 0.0;
    if predicts(row) {
        let token = tokens[row + 1];
        of_token = bias[token / 4][token % 4];
    }
    attribution[row * COLUMNS] = before;
    attribution[row * COLUMNS + COLUMNS - 2] = of_token;
    attribution[row * COLUMNS + COLUMNS - 1] = after + of_token;
}

@compute @workgroup_size(64)
fn of_heads(@builtin(global_invocation_id) id: vec3u) {
    let head = id.x % (H + 1);
    let row = id.x / (H + 1);
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
