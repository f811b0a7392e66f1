// log_probs.wgsl: each token's log-probability, fused with the unembedding. Logits are never stored.
//
//   logit[row, n]  = sum over k of x[row, k] * W_U[k, n]  + b_U[n]
//   log_probs[row] = (logit[row, t], largest of logit[row, :]) - log(sum over n of exp(logit[row, n])),
//                    t the token after the row's
//
// `partial_sums` keeps a running maximum and sum over its share of the vocabulary. `combine` adds the shares
// up. Padded vocabulary entries have a bias of -1e30 and so a probability of 0. A sequence's last row
// predicts nothing and gets 0.
//
//   binding  name          type        shape                                             access
//   0.0      dims          Dims                                                          uniform
//   0.1      tokens        u32         [rows]                                            read
//   0.2      bias          f32         b_U [V]                                           read
//   0.3      partials      vec2f       [rows, SHARES]: maximum, sum of exponentials    write, then read
//   0.4      target_logit  f32         [rows]                                            write, then read
//   0.5      log_probs     vec2f       [rows]                                            write
//   1.0      weights       f16, bf16, f32   W_U [D, V]                                   read
//   1.1      x             f32         [rows, D], the normalized stream                  read
//
// partial_sums: one invocation makes ROW_QUADS times 4 rows of TILES times 8 columns, a workgroup four times
// as many rows of one share. partial_sums_shared: it makes ROW_LANES times as many. combine: one invocation
// makes one row. CPU twin: src/cpu/log_probs.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> target_logit: array<f32>;
@group(0) @binding(5) var<storage, read_write> log_probs: array<vec2f>;

// Column tiles of one invocation.
override TILES: u32;
// Shares of the vocabulary: workgroups along it, of all shards.
override SHARES: u32;
// The shard's first share.
override FIRST_SHARE: u32;

// The most invocations of a workgroup.
const MOST_LANES = 128u;
var<workgroup> lane_max: array<vec4f, MOST_LANES>;
var<workgroup> lane_sum: array<vec4f, MOST_LANES>;

// The largest logit of each of four rows so far, and the sum of exp(logit - largest).
struct Running {
    largest: vec4f,
    sum: vec4f,
}

// The same of one row.
struct RunningRow {
    largest: f32,
    sum: f32,
}

// Adds eight logits of a row, and writes the target token's logit where it is among them.
fn absorb_row(before: RunningRow, row: u32, column_tile: u32, low: vec4f, high: vec4f) -> RunningRow {
    let left = low + bias[2 * column_tile];
    let right = high + bias[2 * column_tile + 1];
    let pairs = max(left, right);
    let largest = max(before.largest, max(max(pairs.x, pairs.y), max(pairs.z, pairs.w)));
    // The rows of a part end before the tokens do. A last row's next token is nobody's: `combine` skips it.
    if row + 1 < arrayLength(&tokens) {
        let next = tokens[row + 1];
        if next / 8 == column_tile {
            let half = select(right, left, next % 8 < 4);
            let is_target = vec4u(next % 4) == vec4u(0, 1, 2, 3);
            target_logit[row] = dot(select(vec4f(), half, is_target), vec4f(1.0));
        }
    }
    let sum = before.sum * exp(before.largest - largest)
        + dot(exp(left - largest) + exp(right - largest), vec4f(1.0));
    return RunningRow(largest, sum);
}

// Adds eight logits of each of four rows, each by its name: a loop would keep the matrices in memory.
fn absorb(before: Running, first_row: u32, column_tile: u32, low: mat4x4f, high: mat4x4f) -> Running {
    let largest = before.largest;
    let sum = before.sum;
    let x = absorb_row(RunningRow(largest.x, sum.x), first_row, column_tile, low[0], high[0]);
    let y = absorb_row(RunningRow(largest.y, sum.y), first_row + 1, column_tile, low[1], high[1]);
    let z = absorb_row(RunningRow(largest.z, sum.z), first_row + 2, column_tile, low[2], high[2]);
    let w = absorb_row(RunningRow(largest.w, sum.w), first_row + 3, column_tile, low[3], high[3]);
    return Running(vec4f(x.largest, y.largest, z.largest, w.largest), vec4f(x.sum, y.sum, z.sum, w.sum));
}

// Adds up the lanes of a share; the first lane writes. All lanes of the workgroup must call this.
fn write_share(running: Running, first_row: u32, share: u32, local_x: u32, lane: u32) {
    workgroupBarrier();
    lane_max[lane] = running.largest;
    lane_sum[lane] = running.sum;
    workgroupBarrier();
    if local_x > 0 {
        return;
    }
    var largest = running.largest;
    for (var other = lane + 1; other < lane + COLUMN_LANES; other++) {
        largest = max(largest, lane_max[other]);
    }
    var sum = vec4f();
    for (var other = lane; other < lane + COLUMN_LANES; other++) {
        sum += lane_sum[other] * exp(lane_max[other] - largest);
    }
    for (var r = 0u; r < 4 && first_row + r < dims.rows; r++) {
        partials[(first_row + r) * SHARES + share] = vec2f(largest[r], sum[r]);
    }
}

@compute @workgroup_size(COLUMN_LANES, 4)
fn partial_sums(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let first_row = dims.first_row + 4 * ROW_QUADS * (group.y * 4 + local.y);
    let nothing = Running(vec4f(LOWEST), vec4f());
    var running0 = nothing;
    var running1 = nothing;
    var running2 = nothing;
    var running3 = nothing;
    for (var i = 0u; i < TILES; i++) {
        let column_tile = (group.x * TILES + i) * COLUMN_LANES + local.x;
        if column_tile >= N8 || first_row >= dims.rows {
            break;
        }
        let tile = product(first_row, dims.rows - 1, column_tile);
        let of_all = FIRST_TILE + column_tile;
        running0 = absorb(running0, first_row, of_all, tile.low0, tile.high0);
        if ROW_QUADS > 1 {
            running1 = absorb(running1, first_row + 4, of_all, tile.low1, tile.high1);
        }
        if ROW_QUADS > 2 {
            running2 = absorb(running2, first_row + 8, of_all, tile.low2, tile.high2);
            running3 = absorb(running3, first_row + 12, of_all, tile.low3, tile.high3);
        }
    }
    let share = FIRST_SHARE + group.x;
    write_share(running0, first_row, share, local.x, lane);
    if ROW_QUADS > 1 {
        write_share(running1, first_row + 4, share, local.x, lane);
    }
    if ROW_QUADS > 2 {
        write_share(running2, first_row + 8, share, local.x, lane);
        write_share(running3, first_row + 12, share, local.x, lane);
    }
}

fn input(at: u32, _other: bool) -> vec4f {
    return x[at];
}

@compute @workgroup_size(COLUMN_LANES, ROW_LANES)
fn partial_sums_shared(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let of_group = dims.first_row + 4 * ROW_QUADS * ROW_LANES * group.y;
    let first_row = of_group + 4 * ROW_QUADS * local.y;
    var running0 = Running(vec4f(LOWEST), vec4f());
    var running1 = running0;
    for (var i = 0u; i < TILES; i++) {
        let corner = Corner(of_group, dims.rows - 1, (group.x * TILES + i) * COLUMN_LANES);
        let tile = shared_product(corner, local, false);
        let column_tile = corner.first_tile + local.x;
        if column_tile < N8 && first_row < dims.rows {
            let of_all = FIRST_TILE + column_tile;
            running0 = absorb(running0, first_row, of_all, tile.low0, tile.high0);
            if ROW_QUADS > 1 {
                running1 = absorb(running1, first_row + 4, of_all, tile.low1, tile.high1);
            }
        }
    }
    let share = FIRST_SHARE + group.x;
    let lane = local.y * COLUMN_LANES + local.x;
    write_share(running0, first_row, share, local.x, lane);
    if ROW_QUADS > 1 {
        write_share(running1, first_row + 4, share, local.x, lane);
    }
}

@compute @workgroup_size(64)
fn combine(@builtin(global_invocation_id) id: vec3u) {
    let row = dims.first_row + id.x;
    if row >= dims.rows {
        return;
    }
    var maximum = LOWEST;
    for (var share = 0u; share < SHARES; share++) {
        maximum = max(maximum, partials[row * SHARES + share].x);
    }
    var sum = 0.0;
    for (var share = 0u; share < SHARES; share++) {
        let partial = partials[row * SHARES + share];
        sum += partial.y * exp(partial.x - maximum);
    }
    let last_of_sequence = row % dims.seq == dims.seq - 1;
    let both = vec2f(target_logit[row], maximum) - maximum - log(sum);
    log_probs[row] = select(both, vec2f(), last_of_sequence);
}
