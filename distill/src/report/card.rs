//! The model card: what the model is, what it scored, what it is not.

use std::fmt::Write;

use veriregime_features::Manifest;
use veriregime_features::labels::Question;
use veriregime_features::manifest::Dates;

use crate::pipeline::Outcome;
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
pub fn render(manifest: &Manifest, outcome: &Outcome) -> String {
    let mut card = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut card, manifest, outcome);
    card
}

fn write(card: &mut String, manifest: &Manifest, outcome: &Outcome) -> std::fmt::Result {
    heading(card, manifest, outcome)?;
    comparison(card, manifest)?;
    confusion(card, manifest)?;
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
