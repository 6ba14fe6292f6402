//! Experiment 2: what an activation costs and what it keeps. Five activations by the warm-start protocol, several seeds.

use serde::Serialize;

use super::circuit::Circuit;
use super::lab::Setting;
use super::markdown::{Table, list};
use super::spread::Spread;
use super::{Lab, WHOLE};
use crate::Error;
use crate::config::QuantisedConfig;
use crate::exhibit::Exhibit;
use crate::network::{Activation, Student, inputs};
use crate::pipeline::{Measured, window};
use crate::plot::{self, Axis, Better, Front, Group, Lines, Point, Scatter, Series};

/// Below this absolute derivative a neuron passes hardly anything on.
const DEAD_SLOPE: f64 = 0.01;
/// Range of the plots.
const REACH: f64 = 4.0;

/// One activation over the seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The activation.
    pub activation: Activation,
    /// Score of the float student before fine-tuning, on the test part.
    pub before: Spread,
    /// After fine-tuning.
    pub float: Spread,
    /// Of the integers with 8-bit weights; `None` where some seed's do not fit a circuit.
    pub integer: Option<Spread>,
    /// Share of hidden neurons whose derivative is (nearly) zero on every calibration window.
    pub dead: Spread,
    /// Circuit of the first seed's integers.
    pub circuit: Option<Circuit>,
    /// Weight bits that fitted, by layer.
    pub weight_bits: Vec<u32>,
    /// Why no circuit holds some seed's integers, with the coarsest hidden steps and the fewest bits that were tried.
    pub refusal: Option<String>,
}

/// The result.
#[derive(Clone, Debug, Serialize)]
pub struct Activations {
    /// Data and seeds.
    pub setting: Setting,
    /// One row per activation.
    pub rows: Vec<Row>,
    /// H2: a polynomial activation costs less and keeps the score.
    pub verdict: String,
}

/// Trains, proves and compares.
///
/// # Errors
/// Whatever stops a stage or a proof.
pub fn run(lab: &Lab) -> Result<Activations, Error> {
    let loss = &lab.config.student.loss;
    let mut distilled = Vec::new();
    for &seed in &lab.seeds {
        distilled.push((seed, lab.distilled(seed)?));
    }
    let mut rows = Vec::new();
    for activation in Activation::ALL {
        let (mut before, mut float, mut integer, mut dead) = (vec![], vec![], vec![], vec![]);
        let (mut first, mut refusal) = (None, None);
        for (seed, distilled) in &distilled {
            let trainer = lab.trainer(*seed);
            let swapped = trainer.swapped(
                activation.name(),
                &distilled.student,
                &lab.swap(activation),
                loss,
                &distilled.soft,
            )?;
            let at_once = crate::network::swap::swap(
                &distilled.student.network,
                activation,
                &lab.prepared.samples,
                &trainer.calibration(),
            )?;
            before.push(lab.score(&Measured::of(&lab.prepared, &at_once.student)?.test));
            float.push(lab.score(&Measured::of(&lab.prepared, &swapped.network)?.test));
            dead.push(dead_share(lab, &swapped.network, &trainer.calibration())?);
            let config = QuantisedConfig {
                weight_bits: vec![8; swapped.network.layers.len()],
                row_budget: WHOLE,
                fit: lab.fit(6, 1e-4),
            };
            let name = format!("{}-8", activation.name());
            let quantised = match trainer.quantised(&name, &swapped, &config, loss, &distilled.soft)
            {
                Ok(quantised) => quantised,
                Err(error @ (Error::RowBudget { .. } | Error::Model(_))) => {
                    refusal = Some(error.to_string());
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (model, measured) = Measured::of_integers(&lab.prepared, &quantised.network)?;
            integer.push(lab.score(&measured.test));
            if first.is_none() {
                first = Some((
                    Circuit::of(&model, &lab.examples(), lab.proofs)?,
                    quantised.network.weight_bits(),
                ));
            }
        }
        let (circuit, weight_bits) = first.unzip();
        rows.push(Row {
            activation,
            before: Spread::of(before),
            float: Spread::of(float),
            integer: refusal.is_none().then(|| Spread::of(integer)),
            dead: Spread::of(dead),
            circuit,
            weight_bits: weight_bits.unwrap_or_default(),
            refusal,
        });
    }
    let verdict = verdict(&rows);
    Ok(Activations {
        setting: lab.setting(),
        rows,
        verdict,
    })
}

/// Share of hidden neurons that pass nothing on, on any of the windows.
fn dead_share(lab: &Lab, student: &Student, windows: &[usize]) -> Result<f64, Error> {
    let pass = student.pass(&inputs(&lab.prepared.samples, windows)?)?;
    let (mut dead, mut all) = (0usize, 0usize);
    for before in &pass.before {
        for neuron in before.t()?.contiguous()?.to_vec2::<f32>()? {
            let slope = |&x: &f32| student.activation.derivative(f64::from(x)).abs();
            dead += usize::from(neuron.iter().map(slope).all(|slope| slope < DEAD_SLOPE));
            all += 1;
        }
    }
    Ok(dead as f64 / all.max(1) as f64)
}

fn verdict(rows: &[Row]) -> String {
    let find = |wanted| rows.iter().find(|row| row.activation == wanted);
    let fitted = |wanted| {
        let row = find(wanted)?;
        Some((row.integer.as_ref()?, row.circuit.as_ref()?))
    };
    let (Some((relu, relu_circuit)), Some((square, square_circuit))) =
        (fitted(Activation::Relu), fitted(Activation::Quadratic))
    else {
        return "H2 cannot be judged: ReLU or the square has no circuit.".to_owned();
    };
    let kept = square.mean / relu.mean;
    let fewer = 1.0 - square_circuit.rows as f64 / relu_circuit.rows as f64;
    let without: Vec<&str> = rows
        .iter()
        .filter(|row| row.refusal.is_some())
        .map(|row| row.activation.name())
        .collect();
    let mut text = format!(
        "H2 (a polynomial activation makes the circuit cheaper and keeps the score): **{}** for the square: it keeps {:.1} % of ReLU's integer score \
         ({square:.4} against {relu:.4}) and needs {:.0} % {} rows. Gas does not depend on the activation: the circuit's columns do not.",
        if kept >= 0.97 && fewer > 0.0 {
            "holds"
        } else {
            "does not hold"
        },
        kept * 100.0,
        fewer.abs() * 100.0,
        if fewer >= 0.0 { "fewer" } else { "more" },
    );
    if !without.is_empty() {
        text += &format!(
            " It **does not hold** for {}, where at least one seed has no circuit: every activation is proven exact for the worst case of its argument, and a cube \
             triples the bits between worst and typical case at each layer, so that after three layers the worst case can exceed the circuit's 80 bits at \
             every step that keeps the typical value above one.",
            without.join(", ")
        );
    }
    text
}

impl Activations {
    /// Numbers, pages and pictures: the comparison, the functions, their derivatives.
    ///
    /// # Errors
    /// [`Error::Plot`] when a picture cannot be drawn.
    pub fn exhibits(&self, lab: &Lab) -> Result<Vec<Exhibit>, Error> {
        let heads = [
            "activation",
            "float, swapped at once",
            "float, fine-tuned",
            "integer, 8 bits",
            "dead neurons",
            "bits that fitted",
        ];
        let mut table = Table::new(heads.into_iter().chain(Circuit::HEADS));
        for row in &self.rows {
            let cells = [
                row.activation.name().to_owned(),
                format!("{:.4}", row.before),
                format!("{:.4}", row.float),
                row.integer.as_ref().map_or_else(
                    || "not every seed has a circuit".to_owned(),
                    |score| format!("{score:.4}"),
                ),
                format!("{:.3}", row.dead),
                list(&row.weight_bits),
            ];
            table.row(
                cells
                    .into_iter()
                    .chain(Circuit::cells(row.circuit.as_ref())),
            );
        }
        let page = format!(
            "# Experiment 2: activations\n\n{}\n{table}\n\
             Scores are {} on the test part, mean and standard deviation over the seeds. The float student with ReLU is distilled first; the activation is \
             swapped by least squares per neuron and fine-tuned for ten epochs at 1e-4 with the hidden penalty; then quantisation-aware training \
             for six. The hidden step is the finest whose circuit fits 2^16 rows. Circuits are those of the first seed, in the gas profile; \
             proving times are medians of {} proofs on this machine, and what the cost model says of an idle one.\n\n{}\n\n\
             ![score against rows](activations.svg)\n![functions](activation-functions.svg)\n![derivatives](activation-derivatives.svg)\n",
            lab.describe(),
            lab.score_name(),
            lab.proofs,
            self.verdict
        );
        let svg = plot::scatter(&Scatter {
            title: "Experiment 2: activations".to_owned(),
            x: Axis::numbers("rows of the circuit"),
            y: Axis::numbers(lab.score_name()),
            groups: vec![Group {
                name: "integers, 8 bits".to_owned(),
                points: self
                    .rows
                    .iter()
                    .filter_map(|row| {
                        Some(Point {
                            x: row.circuit.as_ref()?.rows as f64,
                            y: row.integer.as_ref()?.mean,
                            label: row.activation.name().to_owned(),
                        })
                    })
                    .collect(),
            }],
            front: Some(Front {
                x: Better::Small,
                y: Better::Large,
            }),
        })?;
        let curves =
            |name: &str, title: &str, f: fn(Activation, f64) -> f64| -> Result<Exhibit, Error> {
                let series = Activation::ALL.map(|activation| Series {
                    name: activation.name().to_owned(),
                    points: (-40..=40)
                        .map(|point| f64::from(point) * REACH / 40.0)
                        .map(|x| (x, f(activation, x)))
                        .collect(),
                });
                let svg = plot::lines(&Lines {
                    title: title.to_owned(),
                    x: Axis::numbers("x"),
                    y: Axis::numbers("value").within(-4.0, 6.0),
                    bands: vec![],
                    series: series.to_vec(),
                    level: None,
                })?;
                let coefficients = Activation::ALL
                    .map(|activation| (activation.name(), activation.coefficients()));
                Exhibit::new(
                    name,
                    &coefficients.to_vec(),
                    format!("# {title}\n\n![{title}]({name}.svg)\n"),
                    svg,
                )
            };
        Ok(vec![
            Exhibit::new("activations", self, page, svg)?,
            curves("activation-functions", "Activations", Activation::value)?,
            curves(
                "activation-derivatives",
                "Derivatives of the activations",
                Activation::derivative,
            )?,
        ])
    }
}

impl Lab {
    /// Some windows of the test part, for proofs.
    #[must_use]
    pub fn examples(&self) -> Vec<Vec<i16>> {
        let test = self.prepared.split.test.clone();
        let stride = (test.len() / self.proofs.max(1)).max(1);
        test.step_by(stride)
            .take(self.proofs)
            .map(|index| window(&self.prepared.samples, index))
            .collect()
    }
}
