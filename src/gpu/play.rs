//! Plays operations: the dispatches of each, and the slices of a program.

use super::kernel::Step;
use super::pass::PassContext;
use super::{attention, embed, linear, log_probs, norm, position, thumbnails};
use crate::model::{Operation, Program, QkvInput};

/// The steps of an operation. `Ablate` has none here: its steps depend on the run.
pub(super) fn steps(pass: PassContext, operation: Operation, input: QkvInput) -> Vec<Step> {
    match operation {
        Operation::Embed => vec![embed::step(pass)],
        Operation::Norm(at) => vec![norm::step(pass, at)],
        Operation::Position(layer) => vec![position::step(pass, layer)],
        Operation::Qkv(layer) => vec![linear::qkv(pass, layer, input)],
        Operation::Attention(layer) => vec![attention::step(pass, layer)],
        Operation::Ablate(_) => Vec::new(),
        Operation::Thumbnails(layer) => vec![thumbnails::step(pass, layer)],
        Operation::Output(layer) => vec![linear::output(pass, layer)],
        Operation::LogProbs => log_probs::steps(pass).into(),
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
