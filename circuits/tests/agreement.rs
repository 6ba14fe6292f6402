//! Three verifiers give one answer to whatever is sent: the native one, our contract, and
//! snark-verifier's contract behind canonical checks.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

mod support;

use rayon::prelude::*;
use support::{
    activations,
    corpus::{Case, corpus},
    evm::{Evm, Settings},
    mutation::{mutations, of_challenges},
    random_model_with, shapes,
    subject::Subject,
    toy::Shape,
    toys::{toy, toys},
};
use veriregime_circuits::{
    model::{Activation, IntegerModel},
    tape,
};

/// Cases of a run without `VERIREGIME_CORPUS=full`.
const QUICK: usize = 600;

/// Models of the corpus, each with another one of the same widths whose proofs are foreign, and the
/// layouts that they are compiled to.
fn models() -> Vec<([IntegerModel; 2], tape::Shape)> {
    let pair = |widths: &[usize], bits, activation: Activation| {
        [21, 22].map(|seed| random_model_with(seed, widths, bits, activation.clone()))
    };
    let square = pair(&[3, 2, 2], 4, vec![1, -1, 1].into());
    let deep = pair(&[40, 4, 3, 3], 5, Activation::quadratic());
    let linear = pair(&[5, 4], 6, Activation::default());
    let mut models: Vec<_> = shapes(false)
        .into_iter()
        .map(|shape| (square.clone(), shape))
        .collect();
    for shape in ["1xbits", "2xquads", "3xbytes"] {
        let shape: tape::Shape = shape.parse().unwrap();
        models.push((deep.clone(), shape));
        models.push((linear.clone(), shape));
        for (_, activation) in activations().into_iter().skip(4) {
            let tables = activation.as_table().is_some();
            models.push((pair(&[7, 3, 3], 4, activation), shape.carrying(tables)));
        }
    }
    models
}

/// Whether the whole corpus was asked for.
fn full() -> bool {
    std::env::var("VERIREGIME_CORPUS").as_deref() == Ok("full")
}

/// All circuits of the corpus; without the whole corpus a quarter of the models.
fn subjects() -> Vec<Subject> {
    let models: Vec<_> = models()
        .into_iter()
        .step_by(if full() { 1 } else { 4 })
        .collect();
    let models = models
        .par_iter()
        .map(|([model, other], shape)| Subject::of_model(model, other, *shape));
    let toys = toys();
    let toys = toys
        .par_iter()
        .map(|(name, shape)| Subject::of_toy(name, *shape));
    models.chain(toys).collect()
}

#[test]
fn verifiers_agree_on_the_differential_corpus() {
    let subjects = subjects();
    let mut cases: Vec<(&Subject, Case)> = subjects
        .iter()
        .flat_map(|subject| corpus(subject).into_iter().map(move |case| (subject, case)))
        .collect();
    if !full() {
        let step = cases.len() / QUICK;
        let mut index = 0;
        cases.retain(|(_, case)| {
            index += 1;
            case.honest || case.crafted || index % step == 0
        });
    }
    let valid = cases.iter().filter(|(_, case)| case.honest).count();
    let disagreements: Vec<String> = cases
        .par_iter()
        .filter_map(|(subject, case)| {
            let answers = subject.answers(&case.calldata);
            let expected = [case.honest; 3];
            (answers != expected).then(|| format!("{}: {answers:?}", case.name))
        })
        .collect();
    println!(
        "differential corpus: {} cases ({valid} valid, {} corrupted), {} disagreements",
        cases.len(),
        cases.len() - valid,
        disagreements.len()
    );
    for subject in &subjects {
        let (words, proof) = &subject.honest[0];
        let gas = subject
            .contract()
            .call(&support::evm::call(words, proof))
            .gas;
        println!(
            "{}: {gas} gas, {} bytes of code",
            subject.name,
            subject.contract().size()
        );
    }
    assert!(
        disagreements.is_empty(),
        "native, ours, reference:\n{}",
        disagreements.join("\n")
    );
}

#[test]
fn compiler_settings_do_not_change_the_answers() {
    let [model, other] =
        [21, 22].map(|seed| random_model_with(seed, &[3, 2, 2], 4, vec![1, -1, 1].into()));
    let toy = |name| Subject::of_toy(name, toy(name));
    let chosen = [
        Subject::of_model(&model, &other, tape::Shape::default()),
        Subject::of_model(&model, &other, "3xbytes".parse().unwrap()),
        toy("everything"),
        toy("three challenges"),
        toy("degree 9"),
        toy("degree 9, both phases, everything"),
        toy("many words, far apart"),
    ];
    let mut total = 0;
    for subject in &chosen {
        let source = subject.source();
        let cases: Vec<Case> = corpus(subject)
            .into_iter()
            .enumerate()
            .filter(|(index, case)| case.honest || index % 10 == 0)
            .map(|(_, case)| case)
            .collect();
        let results: Vec<(Settings, u64, usize, Vec<String>)> = Settings::matrix()
            .into_par_iter()
            .map(|settings| {
                let evm = Evm::deploy(&source, settings);
                let gas = evm.call(&cases[0].calldata).gas;
                let wrong = cases
                    .iter()
                    .filter(|case| evm.call(&case.calldata).accepted != case.honest);
                (
                    settings,
                    gas,
                    evm.size(),
                    wrong.map(|case| case.name.clone()).collect(),
                )
            })
            .collect();
        for (settings, gas, size, wrong) in results {
            println!("{}: {settings:?}: {gas} gas, {size} bytes", subject.name);
            assert!(wrong.is_empty(), "{settings:?}: {wrong:?}");
            total += cases.len();
        }
    }
    println!("optimiser matrix: {total} cases, one table");
}

/// A check that could go without any call noticing would be no check.
#[test]
fn every_check_of_the_contract_is_needed() {
    let shape = Shape {
        idle: true,
        lanes: 1,
        degree: 4,
        words: 3,
        stride: 1,
        k: 7,
        ..Shape::default()
    };
    let subject = Subject::of_toy("idle column", shape);
    let cases = corpus(&subject);
    let source = subject.source();
    let unnoticed: Vec<String> = mutations(&subject)
        .into_par_iter()
        .filter_map(|mutation| {
            let evm = Evm::deploy(&mutation.of(&source), Settings::PROJECT);
            let caught = cases
                .iter()
                .find(|case| evm.call(&case.calldata).accepted != case.honest);
            let by = caught.map_or("NOTHING", |case| &case.name);
            println!("{}: caught by {by}", mutation.name);
            caught.is_none().then_some(mutation.name)
        })
        .collect();
    assert!(unnoticed.is_empty(), "unnoticed: {unnoticed:?}");
}

/// A challenge from elsewhere is noticed, and it is the squeeze that stops who knew the challenge.
#[test]
fn every_challenge_of_the_contract_is_needed() {
    for name in ["three challenges", "challenge and lookup"] {
        let subject = Subject::of_toy(name, toy(name));
        let source = subject.source();
        let (words, proof) = &subject.honest[0];
        let honest = support::evm::call(words, proof);
        assert_eq!(subject.answers(&honest), [true; 3], "{name}");
        of_challenges(&subject)
            .into_par_iter()
            .for_each(|(mutation, opened)| {
                let evm = Evm::deploy(&mutation.of(&source), Settings::PROJECT);
                let name = format!("{name}: {}", mutation.name);
                assert!(!evm.call(&honest).accepted, "{name}: not noticed");
                if let Some(crafted) = opened {
                    let (_, (words, proof)) = subject
                        .crafted
                        .iter()
                        .find(|(name, _)| *name == crafted)
                        .unwrap();
                    let calldata = support::evm::call(words, proof);
                    assert!(evm.call(&calldata).accepted, "{name}: {crafted} refused");
                    assert_eq!(subject.answers(&calldata), [false; 3], "{crafted}");
                }
            });
    }
}
