//! `veriregime network`: circuits of networks in general, as `veriregime compile` makes them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::json;
use veriregime_circuits::{
    network::Network,
    sheet::{Layout, SheetKey, SheetProver, Visibilities, Visibility},
    solidity,
    srs::Srs,
};

use super::{Ending, options, print};
use crate::{
    network_proof::{NetworkProofFile, batched, inputs},
    project,
    prover::millis,
    reference_string,
};

/// Lay out, prove and verify a network that `veriregime compile` made.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Example:\n  veriregime compile test/onnx/lenet.onnx --calibrate test/onnx/lenet.json --out target/lenet\n  veriregime network setup target/lenet --verifier target/lenet/verifier\n  veriregime network prove target/lenet --input test/onnx/lenet.json --out target/lenet/proof.json\n  veriregime network verify target/lenet target/lenet/proof.json"
)]
pub(super) enum NetworkCommand {
    /// Print the circuit and write its Solidity verifier.
    Setup(Setup),
    /// Prove one input, or several windows in one proof.
    Prove(Prove),
    /// Check a proof file against the network.
    Verify(Verify),
}

impl NetworkCommand {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        match self {
            Self::Setup(command) => command.run(json).await,
            Self::Prove(command) => command.run(json).await,
            Self::Verify(command) => command.run(json).await,
        }
    }
}

/// What the circuit is made from.
#[derive(Debug, Args)]
struct CircuitChoice {
    /// Folder with network.json (and report.json), or the network file itself.
    #[arg(value_name = "NETWORK")]
    network: PathBuf,
    /// Commit to the input instead of publishing it.
    #[arg(long)]
    commit_input: bool,
    /// Commit to the output instead of publishing it.
    #[arg(long)]
    commit_output: bool,
    /// Windows in one proof.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    batch: u16,
    /// Value columns; default: the fastest by prediction.
    #[arg(long, value_name = "LANES")]
    lanes: Option<usize>,
    #[command(flatten)]
    points: Points,
}

/// Where the reference string comes from.
#[derive(Debug, Args)]
struct Points {
    /// Ceremony file, or folder that holds it; default: the cache, then the public mirror, then a development SRS.
    #[arg(long, env = "VERIREGIME_SRS", value_name = "PATH")]
    srs: Option<PathBuf>,
    /// Memory for tables that make proving faster, in MiB; 0 for none.
    #[arg(long, default_value_t = 64, value_name = "MIB")]
    table_memory: usize,
}

impl Points {
    async fn open(&self, k: u32) -> Result<Srs> {
        Ok(reference_string::locate(self.srs.as_deref(), k, &project::cache()).await?)
    }
}

/// The network file of a folder, or the file itself.
fn file(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join("network.json")
    } else {
        path.into()
    }
}

impl CircuitChoice {
    fn network(&self) -> Result<Network> {
        Ok(Network::read(&file(&self.network))?)
    }

    fn layout(&self, network: &Network) -> Result<Layout> {
        let seen = |committed| {
            if committed {
                Visibility::Committed
            } else {
                Visibility::Public
            }
        };
        let windows = usize::from(self.batch);
        let statement = Visibilities {
            windows,
            ..Visibilities::of(seen(self.commit_input), seen(self.commit_output))
        };
        let network = batched(network, windows);
        Ok(match self.lanes {
            Some(lanes) => Layout::with(&network, &statement, lanes, None)?,
            None => Layout::plan(&network, &statement, None)?,
        })
    }

    /// What 1 of the input stands for, where a report says it.
    fn scale(&self) -> Result<f64> {
        #[derive(Deserialize)]
        struct Report {
            input: Input,
        }
        #[derive(Deserialize)]
        struct Input {
            scale: f64,
        }
        let path = file(&self.network).with_file_name("report.json");
        match std::fs::read(&path) {
            Ok(bytes) => {
                let report: Report = serde_json::from_slice(&bytes)
                    .with_context(|| format!("{}: not a report of compile", path.display()))?;
                Ok(report.input.scale)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(1.0),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }
}

async fn keys(layout: Layout, points: &Points) -> Result<(Arc<SheetKey>, Srs)> {
    let srs = points.open(layout.shape.k).await?;
    let used = srs.clone();
    let key = tokio::task::spawn_blocking(move || SheetKey::generate(layout, &used)).await??;
    Ok((Arc::new(key), srs))
}

/// Print the circuit and write its Solidity verifier.
#[derive(Debug, Args)]
pub(super) struct Setup {
    #[command(flatten)]
    circuit: CircuitChoice,
    /// Folder to write Verifier.sol into.
    #[arg(long, value_name = "FOLDER")]
    verifier: Option<PathBuf>,
}

impl Setup {
    async fn run(self, json: bool) -> Result<Ending> {
        let network = self.circuit.network()?;
        let layout = self.circuit.layout(&network)?;
        let (key, srs) = keys(layout, &self.circuit.points).await?;
        let layout = key.layout();
        let protocol = key.protocol()?;
        if layout.is_wide() {
            eprintln!(
                "note: with {} value columns the verifier is longer than a contract may be (24,576 bytes): prove in slices (veriregime slice) for a verifier on chain",
                layout.shape.lanes
            );
        }
        let value = json!({
            "network": hex::encode(layout.network().digest()),
            "key": hex::encode(key.digest()),
            "srs": srs.kind(),
            "k": layout.shape.k,
            "lanes": layout.shape.lanes,
            "boundary_columns": layout.shape.boundary,
            "rows": layout.row_count(),
            "public_inputs": layout.words(),
            "proof_bytes": protocol.counts().proof_bytes(),
        });
        if let Some(folder) = &self.verifier {
            let header = format!(
                "//   network        0x{}\n//   key digest     0x{}\n//   SRS            {}\n//   public inputs  {} words: binding, packed inputs, packed logits and class of each window\n",
                hex::encode(layout.network().digest()),
                hex::encode(key.digest()),
                srs.kind().as_str(),
                layout.words(),
            );
            let source = solidity::contract(&protocol, srs.params(), &header)?;
            options::write(&folder.join(solidity::VERIFIER_FILE), source.as_bytes())?;
            let mut params = serde_json::to_vec_pretty(&value)?;
            params.push(b'\n');
            options::write(&folder.join(solidity::PARAMS_FILE), &params)?;
        }
        print(json, &value, || {
            format!(
                "{}, {} of {} rows, proofs of {} bytes, key {}",
                layout.describe(),
                layout.row_count(),
                layout.shape.rows(),
                protocol.counts().proof_bytes(),
                hex::encode(key.digest())
            )
        })?;
        Ok(Ending::Holds)
    }
}

/// Prove one input, or several windows in one proof.
#[derive(Debug, Args)]
pub(super) struct Prove {
    #[command(flatten)]
    circuit: CircuitChoice,
    /// JSON file of inputs: [[..], ..] or {"input_data": [[..], ..]}; in the units of the ONNX model where report.json
    /// says what they are, else integers.
    #[arg(long, value_name = "DATA")]
    input: PathBuf,
    /// First input of the file to prove.
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    row: usize,
    /// File to write.
    #[arg(long, default_value = "proof.json")]
    out: PathBuf,
}

impl Prove {
    async fn run(self, json: bool) -> Result<Ending> {
        let network = self.circuit.network()?;
        let rows = inputs(&self.input, &network, self.circuit.scale()?)?;
        let windows = usize::from(self.circuit.batch);
        let chosen: Vec<Vec<i64>> = rows.into_iter().skip(self.row).take(windows).collect();
        if chosen.len() < windows {
            let problem = format!(
                "it has no {windows} inputs from {} on: add some, or choose another --row or --batch",
                self.row
            );
            return Err(crate::network_proof::NetworkProofError::Input {
                path: self.input,
                problem,
            }
            .into());
        }
        let layout = self.circuit.layout(&network)?;
        let (key, srs) = keys(layout, &self.circuit.points).await?;
        let memory = self.circuit.points.table_memory << 20;
        let file = tokio::task::spawn_blocking(move || -> Result<NetworkProofFile> {
            let prover = SheetProver::new(Arc::clone(&key), srs.clone(), memory);
            let started = Instant::now();
            let proof = prover.prove(&chosen.concat(), [0; 32])?;
            let prove_ms = millis(started);
            let started = Instant::now();
            key.verify(&srs, &proof.words, &proof.bytes)?;
            Ok(NetworkProofFile::of(
                &key,
                srs.kind(),
                &proof,
                (prove_ms, millis(started)),
            ))
        })
        .await??;
        let mut text = serde_json::to_vec_pretty(&file)?;
        text.push(b'\n');
        options::write(&self.out, &text)?;
        print(json, &file, || {
            format!(
                "output {:?}\nproof of {} bytes made in {:.0} ms, verified in {:.1} ms ({} SRS), written to {}",
                file.output,
                file.proof.len(),
                file.prove_ms,
                file.verify_ms,
                file.srs.as_str(),
                self.out.display()
            )
        })?;
        Ok(Ending::Holds)
    }
}

/// Check a proof file against the network.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Folder with network.json, or the network file itself.
    #[arg(value_name = "NETWORK")]
    network: PathBuf,
    /// The proof file.
    proof: PathBuf,
    #[command(flatten)]
    points: Points,
}

impl Verify {
    async fn run(self, json: bool) -> Result<Ending> {
        let proof = NetworkProofFile::read(&self.proof)?;
        let network = Network::read(&file(&self.network))?;
        let layout = proof.layout(&network)?;
        let (key, srs) = keys(layout, &self.points).await?;
        match proof.verify(&key, &srs) {
            Ok(()) => {
                print(json, &json!({ "ok": true, "output": proof.output }), || {
                    format!(
                        "VALID: output {:?} ({} SRS)",
                        proof.output,
                        srs.kind().as_str()
                    )
                })?;
                Ok(Ending::Holds)
            }
            Err(error) => {
                let reason = error.to_string();
                print(json, &json!({ "ok": false, "reason": reason }), || {
                    format!("INVALID: {reason}")
                })?;
                Ok(Ending::Disagrees)
            }
        }
    }
}
