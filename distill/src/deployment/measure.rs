//! The proofs of a configuration: every one is verified and compared with the reference.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use veriregime_circuits::public::Statement;

use super::binding::binding;
use super::circuit::{Circuit, Expected};
use super::configuration::Network;
use super::figures::Times;
use super::submission::Submission;
use super::work::{read_json, write_json};
use super::{Configuration, Figures, Profile, ProvenWindow, Windows, Work, machine, verifier};
use crate::Error;
use crate::deployment::windows::spread;

/// Submissions that are kept for the chain; also the proofs of a teacher in the profile that saves gas, whose time is not the point.
const SUBMISSIONS: usize = 10;

/// Proves every prepared window in a configuration; writes figures, verifier and submissions.
///
/// # Errors
/// [`Error::Deployment`] when a statement is not the reference's, whatever stops a proof.
pub fn measure(
    configuration: Configuration,
    work: &Work,
    srs: Option<&Path>,
) -> Result<Figures, Error> {
    let windows: Windows = read_json(&work.question(configuration.question).join("windows.json"))?;
    let load = machine::load();
    let begun = Instant::now();
    let circuit = Circuit::open(configuration, work, srs)?;
    let setup_seconds = begun.elapsed().as_secs_f64();
    let (mut prove, mut verify, mut cpu) = (vec![], vec![], 0.0);
    let mut submissions = vec![];
    let mut proof_bytes = 0;
    let kept = spread(windows.0.len(), SUBMISSIONS);
    let few = configuration.network == Network::Teacher && configuration.profile == Profile::Gas;
    for (index, window) in windows.0.iter().enumerate() {
        if few && !kept.contains(&index) {
            continue;
        }
        let word = binding(window);
        let (begun, before) = (Instant::now(), machine::cpu_seconds());
        let made = circuit.prove(&window.values, word)?;
        prove.push(begun.elapsed().as_secs_f64());
        cpu += machine::cpu_seconds() - before;
        let begun = Instant::now();
        let statement = circuit.verify(&made)?;
        verify.push(begun.elapsed().as_secs_f64());
        let expected = circuit.infer(&window.values)?;
        agree(configuration, &statement, window, &expected)?;
        proof_bytes = made.proof.len();
        if kept.contains(&index) {
            submissions.push(Submission::of(window, &made, expected.class));
        }
    }
    let peak_mb = machine::peak_mb();
    let (k, rows, lanes) = circuit.size();
    let digest = circuit.digest();
    let figures = Figures {
        configuration,
        model_id: format!("0x{}", hex::encode(digest.get(..4).unwrap_or_default())),
        key_digest: hex::encode(digest),
        srs: circuit.srs().kind().as_str().to_owned(),
        k,
        rows,
        lanes,
        words: circuit.schema().words(),
        proof_bytes,
        setup_seconds,
        proofs: prove.len(),
        prove_cpu_mean: cpu / prove.len().max(1) as f64,
        prove: Times::of(&prove),
        verify: Times::of(&verify),
        peak_mb,
        load: [load, machine::load()],
    };
    let folder = work.configuration(configuration);
    verifier::write_to(&circuit, proof_bytes, &folder)?;
    write_json(&folder.join("submissions.json"), &submissions)?;
    write_json(&folder.join("figures.json"), &figures)?;
    Ok(figures)
}

/// Whether a verified statement is what the reference says of the window.
fn agree(
    configuration: Configuration,
    statement: &Statement,
    window: &ProvenWindow,
    expected: &Expected,
) -> Result<(), Error> {
    let same_window = statement
        .inputs
        .iter()
        .copied()
        .eq(window.values.iter().map(|&v| i16::from(v)));
    if same_window
        && statement.binding == binding(window)
        && statement.logits == expected.logits
        && statement.class == expected.class
    {
        return Ok(());
    }
    Err(Error::Deployment {
        configuration: configuration.name(),
        problem: format!(
            "the proof of the window closing at {} says {:?}, class {}, the reference {:?}, class {}: circuit and reference differ, which is a fault of the program",
            window.close_time, statement.logits, statement.class, expected.logits, expected.class
        ),
    })
}

/// Measures a configuration in a process of its own, so that its peak memory is its own.
///
/// # Errors
/// [`Error::Deployment`] when the process fails.
pub fn in_process(
    program: &Path,
    configuration: Configuration,
    work: &Path,
    srs: Option<&Path>,
) -> Result<Figures, Error> {
    let name = configuration.name();
    let mut command = Command::new(program);
    command
        .args(["deployment", "prove", "--only", &name, "--work"])
        .arg(work);
    if let Some(srs) = srs {
        command.arg("--srs").arg(srs);
    }
    let failed = |problem: String| Error::Deployment {
        configuration: name.clone(),
        problem,
    };
    let status = command
        .status()
        .map_err(|error| failed(format!("{}: {error}", program.display())))?;
    if !status.success() {
        return Err(failed(format!(
            "its process ended with {status}: see its message above"
        )));
    }
    read_json(
        &Work::new(work)
            .configuration(configuration)
            .join("figures.json"),
    )
}
