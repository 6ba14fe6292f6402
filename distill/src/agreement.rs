//! Whether the circuit says what the integer reference says, window by window, without proving.
//!
//! ```text
//! window --Witness::generate--> tape, statement --Checker (gates, lookups, copies of the real key)--> violation?
//!                                    statement's logits and class --against IntegerModel::infer--> disagreement?
//! window --trace with one logit off by one--> tape, statement --Checker--> must be a violation
//! ```
//!
//! The tape is filled from the reference, so that an honest statement holds its logits by construction; what the check adds is that
//! the circuit's constraints hold for them, and hold no longer for a logit that differs by one. That nothing else passes is what
//! the soundness tests of `circuits` are about.

use std::time::Instant;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use veriregime_circuits::keys::ProvingKey;
use veriregime_circuits::model::IntegerModel;
use veriregime_circuits::srs::Srs;
use veriregime_circuits::tape::{Checker, Layout, Profile, Witness};

use crate::data::{History, Samples};
use crate::pipeline::window;
use crate::{Error, Shipped};

/// What a check of many windows found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The model's name.
    pub model: String,
    /// Digest of its integers, hexadecimal.
    pub digest: String,
    /// The circuit: columns, gates, rows.
    pub layout: String,
    /// log2 of its size.
    pub k: u32,
    /// Rows of its tape.
    pub rows: usize,
    /// Close time of the first window, UNIX seconds.
    pub from: u64,
    /// Close time of the last window, UNIX seconds.
    pub to: u64,
    /// Windows of the test part that were looked at, evenly spread.
    pub windows: u64,
    /// Windows on whose tape a gate, lookup or copy does not hold.
    pub violations: u64,
    /// Windows whose statement has other logits or another class than the reference.
    pub disagreements: u64,
    /// Windows of which a statement with one logit off by one was also tried: all.
    pub forgeries: u64,
    /// Of these, how many broke no constraint.
    pub unnoticed: u64,
    /// Close times of the first windows with anything of that, UNIX seconds.
    pub failed: Vec<u64>,
    /// Wall time of compiling and key generation.
    pub setup_seconds: f64,
    /// Wall time of the windows.
    pub seconds: f64,
}

/// Most close times that are listed.
const LISTED: usize = 20;

/// What one window gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The first row that does not hold.
    pub violation: Option<usize>,
    /// Whether the statement's logits and class are the reference's.
    pub agrees: bool,
}

/// A circuit opened for checking beside the reference it should equal.
#[derive(Debug)]
pub struct Examiner<'a> {
    key: &'a ProvingKey,
    checker: Checker<'a>,
    reference: &'a IntegerModel,
}

/// Compiles a model's circuit of the gas profile and makes its key, on the development reference string: constraints
/// do not depend on it.
///
/// # Errors
/// [`Error::Model`] when the model does not fit a circuit.
pub fn key(model: &IntegerModel) -> Result<ProvingKey, Error> {
    let layout = Layout::plan(model, Profile::Gas)?;
    let srs = Srs::development(layout.k);
    Ok(ProvingKey::generate(layout, &srs)?)
}

impl<'a> Examiner<'a> {
    /// Opens a key.
    ///
    /// # Errors
    /// [`Error::Model`] for a key that cannot be read.
    pub fn new(key: &'a ProvingKey, reference: &'a IntegerModel) -> Result<Self, Error> {
        Ok(Self {
            key,
            checker: Checker::new(key)?,
            reference,
        })
    }

    /// Fills the tape for a window and looks at it.
    ///
    /// # Errors
    /// [`Error::Model`] when the window does not fit the model.
    pub fn honest(&self, window: &[i16]) -> Result<Finding, Error> {
        let witness = Witness::generate(self.key.layout(), window, [0; 32])?;
        self.examine(&witness, window)
    }

    /// The same for a statement in which the logit of a class is too large by one.
    ///
    /// # Errors
    /// [`Error::Model`] when the window does not fit the model.
    pub fn forged(&self, window: &[i16], class: usize) -> Result<Finding, Error> {
        let layout = self.key.layout();
        let mut trace = layout.model().trace(window)?;
        if let Some(logit) = trace.inference.logits.get_mut(class) {
            *logit += 1;
        }
        let witness = Witness::from_trace(layout, &trace, [0; 32])?;
        self.examine(&witness, window)
    }

    /// Looks at a tape: do its constraints hold, and does its statement say what the reference says of the window?
    ///
    /// # Errors
    /// [`Error::Model`] when the window does not fit the model.
    pub fn examine(&self, witness: &Witness, window: &[i16]) -> Result<Finding, Error> {
        let statement = witness.public_inputs.decode()?;
        let inference = self.reference.infer(window)?;
        Ok(Finding {
            violation: self.checker.first_violation(witness)?,
            agrees: statement.inputs == window
                && statement.logits == inference.logits
                && statement.class == inference.class,
        })
    }
}

impl Agreement {
    /// Checks windows evenly spread over a shipped model's test part, or all if it has fewer.
    ///
    /// # Errors
    /// [`Error::Windows`] and the like when the history is not the model's.
    pub fn of(shipped: &Shipped, history: &History, windows: usize) -> Result<Self, Error> {
        let samples = shipped.part(history, &shipped.manifest.training.splits.test)?;
        Self::on(&shipped.manifest.name, &shipped.model, &samples, windows)
    }

    /// Checks windows evenly spread over samples, or all if there are fewer.
    ///
    /// # Errors
    /// [`Error::Model`] when the model does not fit a circuit or the samples do not fit the model.
    pub fn on(
        name: &str,
        model: &IntegerModel,
        samples: &Samples,
        windows: usize,
    ) -> Result<Self, Error> {
        let begun = Instant::now();
        let key = key(model)?;
        let examiner = Examiner::new(&key, model)?;
        let setup_seconds = begun.elapsed().as_secs_f64();
        let wanted = windows.min(samples.len());
        let places: Vec<usize> = (0..wanted)
            .map(|index| index * samples.len() / wanted)
            .collect();
        let begun = Instant::now();
        let findings: Vec<(Finding, Finding)> = places
            .par_iter()
            .map(|&place| {
                let window = window(samples, place);
                let class = place % samples.classes();
                Ok((examiner.honest(&window)?, examiner.forged(&window, class)?))
            })
            .collect::<Result<_, Error>>()?;
        let count = |bad: fn(&(Finding, Finding)) -> bool| {
            findings.iter().filter(|finding| bad(finding)).count() as u64
        };
        let times = places.iter().map(|&place| samples.close_times[place]);
        let bad = |(honest, forged): &(Finding, Finding)| {
            honest.violation.is_some() || !honest.agrees || forged.violation.is_none()
        };
        let failed = times.clone().zip(&findings);
        let failed = failed.filter(|(_, finding)| bad(finding));
        let layout = key.layout();
        Ok(Self {
            model: name.to_owned(),
            digest: hex::encode(model.digest()),
            layout: layout.describe(),
            k: layout.k,
            rows: layout.rows.len(),
            from: times.clone().next().unwrap_or(0),
            to: times.clone().next_back().unwrap_or(0),
            windows: findings.len() as u64,
            violations: count(|(honest, _)| honest.violation.is_some()),
            disagreements: count(|(honest, _)| !honest.agrees),
            forgeries: findings.len() as u64,
            unnoticed: count(|(_, forged)| forged.violation.is_none()),
            failed: failed.map(|(time, _)| time).take(LISTED).collect(),
            setup_seconds,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    /// Whether there were windows, and nothing was wrong with any.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.windows > 0 && self.violations + self.disagreements + self.unnoticed == 0
    }
}
