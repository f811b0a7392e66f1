// attention.wgsl: every head of one layer, in one pass over the keys. The pattern itself is never stored.
//
//   score[q, k] = dot(query[q], key[k]) * SCALE                      for k <= q and q - k < WINDOW
//   A[q, k]     = exp(score[q, k] - m) / sum over k of exp(score[q, k] - m),   m the row's largest score
//   z[q]        = sum over k of A[q, k] * value[k]
//
// m, the sum, z and the detectors' sums are kept running: when a tile of keys raises m, the sums so far are
// scaled by exp(old m - new m) (Milakov and Gimelshein 2018, Dao et al. 2022).
//
//   binding  name    type      shape          access
//   0.0      dims    Dims                     uniform
//   0.1      tokens  u32       [rows]         read
//   0.2      z       f32       [rows, H * C]  write, and read: sums so far
//   0.3      stats   RowStats  [rows, H]      write
//   1.2      qkv     f32       [rows, QKV]    read
//
// One workgroup takes 16 queries of one head of one sequence, and 64 keys at a time.
// CPU twin: src/cpu/attention.rs.

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read_write> z: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> stats: array<RowStats>;

const QUERIES = 16u;
const QUADS = QUERIES / 4;
const KEYS = 64u;
const LANES = 64u;
const LANES_PER_QUERY = LANES / QUERIES;
// Neuronpedia's induction score counts a weight from here on. The same as LARGE_WEIGHT in
// src/model/row_stats.rs.
const LARGE_WEIGHT = 0.01;

// [key, query]: the tile's scores, then exp(score - m). Four lanes write the weights of one key and four
// queries. The elements are numbers: a write to one component of a vector may touch the whole vector
// (gpuweb issue 2112).
var<workgroup> tile: array<f32, KEYS * QUERIES>;
var<workgroup> key_token: array<u32, KEYS>;
var<workgroup> token_before_key: array<u32, KEYS>;
// Each lane's largest score, then its sum of large weights.
var<workgroup> lane_max: array<f32, LANES>;
// exp(old m - new m) of each query, then 1 / sum.
var<workgroup> rescale: array<f32, QUERIES>;
// Sum, induction sum and duplicate sum of each lane.
var<workgroup> lane_sums: array<vec3f, LANES>;
// Scores of the detectors' candidate keys: the query's own, the one before it, the first.
var<workgroup> own_score: array<f32, QUERIES>;
var<workgroup> previous_score: array<f32, QUERIES>;
var<workgroup> first_score: array<f32, QUERIES>;

// Where the queries of each quad start in qkv.
fn quads_at(sequence: u32, first_query: u32, last_query: u32, head: u32) -> array<vec4u, QUADS> {
    let first = vec4u(first_query) + vec4u(0, 1, 2, 3);
    let last = vec4u(last_query);
    return array(
        queries_at(sequence + min(first, last), head),
        queries_at(sequence + min(first + 4, last), head),
        queries_at(sequence + min(first + 8, last), head),
        queries_at(sequence + min(first + 12, last), head),
    );
}

// Keeps the scores of a key and a quad's queries, and those of the candidates among them.
fn keep_scores(quad: u32, products: vec4f, first_query: u32, key: u32, lane: u32) {
    let queries = vec4u(first_query + 4 * quad) + vec4u(0, 1, 2, 3);
    let scores = select(vec4f(LOWEST), scores_of(products), four_see(queries, key));
    for (var q = 0u; q < 4; q++) {
        tile[lane * QUERIES + 4 * quad + q] = scores[q];
        if key == 0 {
            first_score[4 * quad + q] = scores[q];
        }
        if key == queries[q] {
            own_score[4 * quad + q] = scores[q];
        }
        if key + 1 == queries[q] {
            previous_score[4 * quad + q] = scores[q];
        }
    }
}

// Four numbers of a key's value, by the weights of a quad's queries. A key after the last one has no weight.
fn of_weights(k: u32, quad: u32, keys: u32, value: vec4f) -> mat4x4f {
    let four = min(k, keys - 1) * QUERIES + 4 * quad;
    let all = vec4f(tile[four], tile[four + 1], tile[four + 2], tile[four + 3]);
    let weight = select(vec4f(), all, k < keys);
    return mat4x4f(weight.x * value, weight.y * value, weight.z * value, weight.w * value);
}

@compute @workgroup_size(LANES)
fn attention(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let head = group.y;
    let sequence = group.z * dims.seq;
    let first_query = dims.first_row + group.x * QUERIES;
    // A part of a long run ends before its sequence does.
    let last_query = min(first_query + QUERIES, min(dims.seq, dims.rows)) - 1;

    // The query that this lane sums up, together with its LANES_PER_QUERY - 1 neighbours.
    let own = lane / LANES_PER_QUERY;
    let own_query = first_query + own;
    let own_token = tokens[sequence + min(own_query, last_query)];
    var running_max = LOWEST;
    var sums = vec3f();

    // No query of the workgroup sees a key before this one.
    let start = first_key_of(first_query);
    for (var first_key = start; first_key <= last_query; first_key += KEYS) {
        let keys = min(KEYS, last_query - first_key + 1);

        // Scores: this lane's key against all queries.
        let key = first_key + lane;
        if lane < keys {
            let own_key = key_at(sequence + key, head);
            let quads = quads_at(sequence, first_query, last_query, head);
            // Each number of the key is read once for all queries.
            var products = mat4x4f();
            for (var c4 = 0u; c4 < C4; c4++) {
                let of_key = qkv[own_key + c4];
                products += mat4x4f(
                    products_of_four(quads[0] + c4, of_key),
                    products_of_four(quads[1] + c4, of_key),
                    products_of_four(quads[2] + c4, of_key),
                    products_of_four(quads[3] + c4, of_key),
                );
            }
            keep_scores(0, products[0], first_query, key, lane);
            keep_scores(1, products[1], first_query, key, lane);
            keep_scores(2, products[2], first_query, key, lane);
            keep_scores(3, products[3], first_query, key, lane);
            key_token[lane] = tokens[sequence + key];
            // No token is before key 0. The sums below leave key 0 out.
            token_before_key[lane] = tokens[sequence + max(key, 1u) - 1];
        }
        workgroupBarrier();

        // The running maximum of this lane's query.
        var tile_max = LOWEST;
        for (var k = lane % LANES_PER_QUERY; k < keys; k += LANES_PER_QUERY) {
            tile_max = max(tile_max, tile[k * QUERIES + own]);
        }
        lane_max[lane] = tile_max;
        workgroupBarrier();
        var new_max = running_max;
        for (var other = 0u; other < LANES_PER_QUERY; other++) {
            new_max = max(new_max, lane_max[own * LANES_PER_QUERY + other]);
        }

        // Weights relative to it, and their sums.
        let scale = exp(running_max - new_max);
        running_max = new_max;
        sums *= scale;
        for (var k = lane % LANES_PER_QUERY; k < keys; k += LANES_PER_QUERY) {
            let weight = exp(tile[k * QUERIES + own] - new_max);
            tile[k * QUERIES + own] = weight;
            let here = first_key + k;
            let induction = here > 0 && here <= own_query && token_before_key[k] == own_token;
            let duplicate = here < own_query && key_token[k] == own_token;
            sums += weight * vec3f(1.0, f32(induction), f32(duplicate));
        }
        if lane % LANES_PER_QUERY == 0 {
            rescale[own] = scale;
        }
        workgroupBarrier();

        // z of four queries and four of the head's numbers at a time.
        for (var item = lane; item < QUADS * C4; item += LANES) {
            let quad = item / C4;
            let c4 = item % C4;
            var mixed = mat4x4f();
            // Four values at a time are on their way.
            for (var k = 0u; k < keys; k += 4) {
                let last = keys - 1;
                let value0 = qkv[value_at(sequence + first_key + k, head) + c4];
                let value1 = qkv[value_at(sequence + first_key + min(k + 1, last), head) + c4];
                let value2 = qkv[value_at(sequence + first_key + min(k + 2, last), head) + c4];
                let value3 = qkv[value_at(sequence + first_key + min(k + 3, last), head) + c4];
                mixed += of_weights(k, quad, keys, value0);
                mixed += of_weights(k + 1, quad, keys, value1);
                mixed += of_weights(k + 2, quad, keys, value2);
                mixed += of_weights(k + 3, quad, keys, value3);
            }
            for (var q = 0u; q < 4; q++) {
                let query = first_query + 4 * quad + q;
                if query <= last_query {
                    let at = z_at(sequence + query, head) + c4;
                    z[at] = select(z[at] * rescale[4 * quad + q], vec4f(), first_key == start) + mixed[q];
                }
            }
        }
        workgroupBarrier();
    }

    // The whole sums of this lane's query.
    lane_sums[lane] = sums;
    workgroupBarrier();
    var all = vec3f();
    for (var other = 0u; other < LANES_PER_QUERY; other++) {
        all += lane_sums[own * LANES_PER_QUERY + other];
    }
    let inverse = 1.0 / all.x;

    // Large weights on the keys after earlier occurrences. Only now it is known which are large.
    var large = 0.0;
    let end = select(0u, own_query + 1, own_query <= last_query);
    let start_after = max(first_key_of(own_query), 1u);
    for (var key = start_after + lane % LANES_PER_QUERY; key < end; key += LANES_PER_QUERY) {
        if tokens[sequence + key - 1] == own_token {
            let of_key = score(query_at(sequence + own_query, head), key_at(sequence + key, head));
            let weight = exp(of_key - running_max) * inverse;
            large += select(0.0, weight, weight >= LARGE_WEIGHT);
        }
    }
    lane_max[lane] = large;
    workgroupBarrier();

    // Write the statistics.
    if lane % LANES_PER_QUERY == 0 {
        rescale[own] = inverse;
        var all_large = 0.0;
        for (var other = 0u; other < LANES_PER_QUERY; other++) {
            all_large += lane_max[lane + other];
        }
        if own_query <= last_query {
            // The score of a key that the query does not see was not written.
            var first = 0.0;
            if sees(own_query, 0u) {
                first = exp(first_score[own] - running_max) * inverse;
            }
            var previous = select(0.0, first, own_query == 0);
            if own_query > 0 && sees(own_query, own_query - 1) {
                previous = exp(previous_score[own] - running_max) * inverse;
            }
            let current = exp(own_score[own] - running_max) * inverse;
            let induction = all.y * inverse;
            let duplicate = all.z * inverse;
            stats[(sequence + own_query) * H + head] = RowStats(
                inverse, current, previous, first, induction, duplicate, all_large, running_max, all.x,
            );
        }
    }
    workgroupBarrier();
    for (var item = lane; item < QUADS * C4; item += LANES) {
        let quad = item / C4;
        for (var q = 0u; q < 4; q++) {
            let query = first_query + 4 * quad + q;
            if query <= last_query {
                let at = z_at(sequence + query, head) + item % C4;
                z[at] *= rescale[4 * quad + q];
            }
        }
    }
}
