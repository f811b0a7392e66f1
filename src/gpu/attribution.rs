//! Steps `attribution`: what adds to the logit of the next token. Shader: shaders/attribution.wgsl.

use super::attention;
use super::kernel::{Constants, Site, Source, Step, covering};
use super::tensor::Tensor;
use crate::model::{MatrixId, ModelConfig, Shapes, VectorId};

const WGSL: &str = include_str!("../../shaders/attribution.wgsl");
const DIRECTIONS: Source = Source { stem: "attribution", wgsl: WGSL, entry: "directions" };
const OF_STREAMS: Source = Source { stem: "attribution", wgsl: WGSL, entry: "of_streams" };
const OF_HEADS: Source = Source { stem: "attribution", wgsl: WGSL, entry: "of_heads" };

/// Columns of the result: the embedding, every head, the biases, the logit itself.
pub(super) fn columns(config: &ModelConfig) -> usize {
    1 + config.total_heads() + 2
}

/// All of it, into `attribution [rows, columns]`. Directions are kept in `scratch.x`.
pub(super) fn steps(site: Site, attribution: &Tensor) -> Vec<Step> {
    let mut steps = vec![directions(site), of_streams(site, attribution)];
    for layer in 0..site.config.n_layers {
        // Makes the layer's z again.
        steps.push(attention::step(site, layer));
        steps.push(of_heads(site, layer, attribution));
    }
    steps
}

/// `scratch.x [rows, D]`: the column of W_U of each row's next token.
pub(super) fn directions(site: Site) -> Step {
    let Site { gpu, kernels, config, weights, scratch, run } = site;
    let unembed = weights.matrix(MatrixId::Unembed);
    let d4 = Shapes::of(config).d_model / 4;
    let [f16, n8, _] = unembed.constants();
    let own = own_constants(config, 0);
    let constants: Vec<_> = own.into_iter().chain([f16, n8]).collect();
    kernels.get(DIRECTIONS, &constants as Constants).step(
        gpu,
        &[
            &[(0, scratch.dims.binding()), (1, run.tokens.binding()), (6, scratch.x.binding())],
            &[(0, unembed.tensor.binding())],
        ],
        move |dims| [covering(dims.rows as usize * d4, 64), 1, 1],
    )
}

/// The columns that are no head's.
pub(super) fn of_streams(site: Site, attribution: &Tensor) -> Step {
    let Site { gpu, kernels, config, weights, scratch, run } = site;
    kernels.get(OF_STREAMS, &own_constants(config, 0)).step(
        gpu,
        &[
            &[
                (0, scratch.dims.binding()),
                (1, run.tokens.binding()),
                (2, weights.vector(VectorId::UnembedBias).binding()),
                (3, run.resid[0].binding()),
                (4, run.resid[config.n_layers].binding()),
                (7, attribution.binding()),
            ],
            &[(1, scratch.x.binding())],
        ],
        |dims| [covering(dims.rows as usize, 64), 1, 1],
    )
}

/// The columns of a layer's heads, from `scratch.z`, and its share of the biases'.
pub(super) fn of_heads(site: Site, layer: usize, attribution: &Tensor) -> Step {
    let Site { gpu, kernels, config, weights, scratch, .. } = site;
    let output = weights.matrix(MatrixId::Output(layer));
    let [f16, n8, _] = output.constants();
    let own = own_constants(config, layer);
    let constants: Vec<_> = own.into_iter().chain([f16, n8]).collect();
    let parts = config.n_heads + 1;
    kernels.get(OF_HEADS, &constants as Constants).step(
        gpu,
        &[
            &[
                (0, scratch.dims.binding()),
                (2, weights.vector(VectorId::OutputBias(layer)).binding()),
                (5, scratch.z.binding()),
                (7, attribution.binding()),
            ],
            &[(0, output.tensor.binding()), (1, scratch.x.binding())],
        ],
        move |dims| [covering(dims.rows as usize * parts, 64), 1, 1],
    )
}

fn own_constants(config: &ModelConfig, layer: usize) -> [(&'static str, f64); 5] {
    let shapes = Shapes::of(config);
    [
        ("H", config.n_heads as f64),
        ("C", shapes.d_head as f64),
        ("D4", (shapes.d_model / 4) as f64),
        ("COLUMNS", columns(config) as f64),
        ("FIRST_HEAD", (1 + layer * config.n_heads) as f64),
    ]
}
