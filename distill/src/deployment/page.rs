//! The experiment's page.

use super::configuration::Network;
use super::report::{Ratio, Row};
use super::work::name;
use super::{Fidelity, Profile, Report};
use crate::experiment::markdown::Table;

/// The page.
#[must_use]
pub fn page(report: &Report) -> String {
    let proofs = report.rows.iter().map(|row| row.figures.proofs).max();
    let loads = report.rows.iter().flat_map(|row| row.figures.load);
    let (least, most) = loads.fold((f64::MAX, 0.0f64), |(a, b), load| {
        (a.min(load), b.max(load))
    });
    format!(
        "# Experiment 4: deployment\n\nWritten by `make exp4`. {}; load (mean of a minute) between {least:.1} and {most:.1} while the proofs were made: \
         {}. {} proofs of each configuration (ten of a teacher in the gas profile), on windows evenly spread over the test part; every one was verified and its logits and class compared with \
         the reference inference. Each configuration ran in a process of its own.\n\n{}\n\
         ## The teachers' integers\n\n{}\n## Proofs\n\n{}\n## On chain\n\n\
         Ten of the proofs were submitted to the real oracle, with a quorum of two of three attestors, on a local chain with Sepolia's id (anvil, Osaka rules). \
         Gas is that of whole transactions: of one to the verifier alone, and of a submission (verification, quorum, storage; mean). \
         A proof with one byte changed was refused every time. Code may have 24,576 bytes.\n\n{}\n\
         ## Teacher over student\n\n{}\n## EZKL, measured before\n\n{}\n\
         ![time](exp4.svg)\n\n![gas](exp4-gas.svg)\n",
        report.machine,
        if most > 3.0 {
            "the machine was busy with other work, wall times are pessimistic, processor times hold"
        } else {
            "the proofs' own two threads count"
        },
        proofs.unwrap_or(0),
        report.verdict,
        fidelity(&report.fidelity),
        proven(&report.rows),
        chain(&report.rows),
        ratios(&report.ratios),
        peers(report),
    )
}

fn fidelity(all: &[Fidelity]) -> String {
    let mut scores = Table::new([
        "question",
        "network",
        "macro-F1",
        "accuracy",
        "class of the float teacher",
    ]);
    let mut tried = Table::new([
        "question",
        "head",
        "bits",
        "weight bits",
        "table bits",
        "agreement (validation)",
        "k",
        "lanes",
        "taken",
    ]);
    for one in all {
        let question = name(one.question);
        let rows = [
            ("teacher, float", &one.float, "-".to_owned()),
            (
                "teacher, integers",
                &one.integers,
                format!("{:.2} % of {}", one.agreement * 100.0, one.test_windows),
            ),
            ("student, integers", &one.student, "-".to_owned()),
        ];
        for (network, score, agreement) in rows {
            let (f1, accuracy) = (
                format!("{:.4}", score.macro_f1),
                format!("{:.4}", score.accuracy),
            );
            scores.row([
                question.to_owned(),
                network.to_owned(),
                f1,
                accuracy,
                agreement,
            ]);
        }
        for choice in &one.tried {
            let shown = |value: Option<String>| value.unwrap_or_else(|| "none fits".into());
            tried.row([
                question.to_owned(),
                if choice.joined { "joined" } else { "parted" }.to_owned(),
                choice.bits.to_string(),
                choice.weight_bits.to_string(),
                format!("2^{}", choice.table_bits),
                format!("{:.2} %", choice.agreement * 100.0),
                shown(choice.k.map(|k| k.to_string())),
                shown(choice.lanes.map(|lanes| lanes.to_string())),
                if choice.taken { "yes" } else { "" }.to_owned(),
            ]);
        }
    }
    let windows = all.first().map_or((0, 0), |one| {
        (one.calibration_windows, one.validation_windows)
    });
    format!(
        "The teacher as an ONNX file (`distill::onnx::export_teacher`), imported with {} training windows for calibration. Scores on the whole test part.\n\n{scores}\n\
         Options were tried in this order on {} validation windows until 98 % had the float teacher's class; k and lanes are those of the fastest layout. \
         With a joined head, pooled channels share the scale of the context, which is the window's.\n\n{tried}",
        windows.0, windows.1
    )
}

fn proven(rows: &[Row]) -> String {
    let heads = [
        "configuration",
        "proofs",
        "k",
        "lanes",
        "rows",
        "setup",
        "mean",
        "median",
        "p95",
        "processor",
        "verify",
        "proof",
        "memory",
        "load",
    ];
    let mut table = Table::new(heads);
    for row in rows {
        let figures = &row.figures;
        table.row([
            row.name.clone(),
            figures.proofs.to_string(),
            figures.k.to_string(),
            figures.lanes.to_string(),
            figures.rows.to_string(),
            format!("{:.1} s", figures.setup_seconds),
            format!("{:.2} s", figures.prove.mean),
            format!("{:.2} s", figures.prove.median),
            format!("{:.2} s", figures.prove.p95),
            format!("{:.2} s", figures.prove_cpu_mean),
            format!("{:.1} ms", figures.verify.median * 1e3),
            format!("{} B", figures.proof_bytes),
            format!("{:.0} MB", figures.peak_mb),
            format!("{:.1}", figures.load[0]),
        ]);
    }
    format!(
        "{table}\nMean, median and 95th percentile of wall time, witness included; processor time of a proof on both cores together; largest resident set.\n"
    )
}

fn chain(rows: &[Row]) -> String {
    let mut table = Table::new([
        "configuration",
        "model id",
        "rounds",
        "verify",
        "submit",
        "deploy",
        "code",
    ]);
    for row in rows {
        let Some(chain) = &row.chain else {
            continue;
        };
        table.row([
            row.name.clone(),
            format!("`{}`", row.figures.model_id),
            format!("{} of {}", chain.rounds, chain.submit_gas.len()),
            format!("{:.0}", row.gas().unwrap_or_default()),
            format!("{:.0}", row.submission().unwrap_or_default()),
            chain.deploy_gas.to_string(),
            format!("{} B", chain.verifier_code_bytes),
        ]);
    }
    table.to_string()
}

fn ratios(all: &[Ratio]) -> String {
    let mut table = Table::new([
        "question",
        "profile",
        "time",
        "processor",
        "memory",
        "proof",
        "gas",
        "macro-F1 kept by the student",
    ]);
    for ratio in all {
        table.row([
            name(ratio.question).to_owned(),
            profile(ratio.profile).to_owned(),
            format!("{:.1}", ratio.prove),
            format!("{:.1}", ratio.prove_cpu),
            format!("{:.1}", ratio.memory),
            format!("{:.1}", ratio.proof),
            ratio.gas.map_or("-".into(), |gas| format!("{gas:.2}")),
            format!("{:.1} %", ratio.retention * 100.0),
        ]);
    }
    table.to_string()
}

fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Gas => "gas",
        Profile::Speed => "speed",
    }
}

fn peers(report: &Report) -> String {
    let mut table = Table::new([
        "network",
        "circuit",
        "prove",
        "memory",
        "proof",
        "gas",
        "conditions",
    ]);
    for peer in &report.peers {
        table.row([
            peer.network.to_owned(),
            peer.circuit.to_owned(),
            format!("{:.1} s", peer.prove_seconds),
            format!("{:.0} MB", peer.peak_mb),
            format!("{} B", peer.proof_bytes),
            peer.gas.map_or("-".into(), |gas| gas.to_string()),
            peer.conditions.to_owned(),
        ]);
    }
    format!("{table}\nNot run again for this report.\n")
}

/// H4 in words, whichever way the figures fall.
#[must_use]
pub fn verdict(fidelity: &[Fidelity], rows: &[Row], ratios: &[Ratio]) -> String {
    let teachers: Vec<&Row> = rows
        .iter()
        .filter(|row| row.figures.configuration.network == Network::Teacher)
        .collect();
    let fastest = teachers
        .iter()
        .map(|row| row.figures.prove.median)
        .fold(f64::MAX, f64::min);
    let memory = teachers
        .iter()
        .map(|row| row.figures.peak_mb)
        .fold(0.0, f64::max);
    if teachers.is_empty() {
        return "H4: no teacher was measured.\n".into();
    }
    let span = |value: &dyn Fn(&Ratio) -> f64| {
        let values = ratios.iter().map(value);
        let (low, high) = values.fold((f64::MAX, 0.0f64), |(a, b), v| (a.min(v), b.max(v)));
        format!("{low:.1} to {high:.1}")
    };
    let agreement = fidelity.iter().map(|one| one.agreement).fold(1.0, f64::min);
    let kept = ratios.iter().map(|ratio| ratio.retention);
    let (least, most) = kept.fold((f64::MAX, 0.0f64), |(a, b), v| (a.min(v), b.max(v)));
    let gas: Vec<f64> = ratios.iter().filter_map(|ratio| ratio.gas).collect();
    let gas = if gas.is_empty() {
        String::new()
    } else {
        let low = gas.iter().copied().fold(f64::MAX, f64::min);
        let high = gas.iter().copied().fold(0.0, f64::max);
        format!(", {low:.2} to {high:.2} times the gas")
    };
    format!(
        "**H4** (the distilled student makes proving feasible where the teacher is not): **not as it stands.** With this circuit the teacher is feasible as well: \
         a proof takes {fastest:.1} s (median, its fastest layout) and at most {memory:.0} MB, and the oracle takes it. The ratio is what was measured: the teacher costs {} times the student's \
         proving time, {} times its memory{gas}, and the student keeps {:.1} to {:.1} % of the macro-F1 of the teacher's integers (which have the float teacher's class on at least {:.1} % of the test windows). \
         With EZKL, measured before, the hypothesis holds: the proposal's teacher took 407 s and 7.8 GB at a precision of scale 7 and did not finish at scale 13, \
         a student 6 s and 0.7 GB. So distillation is a matter of cost here, not of feasibility.\n",
        span(&|ratio| ratio.prove),
        span(&|ratio| ratio.memory),
        least * 100.0,
        most * 100.0,
        agreement * 100.0,
    )
}
