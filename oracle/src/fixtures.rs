//! Real proofs for the forge tests: a span of neighbouring windows, and valid proofs over invented inputs.
//!
//! The proofs are bound to the local chain and to a fixed oracle address, where the tests place the oracle.

use std::{fs, path::Path, sync::Arc};

use alloy::primitives::{Address, B256, Bytes, address};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use veriregime_circuits::{
    field::Word,
    public::{PublicInputs, Schema},
};
use veriregime_features::{Window, labels::Question};

use crate::{
    demo::CHAIN_ID,
    exchange::CandleSource,
    market::Market,
    model::Model,
    project::Project,
    prover::Prover,
    replay::Span,
    statement::{OracleId, WindowId},
    verifier_source,
};

/// Where the forge tests put the oracle.
const ORACLE: Address = address!("0000000000000000000000000000000056527231");
/// Proofs over invented inputs.
const FABRICATED: usize = 2;

/// Where the fixtures of a question's model lie, below the project.
pub const fn file(question: Question) -> &'static str {
    match question {
        Question::Signal => "test/fixtures/rounds.json",
        Question::Regime => "test/fixtures/regimes.json",
    }
}

/// Contents of the file that [`file`] names.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fixtures {
    /// First four bytes of the verifying key's digest.
    pub model_id: String,
    /// Artifact of the verifier.
    pub verifier: String,
    /// Kind of the SRS.
    pub srs: String,
    /// Chain that the proofs are bound to.
    pub chain_id: u64,
    /// Oracle that the proofs are bound to.
    pub oracle: Address,
    /// Market of the windows.
    pub symbol: String,
    /// Candle length in seconds.
    pub timeframe: u32,
    /// Neighbouring windows of the market.
    pub rounds: Vec<Round>,
    /// Another proof of the first window: proofs are randomised, statements are not.
    pub again: Vec<Round>,
    /// Valid proofs over inputs that no market had.
    pub fabricated: Vec<Round>,
}

/// One proof and its statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Round {
    /// Close of the window's last candle, UNIX seconds.
    pub close_time: u64,
    /// Last close price, eight decimals.
    pub last_close_e8: i64,
    /// Class.
    pub signal: usize,
    /// Logits as decimal strings.
    pub logits: Vec<String>,
    /// Public inputs as 32-byte words.
    pub public_inputs: Vec<B256>,
    /// Proof.
    pub proof: Bytes,
}

/// Makes the fixtures of a span of windows.
pub async fn make(
    model: &Model,
    source: &CandleSource,
    prover: &Arc<Prover>,
    project: &Project,
) -> Result<Fixtures> {
    let scale = &model.manifest.scale;
    let span = Span::choose(source, &model.directory, scale, prover.network()).await?;
    let market = source.market().clone();
    let mut rounds = Vec::new();
    for close_time in span.close_times(market.timeframe) {
        let window = source.window(close_time, scale).await?;
        rounds.push(prove(prover, &market, &window)?);
    }
    let real = source.window(span.from, scale).await?;
    let again = vec![prove(prover, &market, &real)?];
    let fabricated = (0..FABRICATED)
        .map(|index| prove(prover, &market, &invented(&real, index)))
        .collect::<Result<_>>()?;
    let folder = verifier_source::prepare(prover, project)?;
    let folder = folder.strip_prefix(project.root()).unwrap_or(&folder);
    Ok(Fixtures {
        model_id: prover.model_id().to_string(),
        verifier: format!("{}/Verifier.sol:Verifier", folder.display()),
        srs: prover.srs().kind().as_str().into(),
        chain_id: CHAIN_ID,
        oracle: ORACLE,
        symbol: market.symbol,
        timeframe: market.timeframe,
        rounds,
        again,
        fabricated,
    })
}

fn prove(prover: &Prover, market: &Market, window: &Window) -> Result<Round> {
    let id = WindowId {
        market: market.clone(),
        close_time: window.close_time,
        last_close: window.last_close,
    };
    let proven = prover.prove(
        &OracleId {
            chain_id: CHAIN_ID,
            address: ORACLE,
        },
        &id,
        window,
    )?;
    let words = proven.proof.public_inputs.words();
    Ok(Round {
        close_time: window.close_time,
        last_close_e8: window.last_close,
        signal: proven.inference.class,
        logits: proven.inference.logits.iter().map(i64::to_string).collect(),
        public_inputs: words.iter().map(|word| B256::from(*word)).collect(),
        proof: proven.proof.bytes.into(),
    })
}

/// The same minute with inputs that nobody observed: a ramp that no market draws.
fn invented(real: &Window, index: usize) -> Window {
    let mut window = real.clone();
    for (value, place) in window.values.iter_mut().zip((0i16..).map(|i| i * 37)) {
        let offset = i16::try_from(index).unwrap_or(0) * 91;
        *value = (place + offset).rem_euclid(256) - 128;
    }
    window
}

impl Fixtures {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_slice(&text)
            .with_context(|| format!("{} is no fixtures file", path.display()))
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        }
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// Compares committed fixtures with freshly made ones: every statement must be the same and
    /// every committed proof must hold. Proofs are randomised, so their bytes differ.
    pub fn check(&self, fresh: &Self, prover: &Prover) -> Result<()> {
        let head = |f: &Self| {
            (
                f.model_id.clone(),
                f.verifier.clone(),
                f.srs.clone(),
                f.oracle,
            )
        };
        if head(self) != head(fresh) {
            bail!(
                "fixtures are of {:?}, want {:?}: make them again",
                head(self),
                head(fresh)
            );
        }
        let pairs = [
            (&self.rounds, &fresh.rounds),
            (&self.again, &fresh.again),
            (&self.fabricated, &fresh.fabricated),
        ];
        for (committed, fresh) in pairs {
            if committed.len() != fresh.len() {
                bail!(
                    "{} fixtures, want {}: make them again",
                    committed.len(),
                    fresh.len()
                );
            }
            for (committed, fresh) in committed.iter().zip(fresh) {
                let expected = Round {
                    proof: committed.proof.clone(),
                    ..fresh.clone()
                };
                if *committed != expected {
                    bail!(
                        "the fixture of {} differs from the model's answer",
                        committed.close_time
                    );
                }
                let words: Vec<Word> = committed.public_inputs.iter().map(|word| word.0).collect();
                let public_inputs = PublicInputs::from_words(Schema::of(prover.network()), words)?;
                prover
                    .verify(&public_inputs, &committed.proof)
                    .with_context(|| format!("the fixture of {}", committed.close_time))?;
            }
        }
        Ok(())
    }
}

/// Generates the verifier's folder anew and compares it with the committed one.
pub fn check_verifier(prover: &Prover, project: &Project, question: Question) -> Result<()> {
    let committed = project.verifiers().join(prover.model_id().to_string());
    let key = prover.verifying_key();
    let fresh = std::env::temp_dir().join(format!("veriregime-verifier-{}", std::process::id()));
    veriregime_circuits::solidity::write(key, prover.srs(), &fresh)?;
    let mut differing = Vec::new();
    for file in [
        veriregime_circuits::solidity::VERIFIER_FILE,
        veriregime_circuits::solidity::PARAMS_FILE,
    ] {
        if fs::read(committed.join(file)).ok() != fs::read(fresh.join(file)).ok() {
            differing.push(file);
        }
    }
    fs::remove_dir_all(&fresh).with_context(|| format!("removing {}", fresh.display()))?;
    if question == Question::Signal {
        let reference = fs::read_to_string(project.root().join(REFERENCE)).ok();
        if reference.as_deref() != Some(&reference_source(prover)?) {
            differing.push(REFERENCE);
        }
    }
    if !differing.is_empty() {
        bail!(
            "{} differs from what the key generates ({}): run `veriregime fixtures`",
            committed.display(),
            differing.join(", ")
        );
    }
    Ok(())
}

/// Where the forge tests find snark-verifier's code for the same key; of the model of signals only.
const REFERENCE: &str = "test/reference/Halo2Verifier.sol";

/// snark-verifier's verifier, with a header that says what it is.
fn reference_source(prover: &Prover) -> Result<String> {
    let source = veriregime_circuits::solidity::reference(prover.verifying_key(), prover.srs())?;
    let header = format!(
        "// Generated by snark-verifier for model {}; never edited. An independent verifier to compare ours with.\n",
        prover.model_id()
    );
    let after_licence = source.find("pragma").unwrap_or(0);
    let (licence, code) = source.split_at(after_licence);
    Ok(format!("{licence}{header}{code}"))
}

/// Writes the committed verifier of a ceremony key and, of the model of signals, the reference it is compared with.
pub fn write_verifier(prover: &Prover, project: &Project, question: Question) -> Result<()> {
    if question == Question::Signal {
        let reference = project.root().join(REFERENCE);
        if let Some(folder) = reference.parent() {
            fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        }
        fs::write(&reference, reference_source(prover)?)
            .with_context(|| format!("writing {}", reference.display()))?;
    }
    let folder = project.verifiers().join(prover.model_id().to_string());
    veriregime_circuits::solidity::write(prover.verifying_key(), prover.srs(), &folder)?;
    Ok(())
}
