//! Margin calibration: every answer is counted once, known hit rates come back, smoothing never falls.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use veriregime_distill::calibration::{Answer, Calibration, Error, calibrate, isotonic};

const NAMES: [&str; 3] = ["SELL", "HOLD", "BUY"];

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    // Few distinct margins, so that ties are common.
    let answer = (0u32..40, 0u8..3, 0u8..3).prop_map(|(margin, class, label)| Answer {
        margin: f64::from(margin) * 0.25,
        class,
        label,
    });
    prop::collection::vec(answer, 1..300)
}

proptest! {
    #[test]
    fn every_answer_is_in_one_bin_and_equal_margins_are_together(answers in answers()) {
        let calibration = calibrate("made up", &answers, &NAMES).unwrap();
        let counted: u64 = calibration.bins.iter().map(|bin| bin.count).sum();
        prop_assert_eq!(counted, answers.len() as u64);
        prop_assert!(calibration.bins.len() <= 10);
        prop_assert!(calibration.bins.windows(2).all(|pair| pair[0].to < pair[1].from));
        let hits = |of: &dyn Fn(&Answer) -> bool| {
            answers.iter().filter(|a| of(a) && a.class == a.label).count() as f64
        };
        for bin in &calibration.bins {
            let inside = |a: &Answer| a.margin >= bin.from && a.margin <= bin.to;
            prop_assert!((bin.hit_rate * bin.count as f64 - hits(&inside)).abs() < 1e-9);
            prop_assert!(bin.from <= bin.mean_margin && bin.mean_margin <= bin.to);
        }
        for row in &calibration.at_least {
            let above = |a: &Answer| a.margin >= row.margin;
            prop_assert_eq!(row.count, answers.iter().filter(|a| above(a)).count() as u64);
            prop_assert!((row.hit_rate * row.count as f64 - hits(&above)).abs() < 1e-9);
        }
        let of_classes: u64 = calibration.classes.iter().map(|class| class.count).sum();
        prop_assert_eq!(of_classes, answers.len() as u64);
    }

    #[test]
    fn order_of_the_answers_does_not_matter(answers in answers()) {
        let mut reversed = answers.clone();
        reversed.reverse();
        prop_assert!(calibrate("a", &answers, &NAMES) == calibrate("a", &reversed, &NAMES));
    }

    #[test]
    fn smoothed_rates_never_fall_and_keep_the_mean(answers in answers()) {
        let calibration = calibrate("made up", &answers, &NAMES).unwrap();
        for bins in calibration.classes.iter().map(|class| &class.bins).chain([&calibration.bins]) {
            prop_assert!(bins.windows(2).all(|pair| pair[0].smoothed <= pair[1].smoothed + 1e-12));
            let mean = |rate: fn(&veriregime_distill::calibration::Bin) -> f64| {
                bins.iter().map(|bin| rate(bin) * bin.count as f64).sum::<f64>()
            };
            prop_assert!((mean(|bin| bin.hit_rate) - mean(|bin| bin.smoothed)).abs() < 1e-6);
        }
    }

    #[test]
    fn isotonic_is_nearest_among_sequences_that_never_fall(
        values in prop::collection::vec((0.0..1.0f64, 0.1..5.0f64), 1..12),
        other in prop::collection::vec(0.0..1.0f64, 12),
    ) {
        let mut other = other[..values.len()].to_vec();
        other.sort_by(f64::total_cmp);
        let distance = |candidate: &[f64]| {
            let terms = values.iter().zip(candidate);
            terms.map(|((a, weight), b)| weight * (a - b).powi(2)).sum::<f64>()
        };
        let fitted = isotonic(&values);
        prop_assert!(fitted.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12));
        prop_assert!(distance(&fitted) <= distance(&other) + 1e-12);
        // Nor is a mixture of the two nearer.
        let mixed: Vec<f64> = fitted.iter().zip(&other).map(|(a, b)| 0.99 * a + 0.01 * b).collect();
        prop_assert!(distance(&fitted) <= distance(&mixed) + 1e-12);
    }
}

/// Right with probability 0.3 + 0.6 margin, margins uniform from 0 to 1.
fn known() -> Calibration {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let answers: Vec<Answer> = (0..20_000u32)
        .map(|index| {
            let margin: f64 = generator.gen_range(0.0..1.0);
            let class = (index % 3) as u8;
            let right = generator.gen_bool(0.3 + 0.6 * margin);
            Answer {
                margin,
                class,
                label: if right { class } else { (class + 1) % 3 },
            }
        })
        .collect();
    calibrate("a known model", &answers, &NAMES).unwrap()
}

#[test]
fn known_hit_rates_come_back() {
    let calibration = known();
    assert_eq!(calibration.bins.len(), 10);
    for bin in &calibration.bins {
        assert!((bin.hit_rate - (0.3 + 0.6 * bin.mean_margin)).abs() < 0.04);
    }
    assert!((calibration.expected(0.55) - 0.63).abs() < 0.04);
    assert!((calibration.expected(9.0) - 0.87).abs() < 0.04);
    // Margins from m on: the mean of 0.3 + 0.6 x over m..1.
    let half = &calibration.at_least[5];
    assert!((half.share - 0.5).abs() < 1e-3 && (half.hit_rate - 0.75).abs() < 0.02);
}

#[test]
fn calibration_is_written_in_three_forms() {
    let folder = tempfile::tempdir().unwrap();
    let calibration = known();
    calibration
        .exhibit("margins")
        .unwrap()
        .write(folder.path())
        .unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let back: Calibration = serde_json::from_str(&read("margins.json")).unwrap();
    assert_eq!((back.count, back.bins.len()), (20_000, 10));
    let page = read("margins.md");
    assert!(
        page.contains("## BUY") && page.contains("20000 answers") && page.contains("(margins.svg)")
    );
    assert!(read("margins.svg").contains("all classes, smoothed"));
    if let Ok(folder) = std::env::var("PLOTS") {
        calibration
            .exhibit("margins")
            .unwrap()
            .write(std::path::Path::new(&folder))
            .unwrap();
    }
}

#[test]
fn useless_answers_are_refused_by_index() {
    let answer = Answer {
        margin: 1.0,
        class: 0,
        label: 2,
    };
    assert_eq!(calibrate("", &[], &NAMES), Err(Error::Empty));
    let nan = Answer {
        margin: f64::NAN,
        ..answer
    };
    assert!(matches!(
        calibrate("", &[answer, nan], &NAMES),
        Err(Error::Margin { index: 1, .. })
    ));
    let wild = Answer { label: 3, ..answer };
    let error = calibrate("", &[answer, wild], &NAMES);
    assert!(matches!(
        error,
        Err(Error::Class {
            index: 1,
            class: 3,
            classes: 3
        })
    ));
}
