//! What is kept between experiments, so that nothing is computed twice.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use super::Run;
use crate::backend;
use crate::error::Result;
use crate::experiments::{RepeatedTokens, Stripes};
use crate::model::{Ablation, Readout};

/// The run that the experiments on repeated tokens start from.
#[derive(Debug)]
pub(super) struct Base {
    pub run: backend::Run,
    pub figures: KeptFigures,
}

/// The figures of a run with heads and MLPs ablated that do not depend on a threshold.
#[derive(Debug)]
pub(super) struct Figures {
    ablation: Ablation,
    pub readout: Readout,
    /// Of repeated tokens.
    pub stripes: Option<Stripes>,
}

/// The figures of the whole model and of the latest ablation, which a page compares.
#[derive(Debug, Default)]
pub(super) struct KeptFigures([RefCell<Option<Rc<Figures>>>; 2]);

impl KeptFigures {
    /// The figures of `run` with an ablation, of repeated tokens with their stripes: those that are kept, or
    /// new ones. `made` is the ablated run, where there is one.
    ///
    /// # Errors
    /// The errors of the backend.
    pub async fn of(
        &self,
        run: &backend::Run,
        made: Option<&backend::Run>,
        n_heads: usize,
        tokens: Option<&RepeatedTokens>,
        ablation: &Ablation,
    ) -> Result<Rc<Figures>> {
        let is_whole = ablation.first_layer().is_none();
        let place = &self.0[usize::from(is_whole)];
        let kept = place.borrow().clone();
        if let Some(kept) = kept.filter(|kept| is_whole || kept.ablation == *ablation) {
            return Ok(kept);
        }
        let first_pos = tokens.map_or(0, RepeatedTokens::first_known);
        let new = match made {
            None if !is_whole => Some(run.ablated(ablation, first_pos, None).await?),
            _ => None,
        };
        let run = new.as_ref().or(made).unwrap_or(run);
        let stripes = match tokens {
            Some(tokens) => Some(Stripes::of(tokens, n_heads, &run.stripe(tokens.offset()).await?)),
            None => None,
        };
        let (ablation, readout) = (ablation.clone(), run.readout().clone());
        let figures = Rc::new(Figures { ablation, readout, stripes });
        *place.borrow_mut() = Some(Rc::clone(&figures));
        Ok(figures)
    }
}

/// The latest ablated run of a text. While somebody holds it, the next one with the same ablation copies the
/// rows that both share.
#[derive(Debug, Default)]
pub(super) struct LatestAblated(RefCell<Option<(Ablation, Weak<Run>)>>);

impl LatestAblated {
    /// The latest run, if it has this ablation.
    pub fn with(&self, ablation: &Ablation) -> Option<Rc<Run>> {
        let latest = self.0.borrow();
        latest.as_ref().filter(|(of, _)| of == ablation).and_then(|(_, run)| run.upgrade())
    }

    /// Takes a newer run.
    pub fn replace(&self, ablation: &Ablation, run: &Rc<Run>) {
        *self.0.borrow_mut() = Some((ablation.clone(), Rc::downgrade(run)));
    }
}
