//! Matrices that are larger than a binding: the kernels that loop over shards, against their twins.

use super::experiments::{check_attribution, check_copying, check_value_norms};
use super::figures::check_logits;
use super::forward::{check_embed, check_linear, check_log_probs};
use super::*;
use crate::gpu::matrix::Matrix;
use crate::model::SHARE_TILES;

/// With 1200 ids the 150 column tiles of W_U are three shares, and in f32 one share fits in a shard.
const SHARD_OF_WIDE: u64 = 150_000;

/// With 20 ids W_U fits in a shard, and the matrices of a layer do not.
const SHARD_OF_NARROW: u64 = 7_000;

#[test]
fn the_vocabulary_in_shards_agrees() {
    for tied_unembedding in [false, true] {
        let config = ModelConfig { d_vocab: 1200, tied_unembedding, ..CONFIG };
        in_shards(SHARD_OF_WIDE, &config, |bench, what| {
            let unembed = bench.weights.matrix(MatrixId::Unembed);
            assert!(unembed.shards.len() > 1, "{what}");
            assert!(unembed.shards.iter().all(|it| it.first_tile.is_multiple_of(SHARE_TILES)), "{what}");
            check_embed(bench, what);
            check_log_probs(bench, what);
            check_logits(bench, what);
            check_attribution(bench, what);
            check_copying(bench, what);
        });
    }
}

#[test]
fn the_matrices_of_a_layer_in_shards_agree() {
    in_shards(SHARD_OF_NARROW, &ModelConfig { d_vocab: 20, ..CONFIG }, |bench, what| {
        if bench.weights.matrix(MatrixId::Output(0)).dtype == WeightDtype::F32 {
            assert!(bench.weights.matrix(MatrixId::Output(0)).shards.len() > 1, "{what}");
        }
        assert!(bench.weights.matrix(MatrixId::Qkv(0)).shards.len() > 1, "{what}");
        check_linear(bench, what);
        check_attribution(bench, what);
        check_value_norms(bench, what);
    });
}

#[test]
fn a_matrix_in_shards_is_read_back_as_it_was_written() {
    let gpu = Rc::new(pollster::block_on(Gpu::open()).expect("an adapter").with_shards_of(1000));
    let values: Vec<f32> = (0..12 * 40).map(|number| number as f32).collect();
    let matrix = Matrix::new(&gpu, "matrix", [12, 40], WeightDtype::F32, 1).expect("room");
    assert_eq!(
        matrix.shards.iter().map(|it| (it.first_tile, it.tiles)).collect::<Vec<_>>(),
        [(0, 2), (2, 2), (4, 1)]
    );
    let (first, second) = values.split_at(5 * 40);
    matrix.write(&Block::of_rows(0..5, 40), bytemuck::cast_slice(first));
    matrix.write(&Block::of_rows(5..12, 40), bytemuck::cast_slice(second));
    assert_eq!(pollster::block_on(matrix.read(&gpu)).expect("numbers"), values);

    // A block of the first shard's last columns, the whole second one, and the last.
    let matrix = Matrix::new(&gpu, "matrix", [12, 40], WeightDtype::F32, 1).expect("room");
    for columns in [0..8, 8..40] {
        let rows = values.chunks_exact(40).flat_map(|row| &row[columns.clone()]);
        let part: Vec<f32> = rows.copied().collect();
        matrix.write(&Block { rows: 0..12, columns }, bytemuck::cast_slice(&part));
    }
    assert_eq!(pollster::block_on(matrix.read(&gpu)).expect("numbers"), values);

    let refused = Matrix::new(&gpu, "matrix", [12, 40], WeightDtype::F32, 4).expect_err("no room");
    let text = refused.to_string();
    assert_eq!(refused.code(), "GpuLimit");
    assert!(text.contains("matrix `matrix` needs 1536 bytes") && text.contains("is 1000"), "{text}");
}
