//! Plays operations: the dispatches of each, and the slices of a program.

use super::kernel::Step;
use super::pass::PassContext;
use super::{activate, attention, embed, linear, log_probs, norm, offsets, position, qk_norm, rotate};
use crate::model::{Operation, Program, QkvInput};

/// The steps of an operation. `Ablate` and `AblateMlp` have none here: their steps depend on the run.
pub(super) fn steps(pass: PassContext, operation: Operation, input: QkvInput) -> Vec<Step> {
    match operation {
        Operation::Embed => embed::steps(pass),
        Operation::Norm(at) => vec![norm::step(pass, at)],
        Operation::Position(layer) => vec![position::step(pass, layer)],
        Operation::Qkv(layer) => linear::qkv(pass, layer, input),
        Operation::Attention(layer) => vec![attention::step(pass, layer)],
        Operation::QkNorm(layer) => vec![qk_norm::step(pass, layer)],
        Operation::Rotate(layer) => rotate::step(pass, layer).into_iter().collect(),
        Operation::Ablate(_) | Operation::AblateMlp(_) => Vec::new(),
        Operation::MlpIn(layer) => linear::mlp_in(pass, layer),
        Operation::Activate(layer) => activate::step(pass, layer).into_iter().collect(),
        Operation::MlpOut(layer) => linear::mlp_out(pass, layer),
        Operation::Offsets(layer) => offsets::steps(pass, layer),
        Operation::Output(layer) => linear::output(pass, layer),
        Operation::LogProbs => log_probs::steps(pass),
    }
}

/// Steps by the operation that they belong to.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<(Operation, Vec<Step>)>);

impl Steps {
    /// The steps of a whole program.
    pub fn of(pass: PassContext, program: &Program) -> Self {
        let of = |&operation| (operation, steps(pass, operation, QkvInput::Stream));
        Steps(program.operations().iter().map(of).collect())
    }

    /// Adds the steps of one more operation.
    pub fn add(&mut self, operation: Operation, steps: Vec<Step>) {
        self.0.push((operation, steps));
    }

    /// The steps of these operations, in their order. `own` holds steps that are missing here.
    ///
    /// # Panics
    /// When neither has the steps of an operation.
    pub fn slice<'a>(&'a self, operations: &[Operation], own: &'a Steps) -> Vec<&'a Step> {
        let find = |operation: &Operation| {
            let found = self.0.iter().chain(&own.0).find(|(of, _)| of == operation);
            let (_, steps) = found.unwrap_or_else(|| panic!("{operation:?} has no steps in this plan"));
            steps
        };
        operations.iter().flat_map(find).collect()
    }
}
