//! Step `activate`: the hidden layer of an MLP. Shader: shaders/activate.wgsl.

use super::kernel::{Source, Step, covering};
use super::pass::PassContext;
use crate::model::{Activation, BufferId, Shapes, VectorId};

const WGSL: &str = include_str!("../../shaders/activate.wgsl");
const ACTIVATE: Source = Source::new("activate", WGSL, "activate");
const SOLU: Source = Source::new("activate", WGSL, "solu");

/// Writes the new rows of the hidden layer; nothing in a model without MLPs.
pub(super) fn step(pass: PassContext, layer: usize) -> Option<Step> {
    let PassContext { gpu, kernels, config, weights, .. } = pass;
    let mlp = config.mlp?;
    let Shapes { d_mlp, mlp_in, .. } = Shapes::of(config);
    let m4 = d_mlp / 4;
    let mut constants =
        vec![("GATED", f64::from(u8::from(mlp.gated))), ("M4", m4 as f64), ("IN4", (mlp_in / 4) as f64)];
    let streams =
        [(0, pass.dims()), (1, pass.binding(BufferId::MlpIn)), (2, pass.binding(BufferId::MlpHidden))];
    // The numbers of shaders/activate.wgsl.
    let function = match mlp.activation {
        Activation::Gelu => 0.0,
        Activation::GeluNew => 1.0,
        Activation::Relu => 2.0,
        Activation::Silu => 3.0,
        Activation::SoluLn => {
            constants.extend([("D_MLP", mlp.d_mlp as f64), ("EPS", config.eps)]);
            let norm =
                [VectorId::MlpLnWeight(layer), VectorId::MlpLnBias(layer)].map(|id| weights.vector(id));
            let norm = [(3, norm[0].binding()), (4, norm[1].binding())];
            let group: Vec<_> = streams.into_iter().chain(norm).collect();
            let kernel = kernels.get(SOLU, &constants);
            return Some(kernel.step(gpu, &[&group], |dims| [dims.new_rows() as u32, 1, 1]));
        }
    };
    constants.push(("FUNCTION", function));
    let workgroups = move |dims: &crate::model::Dims| [covering(m4, 64), dims.new_rows() as u32, 1];
    Some(kernels.get(ACTIVATE, &constants).step(gpu, &[&streams], workgroups))
}
