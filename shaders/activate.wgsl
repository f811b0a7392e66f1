// activate.wgsl: the hidden layer of an MLP, the function between its two matrices.
//
//   hidden[row, m] = f(in[row, m])                          a plain MLP
//   hidden[row, m] = f(gate[row, m]) * in[row, m]           a GATED one
//
//   gelu(x)     = x * Phi(x), by the error function
//   gelu_new(x) = x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 * x^3)), which is the form with a tanh
//   relu(x)     = max(x, 0)
//   silu(x)     = x * sigmoid(x)
//   solu_ln     = LayerNorm(x * softmax(x)) over the row's real numbers, with a weight and a bias
//
//   binding  name    type  shape                                  access
//   0.0      dims    Dims                                         uniform
//   0.1      mlp_in  f32   [rows, M], or [gate | in] [rows, 2 M]  read
//   0.2      hidden  f32   [rows, M]                              write
//   0.3      weight  f32   [M]                                    read, by solu
//   0.4      bias    f32   [M]                                    read, by solu
//
// activate: one invocation makes four numbers of a row. solu, for solu_ln: one workgroup makes one row.
// CPU twin: src/cpu/activate.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> mlp_in: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> hidden: array<vec4f>;
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;

const GELU = 0u;
const GELU_NEW = 1u;
const RELU = 2u;
const SILU = 3u;

override FUNCTION: u32 = GELU;
override GATED: bool = false;
// M / 4, and vectors of a row of mlp_in.
override M4: u32;
override IN4: u32;
// The model's d_mlp, without padding.
override D_MLP: u32 = 1;
override EPS: f32 = 0;

const LANES = 64u;
var<workgroup> lane_number: array<f32, LANES>;

// x * sigmoid(t), for an x of the sign of t. The exponential's argument is never above 0.
fn x_sigmoid(x: vec4f, t: vec4f) -> vec4f {
    let e = exp(-abs(t));
    return select(x, x * e, t < vec4f()) / (1.0 + e);
}

// max(x, 0) - |x| / 2 * erfc(|x| / sqrt(2)), with erfc(y) ~ (polynomial of t) * exp(-y^2),
// t = 1 / (1 + 0.3275911 y) (Abramowitz and Stegun 1964, 7.1.26: an error of at most 1.5e-7).
fn gelu(x: vec4f) -> vec4f {
    let y = abs(x) * 0.70710678;
    let t = 1.0 / (1.0 + 0.3275911 * y);
    let high = -1.453152027 + t * 1.061405429;
    let polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * high)));
    return max(x, vec4f()) - 0.5 * abs(x) * polynomial * exp(-y * y);
}

@compute @workgroup_size(64)
fn activate(@builtin(global_invocation_id) id: vec3u) {
    let m4 = id.x;
    let row = dims.first_row + id.y;
    if m4 >= M4 || row >= dims.rows {
        return;
    }
    let x = mlp_in[row * IN4 + m4];
    var number: vec4f;
    switch FUNCTION {
        case GELU: {
            number = gelu(x);
        }
        case GELU_NEW: {
            // 2 * sqrt(2 / pi).
            number = x_sigmoid(x, 1.5957691 * (x + 0.044715 * x * x * x));
        }
        case RELU: {
            number = max(x, vec4f());
        }
        default: {
            number = x_sigmoid(x, x);
        }
    }
    if GATED {
        number *= mlp_in[row * IN4 + M4 + m4];
    }
    hidden[row * M4 + m4] = number;
}

// The largest of one number of each lane of the workgroup.
fn largest(own: f32, lane: u32) -> f32 {
    workgroupBarrier();
    lane_number[lane] = own;
    workgroupBarrier();
    var most = LOWEST;
    for (var other = 0u; other < LANES; other++) {
        most = max(most, lane_number[other]);
    }
    return most;
}

// The sum of one number of each lane of the workgroup.
fn total(own: f32, lane: u32) -> f32 {
    workgroupBarrier();
    lane_number[lane] = own;
    workgroupBarrier();
    var sum = 0.0;
    for (var other = 0u; other < LANES; other++) {
        sum += lane_number[other];
    }
    return sum;
}

// 1 for a real number of a vector, 0 for padding.
fn real(m4: u32) -> vec4f {
    return vec4f(vec4u(4 * m4) + vec4u(0, 1, 2, 3) < vec4u(D_MLP));
}

@compute @workgroup_size(LANES)
fn solu(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = dims.first_row + group.x;
    let first_in = row * IN4;
    let first_out = row * M4;
    var own_top = LOWEST;
    for (var m4 = lane; m4 < M4; m4 += LANES) {
        let x = select(vec4f(LOWEST), mlp_in[first_in + m4], real(m4) > vec4f());
        own_top = max(own_top, max(max(x.x, x.y), max(x.z, x.w)));
    }
    let top = largest(own_top, lane);
    var own_sum = 0.0;
    for (var m4 = lane; m4 < M4; m4 += LANES) {
        own_sum += dot(exp(mlp_in[first_in + m4] - top), real(m4));
    }
    let inverse = 1.0 / total(own_sum, lane);
    // Each lane reads only what it has written itself.
    var own_mean = 0.0;
    for (var m4 = lane; m4 < M4; m4 += LANES) {
        let x = mlp_in[first_in + m4];
        var number = x * exp(x - top) * inverse * real(m4);
        if GATED {
            number *= mlp_in[first_in + M4 + m4];
        }
        hidden[first_out + m4] = number;
        own_mean += dot(number, vec4f(1.0));
    }
    let mean = total(own_mean, lane) / f32(D_MLP);
    var own_squares = 0.0;
    for (var m4 = lane; m4 < M4; m4 += LANES) {
        let centred = (hidden[first_out + m4] - mean) * real(m4);
        own_squares += dot(centred, centred);
    }
    let scale = inverseSqrt(total(own_squares, lane) / f32(D_MLP) + EPS);
    for (var m4 = lane; m4 < M4; m4 += LANES) {
        hidden[first_out + m4] = (hidden[first_out + m4] - mean) * scale * weight[m4] + bias[m4];
    }
}
