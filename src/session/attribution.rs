//! Direct logit attribution: what each component of the residual stream adds to a logit.
//!
//! Definition: docs/definitions.md#direct-logit-attribution.

use super::{Model, Run};
use crate::error::{Error, Result};
use crate::experiments::StreamNorm;
use crate::model::{Ablation, LogitTarget, NO_TOKEN, NormAt, Shapes, VectorId};

/// The parts of a logit, or of the difference of two, at each position.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Names: `embed`, of each layer its heads, such as `0.1`, and its MLP, such as `0.mlp`; last `bias`.
    pub components: Vec<String>,
    /// `[row, component]`. A row adds up to its logit.
    pub values: Vec<f32>,
    /// `[row]`: one for each token, but the last where the target is the next token.
    pub logits: Vec<f32>,
}

/// The latest attribution: one of an edited text goes on from it.
#[derive(Debug)]
pub(super) struct Attributed {
    ids: Vec<u32>,
    ablation: Option<Ablation>,
    target: LogitTarget,
    found: Attribution,
}

impl Model {
    /// Attributes a logit at every position of a run of this model. In a model with norms each component goes
    /// through the final one with its scale held at that of the whole stream.
    ///
    /// # Errors
    /// [`Error::TooFewTokens`] for the next token of a single one; [`Error::TokenOutOfRange`]; the errors of
    /// the backend.
    pub async fn attribution(&self, run: &Run, target: LogitTarget) -> Result<Attribution> {
        let target = target.checked(&self.config)?;
        let rows = run.ids().len() - usize::from(target == LogitTarget::Next);
        if rows == 0 {
            let what = "direct logit attribution".to_owned();
            return Err(Error::TooFewTokens { what, needed: 2, found: 1 });
        }
        let columns = self.config.attribution_columns();
        let (mut values, mut logits) = self.known_rows(run, target, rows);
        let first_row = logits.len();
        if first_row < rows {
            let mut targets = target.rows(run.on_backend.batch());
            targets[..first_row].fill([NO_TOKEN; 2]);
            let mut direction = run.on_backend.directions(&targets).await?;
            let constants = self.fold_final_norm(run, &targets, &mut direction).await?;
            let numbers = run.on_backend.attribution(&direction, first_row).await?;
            for (row, constant) in numbers.chunks_exact(columns).zip(constants).take(rows).skip(first_row) {
                values.extend_from_slice(&row[..columns - 2]);
                values.push(row[columns - 2] + constant);
                logits.push(row[columns - 1] + constant);
            }
        }
        let found = Attribution { components: self.config.component_names(), values, logits };
        let (ids, ablation) = (run.ids().to_vec(), run.ablation.clone());
        *self.attributed.borrow_mut() = Some(Attributed { ids, ablation, target, found: found.clone() });
        Ok(found)
    }

    /// The values and logits of the first rows that the latest attribution of this target has, of a text with
    /// the same beginning.
    fn known_rows(&self, run: &Run, target: LogitTarget, rows: usize) -> (Vec<f32>, Vec<f32>) {
        let latest = self.attributed.borrow();
        let same = |it: &&Attributed| it.target == target && it.ablation == run.ablation;
        let Some(Attributed { ids, found, .. }) = latest.as_ref().filter(same) else {
            return Default::default();
        };
        let shared = ids.iter().zip(run.ids()).take_while(|(one, other)| one == other).count();
        // The target of the last token that both share may be another.
        let shared = shared - usize::from(target == LogitTarget::Next && shared > 0);
        let known = shared.min(rows);
        let width = self.config.attribution_columns() - 1;
        (found.values[..known * width].to_vec(), found.logits[..known].to_vec())
    }

    /// Folds the final norm into each row's direction. Returns what `b_U` and the norm's bias add to the
    /// row's logit.
    async fn fold_final_norm(
        &self,
        run: &Run,
        targets: &[[u32; 2]],
        direction: &mut [f32],
    ) -> Result<Vec<f32>> {
        let unembed_bias = self.on_backend.vector(VectorId::UnembedBias).await?;
        let of = |token: u32| if token == NO_TOKEN { 0.0 } else { unembed_bias[token as usize] };
        let mut constants: Vec<f32> =
            targets.iter().map(|&[target, subtracted]| of(target) - of(subtracted)).collect();
        let Some(norm) = self.norm(NormAt::Final).await? else { return Ok(constants) };
        let (width, padded) = (self.config.d_model, Shapes::of(&self.config).d_model);
        let streams = run.on_backend.residual(self.config.n_layers).await?;
        let rows = direction.chunks_exact_mut(padded).zip(streams.chunks_exact(width));
        for ((direction, stream), constant) in rows.zip(&mut constants) {
            *constant += norm.fold_direction(&mut direction[..width], stream) as f32;
        }
        Ok(constants)
    }

    /// A norm of the stream; none in a model without norms.
    pub(super) async fn norm(&self, at: NormAt) -> Result<Option<StreamNorm>> {
        if self.config.normalization.is_none() {
            return Ok(None);
        }
        let (weight, bias) = at.vectors();
        let (weight, bias) = (self.on_backend.vector(weight).await?, self.on_backend.vector(bias).await?);
        Ok(StreamNorm::of(&self.config, &weight, &bias))
    }
}
