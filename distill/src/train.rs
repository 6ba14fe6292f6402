//! The loop every stage shares: shuffled mini-batches, AdamW, cosine rate, early stopping, checkpoints, progress.

use std::time::Instant;

use candle_core::{Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::checkpoint::Checkpoints;
use crate::config::FitConfig;

/// The cosine ends at this share of the first rate.
const FINAL_RATE: f64 = 0.01;

/// What one epoch gave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// Mean training loss.
    pub loss: f64,
    /// Validation macro-F1.
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

    /// Best validation macro-F1.
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
    /// Name, also of its checkpoints.
    pub name: &'a str,
    /// Settings.
    pub fit: &'a FitConfig,
    /// The settings of this stage and of all before it: a checkpoint of other settings is refused.
    pub settings: String,
    /// The run's seed.
    pub seed: u64,
    /// Indices of the samples to learn from.
    pub train: Vec<usize>,
    /// What is trained.
    pub variables: Vec<(String, Var)>,
    /// Where progress is kept.
    pub checkpoints: &'a Checkpoints,
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
        mut loss: impl FnMut(&[usize]) -> Result<Tensor, Error>,
        mut validate: impl FnMut() -> Result<f64, Error>,
    ) -> Result<StageHistory, Error> {
        let mut progress = self
            .checkpoints
            .load(self.name, &self.settings, &self.variables)?;
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
                optimiser.set_learning_rate(rate * cosine(share));
                let value = loss(batch)?;
                optimiser.backward_step(&value)?;
                sum += f64::from(value.to_scalar::<f32>()?);
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
            self.checkpoints
                .save(self.name, &self.variables, &progress, best)?;
            bar.set_message(format!(
                "loss {:.4}, validation F1 {validation:.4}",
                sum / steps as f64
            ));
            bar.suspend(|| {
                let mean = sum / steps as f64;
                eprintln!("{:>10} epoch {:>2}: loss {mean:.4}, validation F1 {validation:.4}, {seconds:.1} s", self.name, number + 1);
            });
        }
        bar.finish_and_clear();
        if !progress.epochs.is_empty() {
            self.checkpoints
                .restore(self.name, "best", &self.variables)?;
        }
        Ok(StageHistory {
            name: self.name.to_owned(),
            epochs: progress.epochs,
            resumed,
        })
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
