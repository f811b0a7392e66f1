// norm.wgsl: LayerNorm or root mean square norm over the real width of the residual stream.
//
//   x[row, :] = (resid[row, :] - mean) / sqrt(mean of (resid[row, :] - mean)^2 + EPS) * weight + bias
//
// mean is that of the row's D_MODEL numbers in a LayerNorm (CENTRES), and 0 in a root mean square norm.
//
//   binding  name    type  shape      access
//   0.0      dims    Dims             uniform
//   0.1      resid   f32   [rows, D]  read
//   0.2      weight  f32   [D]        read
//   0.3      bias    f32   [D]        read
//   0.4      x       f32   [rows, D]  write
//
// Padding stays zero, since weight and bias are zero there. One workgroup makes one row.
// CPU twin: src/cpu/norm.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> resid: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> x: array<vec4f>;

override EPS: f32;
override D4: u32;
// The model's d_model, without padding.
override D_MODEL: u32;
// Whether the mean is subtracted.
override CENTRES: bool;

const LANES = 64u;
var<workgroup> lane_sum: array<f32, LANES>;

// The sum of one number of each lane of the workgroup.
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
    if CENTRES {
        var sum = 0.0;
        for (var d4 = lane; d4 < D4; d4 += LANES) {
            sum += dot(resid[start + d4], vec4f(1.0));
        }
        mean = total(sum, lane) / f32(D_MODEL);
    }
    var squares = 0.0;
    for (var d4 = lane; d4 < D4; d4 += LANES) {
        let real = vec4f(vec4u(4 * d4) + vec4u(0, 1, 2, 3) < vec4u(D_MODEL));
        let centred = (resid[start + d4] - mean) * real;
        squares += dot(centred, centred);
    }
    let scale = inverseSqrt(total(squares, lane) / f32(D_MODEL) + EPS);
    for (var d4 = lane; d4 < D4; d4 += LANES) {
        x[start + d4] = (resid[start + d4] - mean) * scale * weight[d4] + bias[d4];
    }
}
