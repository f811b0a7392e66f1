//! The kernels that work on the residual stream.

use headscope::cpu::embed::{Embedding, embed};
use headscope::cpu::linear::{Positioned, linear};
use headscope::cpu::norm::norm;
use headscope::cpu::position::position;
use headscope::model::{ModelConfig, Normalization, Shapes};

use super::{CONFIG, at_every_size, check_rows, untouched};

#[test]
fn embed_adds_standard_positions() {
    let shapes = Shapes::of(&CONFIG);
    at_every_size(|bench, what| {
        let width = shapes.d_model;
        let (table, values) = bench.matrix((7, width), (7, CONFIG.d_model));
        let (positions, position_values) = bench.matrix((130, width), (130, CONFIG.d_model));
        let tokens = bench.tokens();
        let seq = bench.dims.seq as usize;
        // The same numbers, column by column, as a tied unembedding holds them.
        let (tied, tied_values) = bench.matrix((width, 8), (CONFIG.d_model, 7));
        for positions in [None, Some(&positions)] {
            for (embedding, is_tied) in [(Embedding::Rows(&table), false), (Embedding::Columns(&tied), true)]
            {
                let mut found = untouched(tokens.len() * width);
                embed(&bench.dims, &tokens, embedding, positions, &mut found);
                check_rows(&format!("{what}embed"), bench, width, &found, |row, m| {
                    let position = f64::from(position_values[row % seq * width + m]);
                    let token = tokens[row] as usize;
                    let number = if is_tied { tied_values[m * 8 + token] } else { values[token * width + m] };
                    f64::from(number) + positions.map_or(0.0, |_| position)
                });
            }
        }
    });
}

#[test]
fn norm_keeps_padding_zero() {
    for normalization in [Normalization::Ln, Normalization::Rms] {
        let config = &ModelConfig { normalization: Some(normalization), ..CONFIG };
        let width = Shapes::of(config).d_model;
        at_every_size(|bench, what| {
            let rows = bench.dims.rows as usize;
            let resid: Vec<f32> = bench.rows(rows, width, CONFIG.d_model, 0.0);
            // Far from 0, where a variance from the mean of squares would be lost.
            let resid: Vec<f32> =
                resid.iter().map(|&value| if value == 0.0 { 0.0 } else { value + 100.0 }).collect();
            let weight = bench.rows(1, width, CONFIG.d_model, 0.0);
            let bias = bench.rows(1, width, CONFIG.d_model, 0.0);
            let mut found = untouched(rows * width);
            norm(&bench.dims, config, &resid, &weight, &bias, &mut found);
            check_rows(&format!("{what}norm"), bench, width, &found, |row, m| {
                let real = &resid[row * width..][..CONFIG.d_model];
                let n = real.len() as f64;
                let mean = real.iter().map(|&value| f64::from(value)).sum::<f64>() / n;
                let mean = if normalization.centres() { mean } else { 0.0 };
                let variance = real.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / n;
                let normalized = (f64::from(resid[row * width + m]) - mean) / (variance + 1e-5).sqrt();
                normalized * f64::from(weight[m]) + f64::from(bias[m])
            });
        });
    }
}

#[test]
fn position_adds_the_positions_of_each_sequence() {
    let width = Shapes::of(&CONFIG).d_model;
    at_every_size(|bench, what| {
        let (rows, seq) = (bench.dims.rows as usize, bench.dims.seq as usize);
        let x = bench.rows(rows, width, CONFIG.d_model, 0.0);
        let (table, pos) = bench.matrix((130, width), (130, CONFIG.d_model));
        let mut found = untouched(rows * width);
        position(&bench.dims, &x, &table, &mut found);
        check_rows(&format!("{what}position"), bench, width, &found, |row, m| {
            f64::from(x[row * width + m]) + f64::from(pos[row % seq * width + m])
        });
    });
}

#[test]
fn linear_adds_bias_and_residual_and_reads_its_input_by_columns() {
    let shapes = Shapes::of(&CONFIG);
    let (depth, width) = (shapes.d_model, shapes.qkv);
    at_every_size(|bench, what| {
        let rows = bench.dims.rows as usize;
        let x = bench.rows(rows, depth, CONFIG.d_model, 0.0);
        let (weight, w) = bench.matrix((depth, width), (CONFIG.d_model, 3 * shapes.z));
        let x_pos = bench.rows(rows, depth, CONFIG.d_model, 0.0);
        let bias = bench.rows(1, width, 3 * shapes.z, 0.0);
        let residual = bench.rows(rows, width, 3 * shapes.z, 0.0);
        for (columns, with_bias) in [(0, true), (2 * shapes.z, true), (0, false)] {
            let positioned = (columns > 0).then_some(Positioned { x_pos: &x_pos, columns });
            let residual = (columns == 0).then_some(&residual[..]);
            let bias = with_bias.then_some(&bias[..]);
            let mut found = untouched(rows * width);
            linear(&bench.dims, &x, positioned, &weight, bias, residual, &mut found);
            check_rows(&format!("{what}linear"), bench, width, &found, |row, n| {
                let mut sum = bias.map_or(0.0, |it| f64::from(it[n]));
                sum += residual.map_or(0.0, |it| f64::from(it[row * width + n]));
                let input = if n < columns { &x_pos } else { &x };
                for k in 0..depth {
                    sum += f64::from(input[row * depth + k]) * f64::from(w[k * width + n]);
                }
                sum
            });
        }
    });
}
