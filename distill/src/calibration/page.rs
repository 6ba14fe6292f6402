//! The calibration as Markdown.

use std::fmt::Write;

use super::{Bin, Calibration};

pub(super) fn of(calibration: &Calibration) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page, calibration);
    page
}

fn write(page: &mut String, calibration: &Calibration) -> std::fmt::Result {
    let Calibration {
        subject,
        count,
        hit_rate,
        rises,
        ..
    } = calibration;
    let trend = if *rises {
        "No tenth is right less often than the one before."
    } else {
        "The hit rate does not rise in every tenth; the smoothed one is its nearest that never falls."
    };
    writeln!(
        page,
        "# Hit rate by margin: {subject}\n\n\
         {count} answers, {:.1} % right. The margin is the best logit less the second best, in the model's own units. {trend}\n\
         Windows that overlap share their candles: there is less evidence in the counts than independent answers would give.\n",
        hit_rate * 100.0
    )?;
    bins(page, &calibration.bins)?;
    writeln!(
        page,
        "\n## At least\n\n| margin at least | answers | share | right |\n|---|---|---|---|"
    )?;
    for row in &calibration.at_least {
        writeln!(
            page,
            "| {} | {} | {:.1} % | {:.1} % |",
            margin(row.margin),
            row.count,
            row.share * 100.0,
            row.hit_rate * 100.0
        )?;
    }
    for class in &calibration.classes {
        writeln!(
            page,
            "\n## {}\n\n{} answers, {:.1} % right.\n",
            class.class,
            class.count,
            class.hit_rate * 100.0
        )?;
        if !class.bins.is_empty() {
            bins(page, &class.bins)?;
        }
    }
    Ok(())
}

fn bins(page: &mut String, bins: &[Bin]) -> std::fmt::Result {
    writeln!(
        page,
        "| margin from | to | mean | answers | right | smoothed |\n|---|---|---|---|---|---|"
    )?;
    for bin in bins {
        writeln!(
            page,
            "| {} | {} | {} | {} | {:.1} % | {:.1} % |",
            margin(bin.from),
            margin(bin.to),
            margin(bin.mean_margin),
            bin.count,
            bin.hit_rate * 100.0,
            bin.smoothed * 100.0
        )?;
    }
    Ok(())
}

/// Four digits: integer logits have many more, which say nothing.
fn margin(value: f64) -> String {
    if (0.01..10_000.0).contains(&value) || value == 0.0 {
        let decimals = if value >= 100.0 { 0 } else { 3 };
        return format!("{value:.decimals$}");
    }
    format!("{value:.3e}")
}
