// timing.wgsl: what an adapter can do at most. For the bench; no part of the forward pass.
//
//   binding  name     type   shape  access
//   0.0      source   vec4f  [n]    read
//   0.1      copied   vec4f  [n]    write

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4f>;

// 1024 rounds of eight fused multiplications and additions, in four independent chains.
@compute @workgroup_size(256)
fn multiply_add(@builtin(global_invocation_id) id: vec3u) {
    let factor = vec4f(0.999);
    let addend = source[id.x % arrayLength(&source)];
    var a = vec4f(f32(id.x));
    var b = a + 1;
    var c = a + 2;
    var d = a + 3;
    for (var round = 0u; round < 1024; round++) {
        a = fma(a, factor, addend);
        b = fma(b, factor, addend);
        c = fma(c, factor, addend);
        d = fma(d, factor, addend);
        a = fma(a, factor, addend);
        b = fma(b, factor, addend);
        c = fma(c, factor, addend);
        d = fma(d, factor, addend);
    }
    copied[id.x % arrayLength(&copied)] = a + b + c + d;
}

@compute @workgroup_size(256)
fn copy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    for (var at = id.x; at < arrayLength(&source); at += 256 * groups.x) {
        copied[at] = source[at];
    }
}
