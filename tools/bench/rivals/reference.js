// The forward pass in float64, in plain loops: every program's figures are compared with these.
// Definitions: docs/definitions.md.

/**
 * @typedef {import('./safetensors.js').Weights} Weights
 * @typedef {import('./safetensors.js').Weight} Weight
 *
 * @typedef {object} Pass of one sequence
 * @property {Float64Array} stream after the last layer, `[seq, d_model]`
 * @property {Float64Array[]} patterns of every head, those of layer 0 first, `[query_pos, key_pos]`
 */

/**
 * `rows * weight + bias`, `[row, column]`.
 * @param {Float64Array} rows @param {Weight} weight @param {Weight} bias
 */
function product(rows, { shape: [inner, columns], values }, bias) {
  const count = rows.length / inner;
  const made = new Float64Array(count * columns);
  for (let row = 0; row < count; row++) {
    const into = made.subarray(row * columns, (row + 1) * columns);
    into.set(bias.values);
    for (let at = 0; at < inner; at++) {
      const factor = rows[row * inner + at];
      const from = at * columns;
      for (let column = 0; column < columns; column++) into[column] += factor * values[from + column];
    }
  }
  return made;
}

/**
 * @param {Weights} weights @param {Record<string, any>} config @param {number[]} ids
 * @param {number} [ablated] a head, counted over all layers; its z is 0
 * @returns {Pass}
 */
export function forward(weights, { n_heads, d_model, d_head }, ids, ablated = -1) {
  const seq = ids.length;
  const width = n_heads * d_head;
  const { embed, positions, layers } = weights;
  const stream = Float64Array.from(
    { length: seq * d_model },
    (_, at) => embed.values[ids[Math.floor(at / d_model)] * d_model + (at % d_model)],
  );
  /** @type {Float64Array[]} */ const patterns = [];
  for (const layer of layers) {
    const placed = stream.map((value, at) => value + positions.values[at]);
    const qk = product(placed, layer.qk, layer.biasQk);
    const values = product(stream, layer.v, layer.biasV);
    const z = new Float64Array(seq * width);
    for (let head = 0; head < n_heads; head++) {
      const kept = patterns.length !== ablated;
      const pattern = patternOf(qk, seq, head * d_head, width, d_head);
      patterns.push(pattern);
      for (let query = 0; kept && query < seq; query++)
        for (let key = 0; key <= query; key++) {
          const weight = pattern[query * seq + key];
          for (let at = head * d_head; at < (head + 1) * d_head; at++)
            z[query * width + at] += weight * values[key * width + at];
        }
    }
    const written = product(z, layer.o, layer.biasO);
    for (let at = 0; at < stream.length; at++) stream[at] += written[at];
  }
  return { stream, patterns };
}

/**
 * A head's pattern.
 * @param {Float64Array} qk @param {number} seq @param {number} start of the head's columns
 * @param {number} width columns of all queries @param {number} d_head
 */
function patternOf(qk, seq, start, width, d_head) {
  const pattern = new Float64Array(seq * seq);
  for (let query = 0; query < seq; query++) {
    const row = pattern.subarray(query * seq, query * seq + query + 1);
    for (let key = 0; key <= query; key++) {
      let sum = 0;
      for (let at = start; at < start + d_head; at++)
        sum += qk[query * 2 * width + at] * qk[key * 2 * width + width + at];
      row[key] = sum / Math.sqrt(d_head);
    }
    const most = row.reduce((largest, score) => Math.max(largest, score), Number.NEGATIVE_INFINITY);
    const total = row.reduce((sum, score) => sum + Math.exp(score - most), 0);
    for (let key = 0; key <= query; key++) row[key] = Math.exp(row[key] - most) / total;
  }
  return pattern;
}

/**
 * The log-probability of the next token at some positions.
 * @param {Weights} weights @param {Float64Array} stream `[seq, d_model]` @param {number[]} ids
 * @param {number[]} at positions, none the last
 */
export function logProbsAt({ unembed, biasU }, stream, ids, at) {
  const [d_model] = unembed.shape;
  return at.map((pos) => {
    const logits = product(stream.subarray(pos * d_model, (pos + 1) * d_model), unembed, biasU);
    const most = logits.reduce((largest, logit) => Math.max(largest, logit), Number.NEGATIVE_INFINITY);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    return logits[ids[pos + 1]] - most - Math.log(sum);
  });
}

/**
 * Mean weight of a pattern on the token `distance` before; with `null` on the first token. Rows without
 * such a token do not count.
 * @param {Float64Array} pattern @param {number | null} distance
 */
export function meanWeight(pattern, distance) {
  const seq = Math.sqrt(pattern.length);
  let sum = 0;
  for (let query = distance ?? 0; query < seq; query++)
    sum += pattern[query * seq + (distance === null ? 0 : query - distance)];
  return sum / (seq - (distance ?? 0));
}
