//! How a teacher becomes integers: what was tried on validation windows, and what was taken.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use veriregime_circuits::onnx::{Import, Model, Options, Samples as Calibration};
use veriregime_circuits::sheet::{Layout, Visibilities};

use super::windows::spread;
use crate::data::Samples;
use crate::data::scale_fit::STEPS_PER_DEVIATION;
use crate::network::predict;
use crate::onnx::{Head, export_teacher};
use crate::{Error, ShippedTeacher};

/// Share of windows with the float teacher's class that a choice must reach.
pub const WANTED: f64 = 0.98;

/// Options in the order of what they cost: bits of activations, of weights, of tables.
const TRIED: [(Head, u32, u32, u32); 5] = [
    (Head::Joined, 8, 8, 12),
    (Head::Parted, 8, 8, 12),
    (Head::Parted, 8, 12, 12),
    (Head::Parted, 10, 12, 12),
    (Head::Parted, 10, 12, 14),
];

/// Options, what they give and what they cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Whether channels and context meet in one layer or in two whose results are added.
    pub joined: bool,
    /// Bits of inner activations.
    pub bits: u32,
    /// Bits of weights.
    pub weight_bits: u32,
    /// Binary logarithm of a table's most entries.
    pub table_bits: u32,
    /// Share of validation windows with the float teacher's class.
    pub agreement: f64,
    /// log2 of the circuit's rows in the fastest layout; `None` if no layout fits.
    pub k: Option<u32>,
    /// Its lanes.
    pub lanes: Option<usize>,
    /// Whether it was taken: the first that agrees often enough, else the one that agrees most.
    pub taken: bool,
}

/// The integers of a teacher, the options that were tried, and its ONNX file.
pub struct Chosen {
    /// The network.
    pub import: Import,
    /// What was tried.
    pub tried: Vec<Choice>,
    /// The file that the network was made of.
    pub onnx: Vec<u8>,
}

/// Inputs over the reals, as the ONNX file has them behind its first node.
#[must_use]
pub fn reals(samples: &Samples, index: usize) -> Vec<f64> {
    let values = samples.window(index).iter();
    values
        .map(|&v| f64::from(v) / STEPS_PER_DEVIATION)
        .collect()
}

/// Tries the options with calibration on training windows until one agrees often enough on validation windows.
///
/// # Errors
/// [`Error::Import`] when the file does not become integers, [`Error::Model`] when they cannot be run.
pub fn choose(
    teacher: &ShippedTeacher,
    (training, calibrating): (&Samples, usize),
    (validation, comparing): (&Samples, usize),
) -> Result<Chosen, Error> {
    let inputs = spread(training.len(), calibrating);
    let inputs = inputs.into_iter().map(|index| reals(training, index));
    let calibration = Calibration::new(inputs.collect());
    let compared = spread(validation.len(), comparing);
    let float = predict(&teacher.network, validation, compared.iter().copied())?;
    let float = float.decide(&teacher.offsets);
    let mut tried: Vec<Choice> = vec![];
    let mut best: Option<(usize, Import, Vec<u8>)> = None;
    for (head, bits, weight_bits, table_bits) in TRIED {
        let options = Options {
            bits,
            weight_bits,
            table_bits,
            ..Options::default()
        };
        let onnx = export_teacher(teacher, head)?;
        let import = Model::read(&onnx, &options)?.quantise(&calibration, &options)?;
        let same = compared
            .par_iter()
            .zip(&float)
            .map(|(&index, &class)| Ok(usize::from(class_of(&import, validation, index)? == class)))
            .sum::<Result<usize, Error>>()?;
        let layout = Layout::plan(&import.network, &Visibilities::PUBLIC, None).ok();
        tried.push(Choice {
            joined: head == Head::Joined,
            bits,
            weight_bits,
            table_bits,
            agreement: same as f64 / compared.len().max(1) as f64,
            k: layout.as_ref().map(|layout| layout.shape.k),
            lanes: layout.as_ref().map(|layout| layout.shape.lanes),
            taken: false,
        });
        let agreement = |index: usize| tried.get(index).map_or(0.0, |one: &Choice| one.agreement);
        let this = tried.len() - 1;
        if layout.is_some()
            && best
                .as_ref()
                .is_none_or(|(index, ..)| agreement(*index) < agreement(this))
        {
            best = Some((this, import, onnx));
        }
        if best
            .as_ref()
            .is_some_and(|(index, ..)| agreement(*index) >= WANTED)
        {
            break;
        }
    }
    let (index, import, onnx) = best.ok_or_else(|| Error::Deployment {
        configuration: teacher.name(),
        problem: "no options give integers that fit a circuit: use a smaller teacher".into(),
    })?;
    if let Some(choice) = tried.get_mut(index) {
        choice.taken = true;
    }
    Ok(Chosen {
        import,
        tried,
        onnx,
    })
}

/// The class that the integers give a sample.
///
/// # Errors
/// [`Error::Model`] when the window does not fit.
pub fn class_of(import: &Import, samples: &Samples, index: usize) -> Result<u8, Error> {
    let values: Vec<i64> = samples
        .window(index)
        .iter()
        .map(|&v| i64::from(v))
        .collect();
    Ok(import.network.trace(&values)?.class() as u8)
}
