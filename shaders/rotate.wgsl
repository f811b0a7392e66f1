// rotate.wgsl: turns queries and keys by their positions, in place.
//
//   (a, b) of pair i at position p  becomes  (a cos - b sin, b cos + a sin),  the angle p * base^(-i / PAIRS)
//
//   binding  name       type  shape                   access
//   0.0      dims       Dims                          uniform
//   0.1      rotations  f32   [seq, 2 * PAIRS]        read: the cosines of all pairs, then their sines
//   0.2      turned     f32   [rows, QKV]             read and write
//
// a is number i and b number i + PAIRS of a query or key, or with ADJACENT they are numbers 2 i and 2 i + 1.
// One invocation turns one pair of one query or key. CPU twin: src/cpu/rotate.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> rotations: array<f32>;
@group(0) @binding(2) var<storage, read_write> turned: array<f32>;

// Pairs of a query or key.
override PAIRS: u32;
// H + G: queries and keys of a row.
override PARTS: u32;
override ADJACENT: bool;

@compute @workgroup_size(64)
fn rotate(@builtin(global_invocation_id) id: vec3u) {
    let pair = id.x % PAIRS;
    let part = id.x / PAIRS;
    let row = dims.first_row + id.y;
    if part >= PARTS || row >= dims.rows {
        return;
    }
    let angle = row % dims.seq * 2 * PAIRS + pair;
    let cosine = rotations[angle];
    let sine = rotations[angle + PAIRS];
    var first = 4 * part_at(row, part) + pair;
    var second = first + PAIRS;
    if ADJACENT {
        first += pair;
        second = first + 1;
    }
    let a = turned[first];
    let b = turned[second];
    turned[first] = a * cosine - b * sine;
    turned[second] = b * cosine + a * sine;
}
