//! The kernels that work on the vocabulary: log-probabilities and logits.

use headscope::cpu::log_probs::log_probs;
use headscope::cpu::logits::logits;
use headscope::model::{PADDING_BIAS, Shapes};

use super::{CONFIG, at_every_size, check_rows, untouched};
use crate::support::assert_close;

#[test]
fn log_probs_and_logits_follow_the_vocabulary_across_blocks() {
    let Shapes { d_model: depth, d_vocab: width, .. } = Shapes::of(&CONFIG);
    at_every_size(|bench, what| {
        let (rows, seq) = (bench.dims.rows as usize, bench.dims.seq as usize);
        let x = bench.rows(rows, depth, CONFIG.d_model, 0.0);
        let (unembed, w) = bench.matrix((depth, width), (CONFIG.d_model, CONFIG.d_vocab));
        let bias = bench.rows(1, width, CONFIG.d_vocab, PADDING_BIAS);
        let tokens: Vec<u32> = (0..rows).map(|row| (row * 397 % CONFIG.d_vocab) as u32).collect();
        let mut found = untouched(2 * rows);
        log_probs(&bench.dims, 0, &tokens, &x, &unembed, &bias, &mut found);

        let naive = |row: usize| -> Vec<f64> {
            let logit = |n: usize| {
                let products =
                    (0..depth).map(|k| f64::from(x[row * depth + k]) * f64::from(w[k * width + n]));
                products.sum::<f64>() + f64::from(bias[n])
            };
            (0..CONFIG.d_vocab).map(logit).collect()
        };
        check_rows(&format!("{what}log_probs"), bench, 2, &found, |row, column| {
            if (row + 1).is_multiple_of(seq) {
                return 0.0;
            }
            let logits = naive(row);
            let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let logit = [logits[tokens[row + 1] as usize], largest][column];
            logit - logits.iter().map(|logit| logit.exp()).sum::<f64>().ln()
        });

        let last = rows - 1;
        let found = logits(&x[last * depth..][..depth], &unembed, &bias);
        let expected: Vec<f32> = naive(last).iter().map(|&logit| logit as f32).collect();
        let real = &found[..CONFIG.d_vocab];
        assert_close(&format!("{what}logits"), &[CONFIG.d_vocab], real, &expected, 1e-5);
        assert!(found[CONFIG.d_vocab..].iter().all(|&padding| padding < -1e29), "{what}padding of logits");
    });
}
