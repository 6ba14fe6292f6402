//! The experiment's result: every configuration, ratios of teacher to student, the verdict on H4.

use std::path::Path;

use serde::Serialize;
use veriregime_features::labels::Question;
use veriregime_features::manifest::Scores;

use super::configuration::Network;
use super::peers::{PEERS, Peer};
use super::submission::Chain;
use super::work::read_json;
use super::{Configuration, Fidelity, Figures, Profile, Work, machine, page, picture};
use crate::Error;
use crate::deployment::work::write;
use crate::exhibit::Exhibit;

/// A configuration with all that is known of it.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Scores of its integers on the test part.
    pub test: Scores,
    /// Proofs.
    pub figures: Figures,
    /// Submissions; `None` where the chain's step was left out.
    pub chain: Option<Chain>,
}

/// Teacher over student.
#[derive(Clone, Debug, Serialize)]
pub struct Ratio {
    /// What is asked.
    pub question: Question,
    /// The profile of both.
    pub profile: Profile,
    /// Median proving time.
    pub prove: f64,
    /// Processor time of a proof.
    pub prove_cpu: f64,
    /// Peak memory.
    pub memory: f64,
    /// Length of a proof.
    pub proof: f64,
    /// Gas of the verifier alone.
    pub gas: Option<f64>,
    /// Macro-F1 of the student over the teacher's integers: what distillation keeps.
    pub retention: f64,
}

/// The result.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Processor.
    pub machine: String,
    /// Teachers over the reals and the integers.
    pub fidelity: Vec<Fidelity>,
    /// Every configuration that was measured.
    pub rows: Vec<Row>,
    /// Ratios.
    pub ratios: Vec<Ratio>,
    /// EZKL, measured before.
    pub peers: [Peer; 2],
    /// H4.
    pub verdict: String,
}

impl Row {
    /// Mean gas of a transaction to the verifier.
    #[must_use]
    pub fn gas(&self) -> Option<f64> {
        self.chain.as_ref().map(|chain| mean(&chain.verify_gas))
    }

    /// Mean gas of a submission.
    #[must_use]
    pub fn submission(&self) -> Option<f64> {
        self.chain.as_ref().map(|chain| mean(&chain.submit_gas))
    }
}

fn mean(values: &[u64]) -> f64 {
    values.iter().sum::<u64>() as f64 / values.len().max(1) as f64
}

impl Report {
    /// Puts together what the steps left; a configuration that was not measured is left out.
    ///
    /// # Errors
    /// [`Error::Deployment`] when none was, [`Error::Json`] for a file of another version.
    pub fn read(work: &Work) -> Result<Self, Error> {
        let (mut fidelity, mut rows): (Vec<Fidelity>, Vec<Row>) = (vec![], vec![]);
        for configuration in Configuration::all() {
            let folder = work.configuration(configuration);
            if !folder.join("figures.json").exists() {
                continue;
            }
            let question = configuration.question;
            if fidelity
                .last()
                .is_none_or(|known| known.question != question)
            {
                fidelity.push(read_json(&work.question(question).join("fidelity.json"))?);
            }
            let Some(known) = fidelity.last() else {
                continue;
            };
            let chain = folder.join("chain.json");
            rows.push(Row {
                name: configuration.name(),
                test: match configuration.network {
                    Network::Teacher => known.integers.clone(),
                    Network::Student => known.student.clone(),
                },
                figures: read_json(&folder.join("figures.json"))?,
                chain: if chain.exists() {
                    Some(read_json(&chain)?)
                } else {
                    None
                },
            });
        }
        if rows.is_empty() {
            return Err(Error::Deployment {
                configuration: "report".into(),
                problem: "nothing was measured: run `distill deployment prove` before".into(),
            });
        }
        let ratios = ratios(&rows);
        let verdict = page::verdict(&fidelity, &rows, &ratios);
        Ok(Self {
            machine: machine::describe(),
            fidelity,
            rows,
            ratios,
            peers: PEERS,
            verdict,
        })
    }

    /// Writes `exp4.json`, `exp4.md`, `exp4.svg` and, where the chain was asked, `exp4-gas.svg`.
    ///
    /// # Errors
    /// [`Error::Plot`] or [`Error::Io`].
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let time = picture::time(self)?;
        Exhibit::new("exp4", self, page::page(self), time)?.write(folder)?;
        match picture::gas(self)? {
            Some(gas) => write(&folder.join("exp4-gas.svg"), gas.as_bytes()),
            None => Ok(()),
        }
    }
}

/// Teacher over student in the same profile.
fn ratios(rows: &[Row]) -> Vec<Ratio> {
    let mut ratios = vec![];
    for teacher in rows {
        let of = teacher.figures.configuration;
        let student = Configuration {
            network: Network::Student,
            ..of
        };
        let student = rows.iter().find(|row| row.figures.configuration == student);
        let (Network::Teacher, Some(student)) = (of.network, student) else {
            continue;
        };
        let (a, b) = (&teacher.figures, &student.figures);
        ratios.push(Ratio {
            question: of.question,
            profile: of.profile,
            prove: a.prove.median / b.prove.median,
            prove_cpu: a.prove_cpu_mean / b.prove_cpu_mean,
            memory: a.peak_mb / b.peak_mb,
            proof: a.proof_bytes as f64 / b.proof_bytes as f64,
            gas: teacher.gas().zip(student.gas()).map(|(a, b)| a / b),
            retention: student.test.macro_f1 / teacher.test.macro_f1,
        });
    }
    ratios
}
