//! Experiment 1: what distillation gives, and what the penalties cost. Six variants, several seeds.

use serde::Serialize;
use veriregime_features::manifest::Scores;

use super::Lab;
use super::lab::Setting;
use super::markdown::Table;
use super::spread::Spread;
use crate::Error;
use crate::config::{Labels, LossConfig, StudentConfig};
use crate::exhibit::Exhibit;
use crate::network::{Quantised, Student};
use crate::pipeline::Measured;
use crate::plot::{self, Axis, BarSeries, Bars, Panel};

/// Bits at which a weight counts as zero.
const BITS: u32 = 8;
/// Retention that the method hopes for.
const RETENTION: f64 = 0.97;

/// One variant over the seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    /// Name.
    pub name: &'static str,
    /// What its loss is.
    pub loss: &'static str,
    /// Parameters.
    pub parameters: usize,
    /// The score on the test part.
    pub score: Spread,
    /// The score on the validation part.
    pub validation: Spread,
    /// Accuracy on the test part.
    pub accuracy: Spread,
    /// F1 of every class on the test part.
    pub classes: Vec<Spread>,
    /// Score over the teacher's of the same seed.
    pub retention: Spread,
    /// Share of weights that are zero at 8 bits; `None` for the teacher.
    pub sparsity: Option<Spread>,
}

/// The result.
#[derive(Clone, Debug, Serialize)]
pub struct Distillation {
    /// Data and seeds.
    pub setting: Setting,
    /// The variants, the teacher first.
    pub variants: Vec<Variant>,
    /// H1: students keep the teacher's score.
    pub verdict: String,
}

const VARIANTS: [(&str, &str); 5] = [
    ("MLP-Scratch", "labels"),
    ("MLP-Hard", "the teacher's classes"),
    ("MLP-Soft", "the teacher's logits"),
    ("MLP-Combined", "labels and logits"),
    ("MLP-zkReg", "labels, logits, weight penalties"),
];

fn loss(name: &str, base: &LossConfig) -> LossConfig {
    let (labels, alpha, beta, gamma) = match name {
        "MLP-Scratch" => (Labels::Truth, 1.0, 0.0, 0.0),
        "MLP-Hard" => (Labels::Teacher, 1.0, 0.0, 0.0),
        "MLP-Soft" => (Labels::Truth, 0.0, 1.0, 0.0),
        "MLP-Combined" => (Labels::Truth, base.alpha, base.beta, 0.0),
        _ => (Labels::Truth, base.alpha, base.beta, base.gamma),
    };
    LossConfig {
        labels,
        alpha,
        beta,
        gamma,
        ..base.clone()
    }
}

/// Trains and compares.
///
/// # Errors
/// Whatever stops a stage.
pub fn run(lab: &Lab) -> Result<Distillation, Error> {
    let (mut teachers, mut all) = (Vec::new(), vec![Vec::new(); VARIANTS.len()]);
    let (mut teacher_parameters, mut parameters) = (0, 0);
    for &seed in &lab.seeds {
        let trainer = lab.trainer(seed);
        let teacher = trainer.teacher("teacher", &lab.config.teacher)?;
        let soft = trainer.soft_targets(&teacher)?;
        teacher_parameters = teacher.network.parameters();
        teachers.push(Measured::of(&lab.prepared, &teacher.network)?);
        for ((name, _), results) in VARIANTS.iter().zip(&mut all) {
            let config = StudentConfig {
                loss: loss(name, &lab.config.student.loss),
                ..lab.config.student.clone()
            };
            // The last variant is the shipped student: the same stage, the same checkpoint.
            let student = trainer.student("student", &config, &soft)?.network;
            parameters = count(&student)?;
            results.push((Measured::of(&lab.prepared, &student)?, sparsity(&student)?));
        }
    }
    let of_teacher: Vec<f64> = teachers
        .iter()
        .map(|measured| lab.score(&measured.test))
        .collect();
    let variant = |name, loss, parameters, results: &[(&Measured, Option<f64>)]| {
        let spread = |figure: &dyn Fn(&Scores) -> f64| {
            Spread::of(results.iter().map(|(measured, _)| figure(&measured.test)))
        };
        let sparsity: Option<Vec<f64>> = results.iter().map(|(_, zeros)| *zeros).collect();
        Variant {
            name,
            loss,
            parameters,
            score: spread(&|scores| lab.score(scores)),
            validation: Spread::of(
                results
                    .iter()
                    .map(|(measured, _)| lab.score(&measured.validation)),
            ),
            accuracy: spread(&|scores| scores.accuracy),
            classes: (0..lab.prepared.samples.classes())
                .map(|class| {
                    spread(&|scores| scores.classes.get(class).map_or(0.0, |class| class.f1))
                })
                .collect(),
            retention: Spread::of(
                results
                    .iter()
                    .zip(&of_teacher)
                    .map(|((measured, _), teacher)| lab.score(&measured.test) / teacher),
            ),
            sparsity: sparsity.map(Spread::of),
        }
    };
    let teacher_results: Vec<_> = teachers.iter().map(|measured| (measured, None)).collect();
    let mut variants = vec![variant(
        "CNN teacher",
        "labels, smoothed",
        teacher_parameters,
        &teacher_results,
    )];
    for ((name, loss), results) in VARIANTS.iter().zip(&all) {
        let results: Vec<_> = results
            .iter()
            .map(|(measured, zeros)| (measured, Some(*zeros)))
            .collect();
        variants.push(variant(name, loss, parameters, &results));
    }
    let verdict = verdict(&variants);
    Ok(Distillation {
        setting: lab.setting(),
        variants,
        verdict,
    })
}

/// Weights and biases.
fn count(student: &Student) -> Result<usize, Error> {
    let mut sum = 0;
    for layer in &student.layers {
        sum += layer.weight.elem_count() + layer.bias.elem_count();
    }
    Ok(sum)
}

/// Share of weights that are zero at 8 bits.
fn sparsity(student: &Student) -> Result<f64, Error> {
    let bits = vec![BITS; student.layers.len()];
    let (mut zeros, mut all) = (0usize, 0usize);
    for row in Quantised::calibrate(student, &bits, 1.0)?
        .integer_weights()?
        .iter()
        .flatten()
    {
        zeros += row.iter().filter(|&&weight| weight == 0).count();
        all += row.len();
    }
    Ok(zeros as f64 / all.max(1) as f64)
}

fn verdict(variants: &[Variant]) -> String {
    let find = |name: &str| variants.iter().find(|variant| variant.name == name);
    let (Some(scratch), Some(soft), Some(regular)) =
        (find("MLP-Scratch"), find("MLP-Combined"), find("MLP-zkReg"))
    else {
        return String::new();
    };
    let keeps = regular.retention.mean >= RETENTION;
    let gain = soft.score.mean - scratch.score.mean;
    let noise = (soft.score.deviation.powi(2) + scratch.score.deviation.powi(2)).sqrt();
    format!(
        "H1 (a dense student keeps at least 97 % of the teacher's score): **{}**: {:.1} % ± {:.1} % with the penalties. \
         Distillation against labels alone: {gain:+.4}, {} the seeds' spread of {noise:.4}.",
        if keeps { "holds" } else { "does not hold" },
        regular.retention.mean * 100.0,
        regular.retention.deviation * 100.0,
        if gain.abs() > noise {
            "beyond"
        } else {
            "within"
        },
    )
}

impl Distillation {
    /// Numbers, page and picture.
    ///
    /// # Errors
    /// [`Error::Plot`] when the picture cannot be drawn.
    pub fn exhibit(&self, lab: &Lab) -> Result<Exhibit, Error> {
        let names = lab.config.data.question.classes();
        let mut heads = vec![
            "variant",
            "loss",
            "parameters",
            lab.score_name(),
            "accuracy",
        ];
        let of_classes: Vec<String> = names.iter().map(|name| format!("F1 {name}")).collect();
        heads.extend(of_classes.iter().map(String::as_str));
        heads.extend(["retention", "zero at 8 bits"]);
        let mut table = Table::new(heads);
        for variant in &self.variants {
            let mut row = vec![
                variant.name.to_owned(),
                variant.loss.to_owned(),
                variant.parameters.to_string(),
                format!("{:.4}", variant.score),
                format!("{:.4}", variant.accuracy),
            ];
            row.extend(variant.classes.iter().map(|class| format!("{class:.3}")));
            row.push(format!("{:.3}", variant.retention));
            row.push(
                variant
                    .sparsity
                    .as_ref()
                    .map_or_else(String::new, |zeros| format!("{zeros:.3}")),
            );
            table.row(row);
        }
        let page = format!(
            "# Experiment 1: distillation\n\n{}\n{table}\nMean and standard deviation over the seeds, test part.\n\n{}\n\n![distillation](distillation.svg)\n",
            lab.describe(),
            self.verdict
        );
        let svg = plot::bars(&Bars {
            title: "Experiment 1: distillation".to_owned(),
            x: "variant".to_owned(),
            y: Axis::numbers(lab.score_name()),
            categories: self
                .variants
                .iter()
                .map(|variant| variant.name.to_owned())
                .collect(),
            panels: vec![Panel {
                name: String::new(),
                series: vec![BarSeries {
                    name: "test part, mean and deviation over the seeds".to_owned(),
                    values: self
                        .variants
                        .iter()
                        .map(|variant| variant.score.mean)
                        .collect(),
                    errors: Some(
                        self.variants
                            .iter()
                            .map(|variant| variant.score.deviation)
                            .collect(),
                    ),
                }],
            }],
            stacked: false,
        })?;
        Exhibit::new("distillation", self, page, svg)
    }
}
