// ablate.wgsl: ablates heads of one layer, between attention and its output.
//
//   z[row, head] = 0                                          a head whose mode is ZERO
//   z[row, head] = mean of z over the batch at the position   a head whose mode is MEAN
//
//   binding  name   type  shape          access
//   0.0      dims   Dims                 uniform
//   0.1      modes  u32   [H]            read
//   0.2      z      f32   [rows, H * C]  read and write
//
// A mode is a `HeadMode` of src/model/ablation.rs. One invocation makes four numbers of a head at one
// position, of every sequence. CPU twin: src/cpu/ablate.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> modes: array<u32>;
@group(0) @binding(2) var<storage, read_write> z: array<vec4f>;

const KEPT = 0u;
const MEAN = 2u;

@compute @workgroup_size(64)
fn ablate(@builtin(global_invocation_id) id: vec3u) {
    let z4 = H * C4;
    let position = id.x / z4;
    let mode = modes[id.x % z4 / C4];
    if position >= dims.seq || mode == KEPT {
        return;
    }
    let stride = dims.seq * z4;
    var value = vec4f();
    if mode == MEAN {
        for (var sequence = 0u; sequence < dims.batch; sequence++) {
            value += z[sequence * stride + id.x];
        }
        value /= f32(dims.batch);
    }
    for (var sequence = 0u; sequence < dims.batch; sequence++) {
        z[sequence * stride + id.x] = value;
    }
}
