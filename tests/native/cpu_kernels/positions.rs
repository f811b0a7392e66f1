//! The kernels that change queries and keys in place.

use headscope::cpu::qk_norm::qk_norm;
use headscope::cpu::rotate::rotate;
use headscope::model::{Heads, ModelConfig, Pairing, PositionalEmbedding, Rotary, Shapes, rotations};

use super::{CONFIG, UNTOUCHED, at_every_size, check_rows};

/// q of four heads, k and v of two, each of 10 numbers in 12.
fn config() -> ModelConfig {
    ModelConfig { n_heads: 4, heads: Heads { n_key_value_heads: Some(2), ..Heads::PLAIN }, ..CONFIG }
}

/// Random q, k and v, with padding. Rows that are known already are marked.
fn random_qkv(bench: &mut super::Bench) -> Vec<f32> {
    let Shapes { d_head, qkv: width, .. } = Shapes::of(&config());
    let mut qkv = bench.rows(bench.dims.rows as usize, width, width, 0.0);
    for (at, value) in qkv.iter_mut().enumerate() {
        if at / width < bench.dims.first_row as usize {
            *value = UNTOUCHED;
        } else if at % width % d_head >= CONFIG.d_head {
            *value = 0.0;
        }
    }
    qkv
}

#[test]
fn rotate_turns_pairs_of_queries_and_keys_and_nothing_else() {
    let Shapes { d_head, z, kv, qkv: width, .. } = Shapes::of(&config());
    for (dims, pairing) in
        [(10, Pairing::Half), (6, Pairing::Half), (10, Pairing::Adjacent), (4, Pairing::Adjacent)]
    {
        let rotary = Rotary { dims, base: 30.0, pairing };
        let config = ModelConfig { positional_embedding: PositionalEmbedding::Rotary(rotary), ..config() };
        at_every_size(|bench, what| {
            let seq = bench.dims.seq as usize;
            let before = random_qkv(bench);
            let mut found = before.clone();
            rotate(&bench.dims, &config, rotary, &rotations(rotary, 0..seq), &mut found);
            check_rows(&format!("{what}{rotary:?}"), bench, width, &found, |row, column| {
                let number = |column: usize| f64::from(before[row * width + column]);
                let c = column % d_head;
                if column >= z + kv || c >= dims {
                    return number(column);
                }
                let (pair, is_second, other) = match pairing {
                    Pairing::Half if c < dims / 2 => (c, false, column + dims / 2),
                    Pairing::Half => (c - dims / 2, true, column - dims / 2),
                    Pairing::Adjacent if c % 2 == 0 => (c / 2, false, column + 1),
                    Pairing::Adjacent => (c / 2, true, column - 1),
                };
                let frequency = 30.0_f64.powf(-2.0 * pair as f64 / dims as f64);
                let angle = (row % seq) as f64 * frequency;
                let sign = if is_second { 1.0 } else { -1.0 };
                number(column) * angle.cos() + sign * number(other) * angle.sin()
            });
        });
    }
}

#[test]
fn qk_norm_divides_each_query_and_key_by_its_own_size() {
    let config = config();
    let Shapes { d_head, z, kv, qkv: width, .. } = Shapes::of(&config);
    at_every_size(|bench, what| {
        let before = random_qkv(bench);
        let mut weight = bench.rows(2, d_head, CONFIG.d_head, 0.0);
        weight[0] = 1.5;
        let mut found = before.clone();
        qk_norm(&bench.dims, &config, &weight, &mut found);
        check_rows(&format!("{what}qk_norm"), bench, width, &found, |row, column| {
            let number = f64::from(before[row * width + column]);
            if column >= z + kv {
                return number;
            }
            let part = row * width + column / d_head * d_head;
            let squares = before[part..][..CONFIG.d_head].iter().map(|&it| f64::from(it).powi(2));
            let size = (squares.sum::<f64>() / CONFIG.d_head as f64 + CONFIG.eps).sqrt();
            let of_key = if column < z { 0 } else { d_head };
            number / size * f64::from(weight[of_key + column % d_head])
        });
    });
}
