//! The kernels of figures that are made on demand, and of offsets and thumbnails, against their twins.

use super::*;
use crate::gpu::pattern::{self, Selection};
use crate::gpu::tensor::Usage;
use crate::gpu::{logits, offsets, thumbnails};
use crate::model::{OFFSET_BLOCK, OFFSETS, padded_cells, thumbnail_side, unpadded};

#[test]
fn logits_agrees() {
    at_every_size(&CONFIG, check_logits);
}

/// Also called for matrices in shards.
pub fn check_logits(bench: &mut Bench, what: &str) {
    let width = bench.shapes.d_model;
    let resid = bench.rows(width, bench.config.d_model);
    bench.write(BufferId::Resid(1), &resid);
    let Bench { gpu, config, shapes, dims, twin, .. } = &*bench;
    let row = dims.rows as usize - 1;
    let (matrix, bias) = (twin.matrix(MatrixId::Unembed), twin.vector(VectorId::UnembedBias));
    let expected = cpu::logits::logits(&resid[row * width..], matrix, bias);
    let position = Tensor::word(gpu, "position", row as u32).expect("room");
    let out = Tensor::numbers(gpu, "logits", shapes.d_vocab).expect("room");
    let steps = logits::steps(bench.context(), &position, &out);
    let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bench.submit(&steps, dims, &out, 4 * config.d_vocab));
    let expected = &expected[..config.d_vocab];
    assert_close(&format!("logits, {what}"), &[config.d_vocab], &found, expected, 20.0 * tolerance::KERNEL);
}

#[test]
fn pattern_agrees() {
    kinds_of_heads().iter().for_each(|config| {
        at_every_run_size(config, |bench, what| {
            let (qkv, _, stats) = bench.attended();
            bench.write(BufferId::Stats(0), &stats);
            let Bench { gpu, config, dims, .. } = &*bench;
            let (seq, all) = (dims.seq as usize, Dims { first_row: 0, ..*dims });
            let mut expected = vec![0.0; seq * seq];
            for head in 1..3 {
                cpu::pattern::add_pattern(&all, config, (0, head), 0.25, &qkv, &stats, &mut expected);
            }
            let selection =
                Tensor::new(gpu, "selection", size_of::<Selection>(), Usage::Uniform).expect("room");
            // All queries but the first, so that a band's place counts; from the last two heads.
            let (first_query, queries) = (1.min(seq - 1), (seq - 1).max(1));
            let band = (first_query as u32, queries as u32);
            let heads = Selection {
                first_head: 1,
                heads: 2,
                accumulate: 0,
                share: 0.25,
                first_query: band.0,
                queries: band.1,
            };
            selection.write(0, bytemuck::bytes_of(&heads));
            let out = Tensor::numbers(gpu, "pattern", seq * seq).expect("room");
            let step = pattern::step(bench.context(), 0, &selection, queries, &out);
            let bytes = bench.submit(&[step], dims, &out, 4 * queries * seq);
            let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            let expected = &expected[first_query * seq..];
            assert_close(&format!("pattern, {what}"), &[queries, seq], &found, expected, tolerance::KERNEL);
        })
    });
}

#[test]
fn offsets_agrees() {
    kinds_of_heads().iter().for_each(|config| {
        at_every_run_size(config, |bench, what| {
            let (qkv, _, stats) = bench.attended();
            bench.write(BufferId::Stats(0), &stats);
            let Bench { config, dims, buffers, .. } = &*bench;
            let mut expected = vec![0.0; config.n_heads * OFFSETS];
            // The sums before the first new row are known.
            let mut sums = vec![0.0; 2 * (dims.seq as usize).div_ceil(OFFSET_BLOCK) * expected.len()];
            let all = Dims { first_row: 0, ..*dims };
            cpu::offsets::offsets(&all, (config, 0), &qkv, &stats, &mut sums, &mut expected);
            let known = 2 * (dims.first_row as usize / OFFSET_BLOCK) * expected.len();
            sums[known..].fill(7.0);
            bench.write(BufferId::OffsetSums(0), &sums);
            cpu::offsets::offsets(dims, (config, 0), &qkv, &stats, &mut sums, &mut expected);
            let steps = offsets::steps(bench.context(), 0);
            let from = buffers.get(BufferId::Offsets(0));
            let found: Vec<f32> =
                bytemuck::pod_collect_to_vec(&bench.submit(&steps, dims, from, 4 * expected.len()));
            let shape = [config.n_heads, OFFSETS];
            assert_close(&format!("offsets, {what}"), &shape, &found, &expected, tolerance::KERNEL);
        })
    });
}

#[test]
fn thumbnails_agrees() {
    kinds_of_heads().iter().for_each(|config| {
        at_every_run_size(config, |bench, what| {
            let (qkv, _, stats) = bench.attended();
            bench.write(BufferId::Stats(0), &stats);
            let Bench { gpu, config, dims, .. } = &*bench;
            let side = thumbnail_side(dims.seq as usize);
            let mut expected = vec![0; padded_cells(config.n_heads, dims.seq as usize)];
            let cells = Tensor::new(gpu, "thumbnails", expected.len(), Usage::Storage).expect("room");
            cpu::thumbnails::thumbnails(dims, (config, 0), &qkv, &stats, &mut expected);
            let step = thumbnails::step(bench.context(), 0, cells.binding());
            let found = bench.submit(&[step], dims, &cells, expected.len());
            let (found, expected) = (unpadded(&found, dims), unpadded(&expected, dims));
            assert_eq!((found.len(), expected.len()), (config.n_heads * side * side, found.len()), "{what}");
            for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
                let close = found.abs_diff(*expected) <= tolerance::THUMBNAIL;
                assert!(close, "thumbnails, {what}: cell {at} is {found}, expected {expected}");
            }
        })
    });
}
