//! The Pareto front: activation x bits x sparsity, on score against proving time and gas.

use serde::Serialize;

use super::Lab;
use super::circuit::Circuit;
use super::lab::Setting;
use super::markdown::{Table, list};
use crate::Error;
use crate::config::{LossConfig, QuantisedConfig, StudentConfig};
use crate::exhibit::Exhibit;
use crate::network::rounding::FEWEST_BITS;
use crate::network::swap::swap;
use crate::network::{Activation, Quantised};
use crate::pipeline::Measured;
use crate::plot::{self, Axis, Better, Front, Group, Point, Scatter};

/// Weight penalties: little, the shipped, much.
const PENALTIES: [f64; 3] = [1e-3, 3e-3, 1e-2];
/// Uniform bits per weight.
const BITS: [u32; 3] = [8, 6, 4];

/// One configuration.
#[derive(Clone, Debug, Serialize)]
pub struct Configuration {
    /// Activation.
    pub activation: Activation,
    /// lambda1.
    pub penalty: f64,
    /// Bits asked for.
    pub bits: u32,
    /// Bits that fitted the row budget, by layer.
    pub fitted: Vec<u32>,
    /// Share of weights that are zero.
    pub sparsity: f64,
    /// Scores of the integers.
    #[serde(flatten)]
    pub measured: Measured,
    /// Its circuit.
    pub circuit: Circuit,
    /// Whether no other is at least as good on validation and in time, and better in one.
    pub pareto: bool,
}

impl Configuration {
    fn label(&self) -> String {
        format!(
            "{} {} {:.0e}",
            self.activation.name(),
            self.bits,
            self.penalty
        )
    }
}

/// The result.
#[derive(Clone, Debug, Serialize)]
pub struct Pareto {
    /// Data and seed.
    pub setting: Setting,
    /// All configurations.
    pub configurations: Vec<Configuration>,
    /// Activations and penalties that no quantisation brings into the circuit.
    pub refused: Vec<String>,
    /// Least proving time, best score per time, best score: chosen on the validation part, as indices.
    pub recommended: [(&'static str, usize); 3],
    /// H5: which trade-off to choose.
    pub verdict: String,
}

/// Trains, proves and compares.
///
/// # Errors
/// Whatever stops a stage or a proof.
pub fn run(lab: &Lab) -> Result<Pareto, Error> {
    let trainer = lab.trainer(lab.config.seed);
    let teacher = trainer.teacher("teacher", &lab.config.teacher)?;
    let soft = trainer.soft_targets(&teacher)?;
    let (penalties, bits): (&[f64], &[u32]) = if lab.quick {
        (&PENALTIES[1..], &BITS[..1])
    } else {
        (&PENALTIES, &BITS)
    };
    let (mut configurations, mut models, mut refused) =
        (Vec::<Configuration>::new(), Vec::new(), Vec::new());
    for &penalty in penalties {
        let loss = LossConfig {
            lambda1: penalty,
            ..lab.config.student.loss.clone()
        };
        let config = StudentConfig {
            loss: loss.clone(),
            ..lab.config.student.clone()
        };
        let student = trainer.student("student", &config, &soft)?;
        for activation in Activation::ALL {
            let at_once = swap(
                &student.network,
                activation,
                &lab.prepared.samples,
                &trainer.calibration(),
            )?;
            let coarsest = vec![FEWEST_BITS; at_once.student.layers.len()];
            if Quantised::within(&at_once.student, &coarsest, lab.config.quantised.row_budget)
                .is_err()
            {
                refused.push(format!("{} with lambda1 {penalty:.0e}", activation.name()));
                continue;
            }
            let swapped = trainer.swapped(
                activation.name(),
                &student,
                &lab.swap(activation),
                &loss,
                &soft,
            )?;
            for &bits in bits {
                let config = QuantisedConfig {
                    weight_bits: vec![bits; swapped.network.layers.len()],
                    row_budget: lab.config.quantised.row_budget,
                    fit: lab.fit(4, 1e-4),
                };
                let name = format!("{}-{bits}", activation.name());
                let quantised = match trainer.quantised(&name, &swapped, &config, &loss, &soft) {
                    Ok(quantised) => quantised.network,
                    // A configuration that no quantisation brings into the circuit is none.
                    Err(Error::RowBudget { .. } | Error::Model(_)) => continue,
                    Err(error) => return Err(error),
                };
                let (model, measured) = Measured::of_integers(&lab.prepared, &quantised)?;
                let weights = || {
                    model
                        .layers
                        .iter()
                        .flat_map(|layer| layer.weights.iter().flatten())
                };
                let zeros = weights().filter(|&&weight| weight == 0).count();
                configurations.push(Configuration {
                    activation,
                    penalty,
                    bits,
                    fitted: quantised.weight_bits(),
                    sparsity: zeros as f64 / weights().count().max(1) as f64,
                    measured,
                    circuit: Circuit::of(&model, &[], 0)?,
                    pareto: false,
                });
                models.push(model);
            }
        }
    }
    let score = |configuration: &Configuration| lab.score(&configuration.measured.validation);
    let time = |configuration: &Configuration| {
        configuration.circuit.predicted_prove_ms * 1e6 + configuration.circuit.rows as f64
    };
    let dominated: Vec<bool> = configurations
        .iter()
        .map(|one| {
            configurations.iter().any(|other| {
                let (better, faster) = (score(other) >= score(one), time(other) <= time(one));
                better && faster && (score(other) > score(one) || time(other) < time(one))
            })
        })
        .collect();
    for (configuration, dominated) in configurations.iter_mut().zip(dominated) {
        configuration.pareto = !dominated;
    }
    let best = |worth: &dyn Fn(&Configuration) -> f64| {
        let all = configurations
            .iter()
            .enumerate()
            .filter(|(_, one)| one.pareto);
        all.max_by(|one, other| worth(one.1).total_cmp(&worth(other.1)))
            .map_or(0, |(index, _)| index)
    };
    let most = configurations.iter().map(&score).fold(0.0, f64::max);
    // Balanced: of those that give up at most 1 % of the best score and prove fastest, the best.
    let recommended = [
        ("cheapest", best(&|one| -time(one))),
        (
            "balanced",
            best(&|one| {
                if score(one) >= 0.99 * most {
                    score(one) - 1e3 * one.circuit.predicted_prove_ms
                } else {
                    f64::MIN
                }
            }),
        ),
        ("most accurate", best(&score)),
    ];
    for (_, index) in recommended {
        if let (Some(one), Some(model)) = (configurations.get_mut(index), models.get(index)) {
            one.circuit = Circuit::of(model, &lab.examples(), lab.proofs)?;
        }
    }
    let verdict = verdict(lab, &configurations, &recommended);
    Ok(Pareto {
        setting: lab.setting(),
        configurations,
        refused,
        recommended,
        verdict,
    })
}

fn verdict(lab: &Lab, all: &[Configuration], recommended: &[(&'static str, usize); 3]) -> String {
    let gas: Vec<u64> = all.iter().map(|one| one.circuit.gas).collect();
    let (least, most) = (
        gas.iter().min().copied().unwrap_or(0),
        gas.iter().max().copied().unwrap_or(0),
    );
    let mut text = format!(
        "H5 (which trade-off): of {} configurations within the row budget, gas lies between {least} and {most}: \
         the verifier sees columns, not rows, so that gas is no trade-off within a profile, proving time is. Recommended, chosen on the validation part:\n",
        all.len()
    );
    for (name, index) in recommended {
        if let Some(one) = all.get(*index) {
            text += &format!(
                "- **{name}**: {}, {} bits, lambda1 {:.0e}: {} {:.4} on the test part ({:.4} on validation), {} rows (k = {}), {:.0} ms by the cost model, {} gas; in the speed profile {:.0} ms and {} gas.\n",
                one.activation.name(),
                list(&one.fitted),
                one.penalty,
                lab.score_name(),
                lab.score(&one.measured.test),
                lab.score(&one.measured.validation),
                one.circuit.rows,
                one.circuit.k,
                one.circuit.predicted_prove_ms,
                one.circuit.gas,
                one.circuit.speed_prove_ms,
                one.circuit.speed_gas,
            );
        }
    }
    text
}

impl Pareto {
    /// Numbers, page and picture.
    ///
    /// # Errors
    /// [`Error::Plot`] when the picture cannot be drawn.
    pub fn exhibit(&self, lab: &Lab) -> Result<Exhibit, Error> {
        let heads = [
            "activation",
            "lambda1",
            "bits",
            "bits that fitted",
            "zero weights",
            "validation",
            "test",
        ];
        let heads = heads.into_iter().chain(Circuit::HEADS);
        let mut table = Table::new(heads.chain(["front"]));
        for one in &self.configurations {
            let cells = [
                one.activation.name().to_owned(),
                format!("{:.0e}", one.penalty),
                one.bits.to_string(),
                list(&one.fitted),
                format!("{:.3}", one.sparsity),
                format!("{:.4}", lab.score(&one.measured.validation)),
                format!("{:.4}", lab.score(&one.measured.test)),
            ];
            let front = if one.pareto { "yes" } else { "" };
            let cells = cells.into_iter().chain(Circuit::cells(Some(&one.circuit)));
            table.row(cells.chain([front.to_owned()]));
        }
        let page = format!(
            "# Pareto: activation, bits, sparsity\n\n{}\n{}\n{table}\n\
             One seed ({}); scores are {} of the integers; the row budget is {} (k = 14), so that a configuration whose worst case is too wide gets fewer bits. \
             The front is on the validation part's score against proving time, rows between equals. The recommended configurations were proven, with the median time on this machine; \
             the model's are an idle machine's. Not within the circuit's limits with any bits (see experiment 2): {}.\n\n![front](pareto.svg)\n",
            lab.describe(),
            self.verdict,
            lab.config.seed,
            lab.score_name(),
            lab.config.quantised.row_budget,
            if self.refused.is_empty() {
                "none".to_owned()
            } else {
                self.refused.join("; ")
            },
        );
        let group = |activation: Activation| Group {
            name: activation.name().to_owned(),
            points: self
                .configurations
                .iter()
                .filter(|one| one.activation == activation)
                .map(|one| Point {
                    x: one.circuit.rows as f64,
                    y: lab.score(&one.measured.validation),
                    label: if one.pareto {
                        one.label()
                    } else {
                        String::new()
                    },
                })
                .collect(),
        };
        let svg = plot::scatter(&Scatter {
            title: "Score against circuit size".to_owned(),
            x: Axis::numbers("rows of the circuit"),
            y: Axis::numbers(&format!("{} on the validation part", lab.score_name())),
            groups: Activation::ALL
                .map(group)
                .into_iter()
                .filter(|group| !group.points.is_empty())
                .collect(),
            front: Some(Front {
                x: Better::Small,
                y: Better::Large,
            }),
        })?;
        Exhibit::new("pareto", self, page, svg)
    }
}
