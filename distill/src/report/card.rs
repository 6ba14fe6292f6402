//! The model card: what the model is, what it scored, what it is not.

use std::fmt::Write;

use veriregime_features::Manifest;
use veriregime_features::manifest::{Dates, Scores};

use crate::data::CLASS_NAMES;
use crate::pipeline::Outcome;
use crate::report::sparsity::Sparsity;

/// Published numbers on the same split and features, for comparison: name, macro-F1, accuracy.
const PUBLISHED: [(&str, f64, f64); 2] = [
    ("gradient-boosted trees, plain", 0.343, 0.478),
    ("gradient-boosted trees, class-balanced", 0.413, 0.420),
];

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
    confusion(card, &manifest.metrics.test)?;
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
    writeln!(
        card,
        "# {}\n\n\
         An integer network that reads the last hour of {} ({} minutes x {} features) and says SELL, HOLD or BUY for the\n\
         next {} minutes (a move beyond {} %). {widths}, activation {}, weights of {} bits, {} rows of circuit (k = {}).\n\n\
         Every score here is measured on the exact integers that the proof is about. It is a small edge over chance, in\n\
         line with what is known of one-hour moves; it is no advice, and nothing here promises a profit.\n",
        manifest.name,
        manifest.schema.symbol,
        manifest.schema.window,
        manifest.schema.features.len(),
        manifest.training.horizon_minutes,
        manifest.training.theta * 100.0,
        manifest.model.activation,
        manifest
            .model
            .weight_bits
            .iter()
            .max()
            .copied()
            .unwrap_or(0),
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
    for (name, f1, accuracy) in PUBLISHED {
        writeln!(
            card,
            "| {name} (published, not recomputed) | {f1:.3} | {accuracy:.3} |"
        )?;
    }
    writeln!(
        card,
        "\nOffsets of the logits are chosen on the validation part for macro-F1, for every model alike (but for always HOLD).\n\
         On the validation part the integer model has macro-F1 {:.4}, accuracy {:.4}.\n",
        metrics.validation.macro_f1, metrics.validation.accuracy
    )
}

fn confusion(card: &mut String, scores: &Scores) -> std::fmt::Result {
    writeln!(
        card,
        "| actual \\ predicted | SELL | HOLD | BUY | precision | recall | F1 |\n|---|---|---|---|---|---|---|"
    )?;
    for ((name, row), class) in CLASS_NAMES
        .iter()
        .zip(&scores.confusion)
        .zip(&scores.classes)
    {
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
    writeln!(card, "\n## Data\n")?;
    writeln!(
        card,
        "| part | from | to | windows | SELL | HOLD | BUY |\n|---|---|---|---|---|---|---|"
    )?;
    let (split, splits) = (&outcome.prepared.split, &training.splits);
    for (name, dates, part) in [
        ("training", &splits.train, &split.train),
        ("validation", &splits.validation, &split.validation),
        ("test", &splits.test, &split.test),
    ] {
        let [sell, hold, buy] = outcome
            .prepared
            .label_shares(part.clone())
            .map(|share| share * 100.0);
        let Dates { from, to, windows } = dates;
        writeln!(
            card,
            "| {name} | {from} | {to} | {windows} | {sell:.1} % | {hold:.1} % | {buy:.1} % |"
        )?;
    }
    let [large_sell, large_hold, large_buy] =
        outcome.prepared.large_moves.map(|share| share * 100.0);
    writeln!(
        card,
        "\nClose times in UNIX seconds, every {} minutes; the parts are 70/15/15 in time with a gap of warm-up, window and\n\
         label between them; {} windows were skipped because they cross an outage. With a threshold of 2 % instead, all\n\
         windows together would be {large_sell:.1} % SELL, {large_hold:.1} % HOLD, {large_buy:.1} % BUY: hence {} %. Files:\n",
        training.stride_minutes,
        training.skipped_windows,
        training.theta * 100.0
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
         to x^2 and fine-tuned, then quantisation-aware training through the exact integer semantics.\n\
         `reports/training.json` has the settings and every epoch.\n",
        manifest.training.seed, manifest.training.wall_seconds
    )?;
    writeln!(
        card,
        "| stage | epochs | epochs/minute | best validation macro-F1 |\n|---|---|---|---|"
    )?;
    for stage in &outcome.trained.history {
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
