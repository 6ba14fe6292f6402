//! Experiment 3: how few bits. FP32, uniform 16, 8 and 4, and bits allocated by sensitivity within several budgets.

use serde::Serialize;

use super::circuit::Circuit;
use super::lab::Setting;
use super::markdown::{Table, list};
use super::sensitivity::{self, Sensitivity};
use super::spread::Spread;
use super::{Lab, WHOLE, allocation};
use crate::Error;
use crate::config::{FitConfig, QuantisedConfig};
use crate::exhibit::Exhibit;
use crate::pipeline::Measured;
use crate::plot::{self, Heatmap};

/// Uniform numbers of bits.
const UNIFORM: [u32; 3] = [16, 8, 4];
/// Average bits per weight of the allocations.
const BUDGETS: [f64; 4] = [6.0, 5.0, 4.0, 3.0];
/// The budget of the hypothesis.
const NAMED: f64 = 6.0;

/// One configuration over the seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Bits per weight that were asked for, by layer, first seed; empty for FP32.
    pub bits: Vec<u32>,
    /// Bits that the circuit could hold, by layer, first seed.
    pub fitted: Vec<u32>,
    /// Average bits per weight, over the seeds.
    pub average_bits: Spread,
    /// The score before quantisation-aware training, on the test part.
    pub before: Spread,
    /// The score of the integers, on the test part.
    pub score: Spread,
    /// Over the teacher's score.
    pub of_teacher: Spread,
    /// Circuit of the first seed's integers.
    pub circuit: Option<Circuit>,
}

/// The result.
#[derive(Clone, Debug, Serialize)]
pub struct Quantisation {
    /// Data and seeds.
    pub setting: Setting,
    /// Sensitivity by layer, first seed.
    pub sensitivity: Vec<Sensitivity>,
    /// The configurations.
    pub rows: Vec<Row>,
    /// H3: adaptive bits keep the score with fewer bits.
    pub verdict: String,
}

/// What one seed gave for one configuration.
struct Run {
    bits: Vec<u32>,
    fitted: Vec<u32>,
    average: f64,
    before: f64,
    score: f64,
    of_teacher: f64,
    circuit: Option<Circuit>,
}

/// Trains, proves and compares.
///
/// # Errors
/// Whatever stops a stage or a proof.
pub fn run(lab: &Lab) -> Result<Quantisation, Error> {
    let loss = &lab.config.student.loss;
    let mut configurations: Vec<(String, Option<f64>, Vec<Run>)> =
        vec![("FP32".to_owned(), None, vec![])];
    configurations
        .extend(UNIFORM.map(|bits| (format!("uniform {bits}"), Some(f64::from(bits)), vec![])));
    configurations
        .extend(BUDGETS.map(|budget| (format!("adaptive {budget}"), Some(budget), vec![])));
    let mut first_sensitivity = Vec::new();
    for (place, &seed) in lab.seeds.iter().enumerate() {
        let trainer = lab.trainer(seed);
        let distilled = lab.distilled(seed)?;
        let teacher = lab.score(&Measured::of(&lab.prepared, &distilled.teacher.network)?.test);
        let swapped = trainer.swapped(
            "swapped",
            &distilled.student,
            &lab.config.swap,
            loss,
            &distilled.soft,
        )?;
        let sensitivity = sensitivity::of(lab, &swapped.network, &trainer.calibration())?;
        for (name, budget, runs) in &mut configurations {
            let Some(budget) = *budget else {
                let score = lab.score(&Measured::of(&lab.prepared, &swapped.network)?.test);
                runs.push(Run {
                    bits: vec![],
                    fitted: vec![],
                    average: 32.0,
                    before: score,
                    score,
                    of_teacher: score / teacher,
                    circuit: None,
                });
                continue;
            };
            let layers = swapped.network.layers.len();
            let bits = if name.starts_with("uniform") {
                vec![budget as u32; layers]
            } else {
                allocation::allocate(&sensitivity, budget)
                    .unwrap_or_else(|| vec![budget as u32; layers])
            };
            let config = QuantisedConfig {
                weight_bits: bits.clone(),
                row_budget: WHOLE,
                fit: FitConfig {
                    patience: 2,
                    ..lab.fit(10, 1e-5)
                },
            };
            let plain = crate::network::Quantised::within(&swapped.network, &bits, WHOLE)?;
            let (_, before) = Measured::of_integers(&lab.prepared, &plain)?;
            let quantised = trainer.quantised(name, &swapped, &config, loss, &distilled.soft)?;
            let (model, measured) = Measured::of_integers(&lab.prepared, &quantised.network)?;
            let fitted = quantised.network.weight_bits();
            let circuit = if place == 0 {
                Some(Circuit::of(&model, &lab.examples(), lab.proofs)?)
            } else {
                None
            };
            let score = lab.score(&measured.test);
            runs.push(Run {
                average: average(&sensitivity, &fitted),
                bits,
                fitted,
                before: lab.score(&before.test),
                score,
                of_teacher: score / teacher,
                circuit,
            });
        }
        if place == 0 {
            first_sensitivity = sensitivity;
        }
    }
    let rows: Vec<Row> = configurations
        .into_iter()
        .map(|(name, _, runs)| Row {
            name,
            bits: runs.first().map_or_else(Vec::new, |run| run.bits.clone()),
            fitted: runs.first().map_or_else(Vec::new, |run| run.fitted.clone()),
            average_bits: Spread::of(runs.iter().map(|run| run.average)),
            before: Spread::of(runs.iter().map(|run| run.before)),
            score: Spread::of(runs.iter().map(|run| run.score)),
            of_teacher: Spread::of(runs.iter().map(|run| run.of_teacher)),
            circuit: runs.into_iter().next().and_then(|run| run.circuit),
        })
        .collect();
    let verdict = verdict(&rows);
    Ok(Quantisation {
        setting: lab.setting(),
        sensitivity: first_sensitivity,
        rows,
        verdict,
    })
}

/// Average bits per weight.
fn average(layers: &[Sensitivity], bits: &[u32]) -> f64 {
    let total: usize = layers.iter().map(|layer| layer.weights).sum();
    let spent: f64 = layers
        .iter()
        .zip(bits)
        .map(|(layer, &bits)| layer.weights as f64 * f64::from(bits))
        .sum();
    spent / total.max(1) as f64
}

fn verdict(rows: &[Row]) -> String {
    let find = |wanted: &str| rows.iter().find(|row| row.name == wanted);
    let (Some(adaptive), Some(eight)) = (find(&format!("adaptive {NAMED}")), find("uniform 8"))
    else {
        return String::new();
    };
    let keeps = adaptive.of_teacher.mean >= 0.95;
    let close = adaptive.score.mean >= eight.score.mean * 0.995;
    let equal = rows
        .iter()
        .filter(|row| {
            row.name.starts_with("adaptive") && row.score.mean >= eight.score.mean * 0.995
        })
        .min_by(|one, other| one.average_bits.mean.total_cmp(&other.average_bits.mean));
    let rows_of = |row: &Row| row.circuit.as_ref().map_or(0, |circuit| circuit.rows);
    let least = equal.map_or_else(
        || "No allocation keeps uniform 8's score within 0.5 %.".to_owned(),
        |row| {
            format!(
                "The smallest allocation within 0.5 % of uniform 8's score is {}: {:.0} % of the bits and {:.0} % of the rows saved (goal: 40 %).",
                row.name,
                100.0 * (1.0 - row.average_bits.mean / eight.average_bits.mean),
                100.0 * (1.0 - rows_of(row) as f64 / rows_of(eight).max(1) as f64),
            )
        },
    );
    format!(
        "H3 (adaptive bits at an average of {NAMED} keep 95 % of the teacher's score and lose at most 0.5 % on uniform 8): **{}**: {:.1} % of the teacher, \
         {:+.2} % against uniform 8. {least}",
        if keeps && close {
            "holds"
        } else {
            "does not hold"
        },
        100.0 * adaptive.of_teacher.mean,
        100.0 * (adaptive.score.mean / eight.score.mean - 1.0),
    )
}

impl Quantisation {
    /// Numbers, page and heat map.
    ///
    /// # Errors
    /// [`Error::Plot`] when the picture cannot be drawn.
    pub fn exhibit(&self, lab: &Lab) -> Result<Exhibit, Error> {
        let heads = [
            "weights",
            "bits by layer",
            "bits that fitted",
            "average",
            "before training",
            "score",
            "of the teacher",
        ];
        let mut table = Table::new(heads.into_iter().chain(Circuit::HEADS));
        for row in &self.rows {
            let cells = [
                row.name.clone(),
                list(&row.bits),
                list(&row.fitted),
                format!("{:.2}", row.average_bits.mean),
                format!("{:.4}", row.before),
                format!("{:.4}", row.score),
                format!("{:.3}", row.of_teacher),
            ];
            table.row(
                cells
                    .into_iter()
                    .chain(Circuit::cells(row.circuit.as_ref())),
            );
        }
        let mut layers = Table::new([
            "layer",
            "weights",
            "mean squared gradient",
            "Q(4)",
            "Q(6)",
            "Q(8)",
        ]);
        for (index, layer) in self.sensitivity.iter().enumerate() {
            let at = |bits: u32| {
                let found = layer.rounding.iter().find(|(choice, _)| *choice == bits);
                format!("{:.3e}", found.map_or(0.0, |(_, error)| *error))
            };
            layers.row([
                index.to_string(),
                layer.weights.to_string(),
                format!("{:.3e}", layer.fisher),
                at(4),
                at(6),
                at(8),
            ]);
        }
        let page = format!(
            "# Experiment 3: quantisation\n\n{}\n{table}\n\
             Scores are {} of the integers on the test part, mean and deviation over the seeds; the teacher is each seed's. Quantisation-aware training is at most ten \
             epochs at 1e-5 (it ends after two without a better validation score) from the fine-tuned square student; *before training* is the same quantisation without it. Where the worst case of the wanted \
             bits does not fit the circuit's limits, every layer gets fewer (*bits that fitted*).\n\n\
             ## Sensitivity, first seed\n\n{layers}\n\
             Q(b) is the squared rounding error of all of a layer's weights at b bits, measured with the scale that makes it least. The allocation minimises \
             1/2 sum F Q(b) within the budget by dynamic programming.\n\n{}\n\n![bits by layer](quantisation.svg)\n",
            lab.describe(),
            lab.score_name(),
            self.verdict
        );
        let shown: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| !row.bits.is_empty())
            .collect();
        let svg = plot::heatmap(&Heatmap {
            title: "Experiment 3: bits per layer".to_owned(),
            x: "layer".to_owned(),
            y: "configuration".to_owned(),
            value: "bits per weight".to_owned(),
            columns: (0..self.sensitivity.len())
                .map(|layer| layer.to_string())
                .collect(),
            rows: shown.iter().map(|row| row.name.clone()).collect(),
            values: shown
                .iter()
                .map(|row| {
                    row.fitted
                        .iter()
                        .map(|&bits| Some(f64::from(bits)))
                        .collect()
                })
                .collect(),
            decimals: 0,
        })?;
        Exhibit::new("quantisation", self, page, svg)
    }
}
