//! Step `norm`: what attention and the unembedding read, from the residual stream. Shader: shaders/norm.wgsl.

use super::kernel::{Site, Source, Step};
use crate::model::{MatrixId, PositionalEmbedding, Shapes, VectorId};

const SOURCE: Source = Source { stem: "norm", wgsl: include_str!("../../shaders/norm.wgsl"), entry: "norm" };

/// Where the norm stands: before a layer's attention, or before the unembedding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `ln1` of a layer, which with shortformer positions also makes the positioned copy.
    Layer(usize),
    /// `ln_final`.
    Final,
}

pub(super) fn step(site: Site, place: Place) -> Step {
    let Site { gpu, kernels, config, weights, scratch, run } = site;
    let shortformer = config.positional_embedding == PositionalEmbedding::Shortformer;
    let (resid, weight, bias, positioned) = match place {
        Place::Layer(layer) => {
            (&run.resid[layer], VectorId::Ln1Weight(layer), VectorId::Ln1Bias(layer), shortformer)
        }
        Place::Final => (&run.resid[config.n_layers], VectorId::LnFinalWeight, VectorId::LnFinalBias, false),
    };
    let constants = [
        ("NORMALIZED", f64::from(u8::from(config.normalization.is_some()))),
        ("POSITIONED", f64::from(u8::from(positioned))),
        ("EPS", config.eps),
        ("D4", (Shapes::of(config).d_model / 4) as f64),
        ("D_MODEL", config.d_model as f64),
    ];
    kernels.get(SOURCE, &constants).step(
        gpu,
        &[&[
            (0, scratch.dims.binding()),
            (1, resid.binding()),
            (2, weights.vector(weight).binding()),
            (3, weights.vector(bias).binding()),
            (4, weights.matrix(MatrixId::Positions).tensor.binding()),
            (5, scratch.x.binding()),
        ]],
        |dims| [dims.new_rows() as u32, 1, 1],
    )
}
