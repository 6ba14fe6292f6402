//! `veriregime fixtures`: the committed verifier and the proofs that forge tests use.

use anyhow::Result;
use clap::Args;
use veriregime_circuits::srs::SrsKind;

use super::{
    Ending,
    options::{self, CircuitOptions, ModelOptions, SourceOptions},
};
use crate::{
    exchange::SourceKind,
    fixtures::{Fixtures, check_verifier, file, make, write_verifier},
    usage::Usage,
};

/// Generate a shipped model's verifier and the fixture proofs, or check the committed ones.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime fixtures --data ../shared/data --srs ../shared/srs --check"
)]
pub(super) struct MakeFixtures {
    /// Compare with what is committed instead of writing.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    source: SourceOptions,
    #[command(flatten)]
    circuit: CircuitOptions,
}

impl MakeFixtures {
    pub(super) async fn run(self) -> Result<Ending> {
        let project = self.model.project()?;
        let model = self.model.model()?;
        let source = self.source.source(options::market(&model)?).await?;
        let prover = self.circuit.prover(&model).await?;
        if source.kind() != SourceKind::File || prover.srs().kind() != SrsKind::Ceremony {
            let words = "fixtures are made from recorded candles and the ceremony SRS: give --data and --srs";
            return Err(Usage::new(words).into());
        }
        if self.check {
            check_verifier(&prover, &project, model.question())?;
        } else {
            write_verifier(&prover, &project, model.question())?;
        }
        let path = project.root().join(file(model.question()));
        let fresh = make(&model, &source, &prover, &project).await?;
        if self.check {
            Fixtures::read(&path)?.check(&fresh, &prover)?;
            println!(
                "verifier {} and {} fixtures are what the model gives",
                fresh.model_id,
                fresh.rounds.len()
            );
        } else {
            fresh.write(&path)?;
            println!(
                "wrote the verifier of {} and {} fixtures",
                fresh.model_id,
                fresh.rounds.len()
            );
        }
        Ok(Ending::Holds)
    }
}
