// log_probs.wgsl: each token's log-probability, fused with the unembedding; logits are never stored.
//
//   logit[row, n]  = sum over k of x[row, k] * W_U[k, n]  + b_U[n]
//   log_probs[row] = logit[row, t] - log(sum over n of exp(logit[row, n])),   t the token after the row's
//
// `partial_sums` keeps a running maximum and sum over its share of the vocabulary; `combine` puts the
// shares together. Padded vocabulary entries have a bias of -1e30 and so a probability of 0.
//
//   binding  name          type   shape                    access
//   0.0      dims          Dims                            uniform
//   0.1      tokens        u32    [rows]                   read
//   0.2      bias          f32    b_U [V]                  read
//   0.3      partials      vec2f  [rows, SHARES]: maximum, sum of exp(logit - maximum)   write, then read
//   0.4      target_logit  f32    [rows]                   write, then read
//   0.5      log_probs     f32    [rows]; 0 for the last row of a sequence, which predicts nothing   write
//   1.0      weights       f16 or f32  W_U [D, V]          read
//   1.1      x             f32    [rows, D]                read
//
// partial_sums: one invocation makes 4 rows of TILES times 8 columns, a workgroup 16 rows of one share.
// combine: one invocation makes one row. CPU twin: src/cpu/log_probs.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> target_logit: array<f32>;
@group(0) @binding(5) var<storage, read_write> log_probs: array<f32>;

// Column tiles of one invocation.
override TILES: u32;
// Workgroups along the vocabulary.
override SHARES: u32;

const COLUMN_LANES = 16u;
const ROW_LANES = 4u;
var<workgroup> lane_max: array<vec4f, ROW_LANES * COLUMN_LANES>;
var<workgroup> lane_sum: array<vec4f, ROW_LANES * COLUMN_LANES>;

@compute @workgroup_size(COLUMN_LANES, ROW_LANES)
fn partial_sums(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let first_row = dims.first_row + 4 * (group.y * ROW_LANES + local.y);
    let last_row = vec4u(dims.rows - 1);
    let rows = min(vec4u(first_row) + vec4u(0, 1, 2, 3), last_row);
    let next = min(rows + 1, last_row);
    let targets = vec4u(tokens[next.x], tokens[next.y], tokens[next.z], tokens[next.w]);

    var running_max = vec4f(LOWEST);
    var running_sum = vec4f();
    for (var i = 0u; i < TILES; i++) {
        let column_tile = (group.x * TILES + i) * COLUMN_LANES + local.x;
        if column_tile >= N8 || first_row >= dims.rows {
            break;
        }
        let logits = product(rows, column_tile);
        for (var r = 0u; r < 4; r++) {
            let low = logits.low[r] + bias[2 * column_tile];
            let high = logits.high[r] + bias[2 * column_tile + 1];
            let pairs = max(low, high);
            let new_max = max(running_max[r], max(max(pairs.x, pairs.y), max(pairs.z, pairs.w)));
            running_sum[r] = running_sum[r] * exp(running_max[r] - new_max)
                + dot(exp(low - new_max) + exp(high - new_max), vec4f(1.0));
            running_max[r] = new_max;
            if targets[r] / 8 == column_tile && first_row + r < dims.rows {
                let column = targets[r] % 8;
                target_logit[first_row + r] = select(high[column % 4], low[column % 4], column < 4);
            }
        }
    }
    lane_max[lane] = running_max;
    lane_sum[lane] = running_sum;
    workgroupBarrier();

    if local.x > 0 {
        return;
    }
    var share_max = running_max;
    for (var other = lane + 1; other < lane + COLUMN_LANES; other++) {
        share_max = max(share_max, lane_max[other]);
    }
    var share_sum = vec4f();
    for (var other = lane; other < lane + COLUMN_LANES; other++) {
        share_sum += lane_sum[other] * exp(lane_max[other] - share_max);
    }
    for (var r = 0u; r < 4; r++) {
        if first_row + r < dims.rows {
            partials[(first_row + r) * SHARES + group.x] = vec2f(share_max[r], share_sum[r]);
        }
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
    log_probs[row] = select(target_logit[row] - maximum - log(sum), 0.0, last_of_sequence);
}
