//! The model card: what the model is, what it scored, what it is not.

use std::fmt::Write;

use veriregime_features::Manifest;
use veriregime_features::labels::Question;
use veriregime_features::manifest::Dates;

use crate::backtest::{Performance, Settings};
use crate::calibration::Transfer;
use crate::pipeline::Outcome;
use crate::report::evidence::{Evidence, Walk};
use crate::report::sparsity::Sparsity;

/// Numbers of others for comparison, not recomputed: name, macro-F1, accuracy.
fn published(question: Question) -> [(&'static str, f64, f64); 2] {
    match question {
        Question::Signal => [
            (
                "gradient-boosted trees on the 8 features, plain",
                0.343,
                0.478,
            ),
            (
                "gradient-boosted trees on the 8 features, class-balanced",
                0.413,
                0.420,
            ),
        ],
        Question::Regime => [
            (
                "CNN teacher, 240 minutes x 7 features, 35,778 parameters",
                0.746,
                0.746,
            ),
            ("MLP student, 471,618 parameters", 0.722, 0.725),
        ],
    }
}

/// Renders the card as Markdown.
#[must_use]
pub fn render(manifest: &Manifest, outcome: &Outcome, evidence: &Evidence) -> String {
    let mut card = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut card, manifest, outcome, evidence);
    card
}

fn write(
    card: &mut String,
    manifest: &Manifest,
    outcome: &Outcome,
    evidence: &Evidence,
) -> std::fmt::Result {
    heading(card, manifest, outcome)?;
    use_and_limits(card, manifest)?;
    comparison(card, manifest)?;
    confusion(card, manifest)?;
    calibration(card, &evidence.calibration)?;
    if let Some(walk) = &evidence.backtest {
        backtest(card, walk)?;
    }
    data(card, manifest, outcome)?;
    training(card, manifest, outcome)
}

fn heading(card: &mut String, manifest: &Manifest, outcome: &Outcome) -> std::fmt::Result {
    let widths = manifest
        .model
        .widths
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("-");
    let training = &manifest.training;
    let (horizon, percent) = (training.horizon_minutes, training.theta * 100.0);
    let answer = match training.question {
        Question::Signal => format!(
            "says SELL, HOLD or BUY for the\nnext {horizon} minutes (a move beyond {percent} %)"
        ),
        Question::Regime => format!(
            "says whether the standard deviation of\none-minute returns over the next {horizon} minutes stays below {percent} % (LOW) or not (HIGH)"
        ),
    };
    let promise = match training.question {
        Question::Signal => {
            "It is a small edge over chance, in\nline with what is known of one-hour moves; it is no advice, and nothing here promises a profit."
        }
        Question::Regime => {
            "Volatility is persistent and keeps office\nhours, which is what it has learnt; it says nothing about the direction of the price."
        }
    };
    writeln!(
        card,
        "# {}\n\nAn integer network that reads the last hour of {} ({} minutes x {} features, {} context values) and {answer}.\n\
         {widths}, activation {}, weights of {} bits, {} rows of circuit (k = {}).\n\n\
         Every score here is measured on the exact integers that the proof is about. {promise}\n",
        manifest.name,
        manifest.schema.symbol,
        manifest.schema.window,
        manifest.schema.features.len(),
        manifest.schema.context.len(),
        manifest.model.activation,
        manifest
            .model
            .weight_bits
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("/"),
        outcome.rows,
        outcome.k,
    )
}

fn use_and_limits(card: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let training = &manifest.training;
    let cap = Settings::default().high_cap * 100.0;
    let purpose = match training.question {
        Question::Signal => "For a DAO treasury of two tokens that lets verified signals move its share of the base token, within limits that the\n\
             contracts enforce whatever the model says (`contracts/treasury`): step, smallest and largest trade, cooldown, budgets of turnover\n\
             and of loss, distance of the price. It is no investment advice, and no basis for a treasury without such limits.".to_owned(),
        Question::Regime => format!(
            "For a DAO that wants to know, with a proof, whether the next hours are expected to be calm: it holds less of the base token\n\
             while the answer is HIGH, for instance at most {cap:.0} % (the regime cap of the backtest that a signal model has when it is\n\
             given this one), pauses what is sensitive to jumps, or widens its price limits, and returns at LOW. The shipped treasury trades on\n\
             signals only: a regime is read from an oracle of its own, and what follows from it is the DAO's to decide. It is no\n\
             investment advice."
        ),
    };
    writeln!(
        card,
        "## Intended use\n\n{purpose}\n\n\
         ## Limits\n\n\
         - Trained and measured on {} in candles of {} s alone. Another symbol, market or timeframe needs an evaluation of its own first\n\
         \x20 (`veriregime evaluate`, `docs/evaluating.md`), and most likely a training.\n\
         - Measured on one span of one market (see Data). Markets change; no number here says what the next span brings.\n\
         - It reads one hour and {} values of context: no news, no order book, no other market.\n\
         - Windows overlap: the counts below hold less evidence than as many independent answers would.\n\
         - A proof says that these weights gave this answer to these candles. It does not say that the answer is right.\n",
        manifest.schema.symbol,
        manifest.schema.timeframe,
        manifest.schema.context.len(),
    )
}

fn calibration(card: &mut String, transfer: &Transfer) -> std::fmt::Result {
    writeln!(
        card,
        "\n## How sure it is\n\n\
         The margin is the best logit less the second best. Left out is the share of the validation part's answers with a smaller margin;\n\
         that margin, chosen there, then gave on the test part:\n\n\
         | left out | right, validation | answers, test | share | right, test |\n|---|---|---|---|---|"
    )?;
    for row in &transfer.kept {
        writeln!(
            card,
            "| {:.0} % | {:.1} % | {} | {:.1} % | {:.1} % |",
            (1.0 - row.fitted_share) * 100.0,
            row.fitted_hit_rate * 100.0,
            row.count,
            row.share * 100.0,
            row.hit_rate * 100.0
        )?;
    }
    writeln!(
        card,
        "\nOver tenths by margin, hit rates expected from the validation part and measured on the test part are {:.1} points apart in\n\
         the mean: [calibration](reports/calibration.md).",
        transfer.gap * 100.0
    )
}

fn backtest(card: &mut String, walk: &Walk) -> std::fmt::Result {
    let report = &walk.report;
    writeln!(
        card,
        "\n## What the treasury's rule would have got\n\n\
         A simulation of the test part with the default policy and its costs, nothing fitted to it; a past, and no promise.\n\n\
         | strategy | return | before costs | costs (USD) | max drawdown | trades |\n|---|---|---|---|---|---|"
    )?;
    for strategy in &report.strategies {
        let Performance {
            rule,
            total_return,
            return_before_costs,
            max_drawdown,
            trades,
            ..
        } = strategy;
        writeln!(
            card,
            "| {} | {:+.2} % | {:+.2} % | {:.0} | {:.1} % | {trades} |",
            rule.name(),
            total_return * 100.0,
            return_before_costs * 100.0,
            strategy.costs(),
            max_drawdown * 100.0,
        )?;
    }
    writeln!(
        card,
        "\nLuck: the signal rule on the same signals at other times. Rotated signals keep their runs and so trade alike; permuted ones do not.\n\n\
         | control | simulations | mean return | mean before costs | at least as good | before costs |\n|---|---|---|---|---|---|"
    )?;
    for control in &report.controls {
        writeln!(
            card,
            "| {} | {} | {:+.2} % | {:+.2} % | {} | {} |",
            control.name,
            control.returns.len(),
            control.mean * 100.0,
            control.mean_before_costs * 100.0,
            control.as_good,
            control.as_good_before_costs,
        )?;
    }
    if let Some(regimes) = &walk.regimes {
        writeln!(card, "\nRegimes are those of `{}`.", regimes.model)?;
    }
    writeln!(
        card,
        "\nAssumptions, months and curves: [backtest](reports/backtest.md)."
    )
}

fn comparison(card: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let metrics = &manifest.metrics;
    writeln!(card, "## Scores on the test part\n")?;
    writeln!(card, "| model | macro-F1 | accuracy |\n|---|---|---|")?;
    writeln!(
        card,
        "| **this integer model** | **{:.4}** | **{:.4}** |",
        metrics.test.macro_f1, metrics.test.accuracy
    )?;
    for (name, scores) in &metrics.comparison {
        writeln!(
            card,
            "| {name} | {:.4} | {:.4} |",
            scores.macro_f1, scores.accuracy
        )?;
    }
    for (name, f1, accuracy) in published(manifest.training.question) {
        writeln!(
            card,
            "| {name} (published, not recomputed) | {f1:.3} | {accuracy:.3} |"
        )?;
    }
    writeln!(
        card,
        "\nOffsets of the logits are chosen on the validation part, for every model that has logits alike.\nOn the validation part the integer model has macro-F1 {:.4}, accuracy {:.4}.\n",
        metrics.validation.macro_f1, metrics.validation.accuracy
    )
}

fn confusion(card: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let (names, scores) = (&manifest.model.classes, &manifest.metrics.test);
    writeln!(
        card,
        "| actual \\ predicted | {} | precision | recall | F1 |\n|---|{}---|---|---|",
        names.join(" | "),
        "---|".repeat(names.len())
    )?;
    for ((name, row), class) in names.iter().zip(&scores.confusion).zip(&scores.classes) {
        write!(card, "| {name}")?;
        for count in row {
            write!(card, " | {count}")?;
        }
        writeln!(
            card,
            " | {:.3} | {:.3} | {:.3} |",
            class.precision, class.recall, class.f1
        )?;
    }
    Ok(())
}

fn data(card: &mut String, manifest: &Manifest, outcome: &Outcome) -> std::fmt::Result {
    let training = &manifest.training;
    let names = &manifest.model.classes;
    writeln!(
        card,
        "\n## Data\n\n| part | from | to | windows | {} |\n|---|---|---|---|{}",
        names.join(" | "),
        "---|".repeat(names.len())
    )?;
    let (split, splits) = (&outcome.prepared.split, &training.splits);
    for (name, dates, part) in [
        ("training", &splits.train, &split.train),
        ("validation", &splits.validation, &split.validation),
        ("test", &splits.test, &split.test),
    ] {
        let Dates { from, to, windows } = dates;
        write!(card, "| {name} | {from} | {to} | {windows} |")?;
        for share in outcome.prepared.label_shares(part.clone()) {
            write!(card, " {:.1} % |", share * 100.0)?;
        }
        writeln!(card)?;
    }
    writeln!(
        card,
        "\nClose times in UNIX seconds, every {} minutes; the parts are 70/15/15 in time with a gap of warm-up, window and\n\
         label between them; {} windows were skipped because they cross an outage. Files:\n",
        training.stride_minutes, training.skipped_windows,
    )?;
    for source in &training.sources {
        writeln!(card, "- `{}` SHA-256 `{}`", source.file, source.sha256)?;
    }
    Ok(())
}

fn training(card: &mut String, manifest: &Manifest, outcome: &Outcome) -> std::fmt::Result {
    writeln!(
        card,
        "\n## Training\n\n\
         Seed {}, {:.0} s of wall time on two shared cores. Teacher (CNN), student distilled with ReLU, activation swapped\n\
         to {} and fine-tuned, then quantisation-aware training through the exact integer semantics.\n\
         `reports/training.json` has the settings and every epoch.\n",
        manifest.training.seed, manifest.training.wall_seconds, manifest.model.activation
    )?;
    writeln!(
        card,
        "| stage | epochs | epochs/minute | best validation score |\n|---|---|---|---|"
    )?;
    for stage in &outcome.history {
        let (name, epochs) = (&stage.name, stage.epochs.len());
        writeln!(
            card,
            "| {name} | {epochs} | {:.1} | {:.4} |",
            stage.pace(),
            stage.best()
        )?;
    }
    writeln!(
        card,
        "\n## What is left of the weights\n\nThe L1 term removes most weights; a neuron without any is constant.\n\n\
         | layer | weights | not zero | neurons | constant |\n|---|---|---|---|---|"
    )?;
    for (index, layer) in Sparsity::of(&outcome.model).iter().enumerate() {
        let Sparsity {
            weights,
            nonzero,
            neurons,
            constant,
        } = layer;
        writeln!(
            card,
            "| {index} | {weights} | {nonzero} | {neurons} | {constant} |"
        )?;
    }
    Ok(())
}
