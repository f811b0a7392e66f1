// norm.wgsl: what attention and the unembedding read, from the residual stream.
//
//   x = (resid - mean) / sqrt(variance + EPS) * weight + bias      over the row's d_model numbers; x = resid without a norm
//   positioned = x + W_pos[position of row, :]                     the input of q and k with shortformer positions
//
//   binding  name     type  shape           access
//   0.0      dims     Dims                  uniform
//   0.1      resid    f32   [rows, D]       read
//   0.2      weight   f32   [D]             read
//   0.3      bias     f32   [D]             read
//   0.4      w_pos    f32   [n_ctx, D]      read
//   0.5      out      f32   [2, capacity, D]: x, then positioned   write
//
// Padding stays zero: weight, bias and W_pos are zero there. One workgroup makes one row. CPU twin: src/cpu/norm.rs.
// (The twin makes x; positions are added in src/cpu/linear.rs.)

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> resid: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> w_pos: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4f>;

override NORMALIZED: bool;
override POSITIONED: bool;
override EPS: f32;
override D4: u32;
// The model's d_model, without padding.
override D_MODEL: u32;

const LANES = 64u;
var<workgroup> lane_sum: array<f32, LANES>;

// The sum over the workgroup of one number a lane.
fn total(own: f32, lane: u32) -> f32 {
    workgroupBarrier();
    lane_sum[lane] = own;
    workgroupBarrier();
    var sum = 0.0;
    for (var other = 0u; other < LANES; other++) {
        sum += lane_sum[other];
    }
    return sum;
}

@compute @workgroup_size(LANES)
fn norm(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = dims.first_row + group.x;
    let start = row * D4;
    var mean = 0.0;
    var scale = 1.0;
    if NORMALIZED {
        var sum = 0.0;
        for (var d4 = lane; d4 < D4; d4 += LANES) {
            sum += dot(resid[start + d4], vec4f(1.0));
        }
        mean = total(sum, lane) / f32(D_MODEL);
        var squares = 0.0;
        for (var d4 = lane; d4 < D4; d4 += LANES) {
            let real = vec4f(vec4u(4 * d4) + vec4u(0, 1, 2, 3) < vec4u(D_MODEL));
            let centred = (resid[start + d4] - mean) * real;
            squares += dot(centred, centred);
        }
        scale = inverseSqrt(total(squares, lane) / f32(D_MODEL) + EPS);
    }
    let positioned = arrayLength(&out) / 2;
    let position = row % dims.seq;
    for (var d4 = lane; d4 < D4; d4 += LANES) {
        var value = resid[start + d4];
        if NORMALIZED {
            value = (value - mean) * scale * weight[d4] + bias[d4];
        }
        out[start + d4] = value;
        if POSITIONED {
            out[positioned + start + d4] = value + w_pos[position * D4 + d4];
        }
    }
}
