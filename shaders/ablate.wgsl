// ablate.wgsl: ablates heads of one layer, between attention and its output, or the layer's MLP, after it.
//
//   z[row, head] = 0                                          a head whose mode is ZERO
//   z[row, head] = mean of z over the batch at the position   a head whose mode is MEAN
//
//   resid[row] = mid[row]                                     an MLP whose output is replaced by 0
//   resid[row] = mid[row] + mean of resid - mid over the batch at the position      by its mean
//
// resid is the stream after the MLP and mid the stream before it: resid - mid is the MLP's output.
//
//   binding  name   type  shape          access
//   0.0      dims   Dims                 uniform
//   0.1      modes  u32   [H]            read
//   0.2      z      f32   [rows, H * C]  read and write
//   0.3      mid    f32   [rows, D]      read
//   0.4      resid  f32   [rows, D]      read and write
//
// A mode is a `HeadMode` of src/model/ablation.rs. One invocation of either entry point makes four numbers
// at one new position, of every sequence. CPU twin: src/cpu/ablate.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> modes: array<u32>;
@group(0) @binding(2) var<storage, read_write> z: array<vec4f>;
@group(0) @binding(3) var<storage, read> mid: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> resid: array<vec4f>;

override D4: u32 = 1;
// Whether the mean replaces an MLP's output. Otherwise 0 does.
override MEAN_OF_MLP: bool = false;

const KEPT = 0u;
const MEAN = 2u;

@compute @workgroup_size(64)
fn ablate(@builtin(global_invocation_id) id: vec3u) {
    let z4 = H * C4;
    let at = dims.first_row * z4 + id.x;
    let position = at / z4;
    let mode = modes[at % z4 / C4];
    if position >= dims.seq || mode == KEPT {
        return;
    }
    let stride = dims.seq * z4;
    var value = vec4f();
    if mode == MEAN {
        for (var sequence = 0u; sequence < dims.batch; sequence++) {
            value += z[sequence * stride + at];
        }
        value /= f32(dims.batch);
    }
    for (var sequence = 0u; sequence < dims.batch; sequence++) {
        z[sequence * stride + at] = value;
    }
}

@compute @workgroup_size(64)
fn ablate_mlp(@builtin(global_invocation_id) id: vec3u) {
    let stride = dims.seq * D4;
    let first = dims.first_row * D4 + id.x;
    if first >= stride {
        return;
    }
    var output = vec4f();
    if MEAN_OF_MLP {
        for (var sequence = 0u; sequence < dims.batch; sequence++) {
            let at = sequence * stride + first;
            output += resid[at] - mid[at];
        }
        output /= f32(dims.batch);
    }
    for (var sequence = 0u; sequence < dims.batch; sequence++) {
        let at = sequence * stride + first;
        resid[at] = mid[at] + output;
    }
}
