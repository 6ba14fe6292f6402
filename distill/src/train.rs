//! The loop every stage shares: shuffled mini-batches, AdamW, falling rate, early stopping, checkpoints, progress.
//!
//! A batch is learnt from in two halves at once, whose gradients are averaged: most tensor operations use one core.

use std::time::Instant;

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::checkpoint::Checkpoint;
use crate::config::{FitConfig, Schedule};

/// The cosine ends at this share of the first rate.
const FINAL_RATE: f64 = 0.01;
/// What an epoch without a better score leaves of the rate.
const PLATEAU: f64 = 0.5;

/// What one epoch gave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// Mean training loss.
    pub loss: f64,
    /// Validation score: macro-F1 of signals, accuracy of regimes.
    pub validation: f64,
    /// Wall time, seconds.
    pub seconds: f64,
}

/// What one stage gave.
#[derive(Clone, Debug, PartialEq)]
pub struct StageHistory {
    /// The stage's name.
    pub name: String,
    /// Its epochs.
    pub epochs: Vec<Epoch>,
    /// How many of them an earlier, interrupted run had done.
    pub resumed: usize,
}

impl StageHistory {
    /// Wall time of the epochs, seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.epochs.iter().map(|epoch| epoch.seconds).sum()
    }

    /// Wall time of the epochs an earlier run had done, seconds.
    #[must_use]
    pub fn resumed_seconds(&self) -> f64 {
        self.epochs
            .iter()
            .take(self.resumed)
            .map(|epoch| epoch.seconds)
            .sum()
    }

    /// Epochs per minute of wall time.
    #[must_use]
    pub fn pace(&self) -> f64 {
        self.epochs.len() as f64 * 60.0 / self.seconds().max(1e-9)
    }

    /// Best validation score.
    #[must_use]
    pub fn best(&self) -> f64 {
        self.epochs
            .iter()
            .map(|epoch| epoch.validation)
            .fold(0.0, f64::max)
    }
}

/// One stage of training.
pub struct Stage<'a> {
    /// Name, in progress and reports.
    pub name: &'a str,
    /// Settings.
    pub fit: &'a FitConfig,
    /// The run's seed.
    pub seed: u64,
    /// Indices of the samples to learn from.
    pub train: Vec<usize>,
    /// What is trained.
    pub variables: Vec<(String, Var)>,
    /// What a checkpoint keeps: the variables, and what else changes.
    pub state: Vec<(String, Var)>,
    /// Whether a batch may be cut into halves (not with batch normalisation).
    pub halves: bool,
    /// Where progress is kept.
    pub checkpoint: Checkpoint,
}

impl Stage<'_> {
    /// Trains until the epochs are over or the validation score stops rising, and leaves the best weights in place.
    ///
    /// `loss` gives the loss of the samples at some indices; `validate` the validation score of the current weights.
    ///
    /// # Errors
    /// Whatever `loss`, `validate` or the checkpoints report.
    pub fn run(
        &self,
        loss: impl Fn(&[usize]) -> Result<Tensor, Error> + Sync,
        mut validate: impl FnMut() -> Result<f64, Error>,
    ) -> Result<StageHistory, Error> {
        let mut progress = self.checkpoint.load(&self.state)?;
        let resumed = progress.epochs.len();
        let steps = self
            .fit
            .samples_per_epoch
            .min(self.train.len())
            .div_ceil(self.fit.batch);
        let bar = bar(self.name, (self.fit.epochs * steps) as u64);
        bar.inc((progress.epochs.len() * steps) as u64);
        bar.reset_eta();
        let variables = self
            .variables
            .iter()
            .map(|(_, variable)| variable.clone())
            .collect();
        let rate = self.fit.learning_rate;
        let parameters = ParamsAdamW {
            lr: rate,
            weight_decay: self.fit.weight_decay,
            ..ParamsAdamW::default()
        };
        let mut optimiser = AdamW::new(variables, parameters)?;
        while !progress.done && progress.epochs.len() < self.fit.epochs {
            let (begun, number) = (Instant::now(), progress.epochs.len());
            let mut sum = 0.0;
            for (step, batch) in self.indices(number).chunks(self.fit.batch).enumerate() {
                let share = (number * steps + step) as f64 / (self.fit.epochs * steps) as f64;
                optimiser.set_learning_rate(rate * self.share_of_rate(share, &progress.epochs));
                let (value, gradients) = self.gradients(batch, &loss)?;
                optimiser.step(&gradients)?;
                sum += value;
                bar.inc(1);
            }
            let validation = validate()?;
            let best = progress
                .epochs
                .iter()
                .all(|epoch| epoch.validation < validation);
            let seconds = begun.elapsed().as_secs_f64();
            progress.epochs.push(Epoch {
                loss: sum / steps as f64,
                validation,
                seconds,
            });
            progress.done = self.is_over(&progress.epochs);
            self.checkpoint.save(&self.state, &progress, best)?;
            bar.set_message(format!(
                "loss {:.4}, validation {validation:.4}",
                sum / steps as f64
            ));
            bar.suspend(|| {
                let mean = sum / steps as f64;
                eprintln!("{:>10} epoch {:>2}: loss {mean:.4}, validation {validation:.4}, {seconds:.1} s", self.name, number + 1);
            });
        }
        bar.finish_and_clear();
        if !progress.epochs.is_empty() {
            self.checkpoint.restore("best", &self.state)?;
        }
        Ok(StageHistory {
            name: self.name.to_owned(),
            epochs: progress.epochs,
            resumed,
        })
    }

    /// Loss of a batch and the gradients of the variables.
    fn gradients(
        &self,
        batch: &[usize],
        loss: &(impl Fn(&[usize]) -> Result<Tensor, Error> + Sync),
    ) -> Result<(f64, GradStore), Error> {
        let half = |part: &[usize]| -> Result<(f64, GradStore), Error> {
            let value = loss(part)?;
            Ok((f64::from(value.to_scalar::<f32>()?), value.backward()?))
        };
        let (value, mut gradients) = if self.halves && batch.len() > 1 {
            let (one, other) = batch.split_at(batch.len() / 2);
            let share = one.len() as f64 / batch.len() as f64;
            let (first, second) = rayon::join(|| half(one), || half(other));
            let ((first, mut gradients), (second, others)) = (first?, second?);
            for (_, variable) in &self.variables {
                if let (Some(mine), Some(theirs)) = (gradients.get(variable), others.get(variable))
                {
                    let mean = ((mine * share)? + (theirs * (1.0 - share))?)?;
                    gradients.insert(variable, mean);
                }
            }
            (first * share + second * (1.0 - share), gradients)
        } else {
            half(batch)?
        };
        if let Some(most) = self.fit.clip {
            clip(&mut gradients, &self.variables, most)?;
        }
        Ok((value, gradients))
    }

    /// The share of the first learning rate at some share of the stage.
    fn share_of_rate(&self, share: f64, epochs: &[Epoch]) -> f64 {
        match self.fit.schedule {
            Schedule::Cosine => cosine(share),
            Schedule::Plateau => {
                let mut best = f64::MIN;
                epochs.iter().fold(1.0, |rate, epoch| {
                    let rises = epoch.validation > best;
                    best = best.max(epoch.validation);
                    if rises { rate } else { rate * PLATEAU }
                })
            }
        }
    }

    /// The samples of an epoch in random order, the same for the same seed whether resumed or not.
    fn indices(&self, epoch: usize) -> Vec<usize> {
        let mut generator = generator(self.seed, &format!("{} {epoch}", self.name));
        let mut indices = self.train.clone();
        let wanted = self.fit.samples_per_epoch.min(indices.len());
        let (chosen, _) = indices.partial_shuffle(&mut generator, wanted);
        chosen.to_vec()
    }

    fn is_over(&self, epochs: &[Epoch]) -> bool {
        let best = epochs
            .iter()
            .map(|epoch| epoch.validation)
            .fold(f64::MIN, f64::max);
        let since = epochs
            .iter()
            .rev()
            .take_while(|epoch| epoch.validation < best)
            .count();
        epochs.len() >= self.fit.epochs || since >= self.fit.patience
    }
}

/// A generator for one purpose of one run.
#[must_use]
pub fn generator(seed: u64, purpose: &str) -> ChaCha8Rng {
    let digest = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(purpose)
        .finalize();
    ChaCha8Rng::from_seed(digest.into())
}

/// Shortens the gradients, as one vector, to a length.
fn clip(gradients: &mut GradStore, variables: &[(String, Var)], most: f64) -> Result<(), Error> {
    let mut squares = 0.0;
    for (_, variable) in variables {
        if let Some(gradient) = gradients.get(variable) {
            squares += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
        }
    }
    let length = squares.sqrt();
    if length > most {
        for (_, variable) in variables {
            if let Some(gradient) = gradients.get(variable) {
                let shorter = (gradient * (most / length))?;
                gradients.insert(variable, shorter);
            }
        }
    }
    Ok(())
}

fn cosine(share: f64) -> f64 {
    FINAL_RATE + (1.0 - FINAL_RATE) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
}

fn bar(name: &str, steps: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{prefix:>10} {bar:30} {pos}/{len} steps, {eta} left, {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(steps)
        .with_style(style)
        .with_prefix(name.to_owned())
}
