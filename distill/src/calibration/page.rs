//! The calibration as Markdown.

use std::fmt::Write;

use super::{Bin, Calibration, Transfer};

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

pub(super) fn of_transfer(transfer: &Transfer) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write_transfer(&mut page, transfer);
    page
}

fn write_transfer(page: &mut String, transfer: &Transfer) -> std::fmt::Result {
    let Transfer {
        model,
        fitted,
        measured,
        ..
    } = transfer;
    writeln!(
        page,
        "# Hit rate by margin: {model}\n\n\
         The margin is the best logit less the second best of the exact integers. Margins and expected hit rates are those of one part\n\
         ({}: {} answers, {:.1} % right), the rest is what they gave on another\n\
         ({}: {} answers, {:.1} % right).\n\n\
         Expected and measured hit rates are {:.1} points apart in the mean. Windows that overlap share their candles: there is less\n\
         evidence in the counts than independent answers would give.\n",
        fitted.subject,
        fitted.count,
        fitted.hit_rate * 100.0,
        measured.subject,
        measured.count,
        measured.hit_rate * 100.0,
        transfer.gap * 100.0,
    )?;
    writeln!(
        page,
        "| margin from | expected right | answers | right |\n|---|---|---|---|"
    )?;
    for bin in &transfer.bins {
        writeln!(
            page,
            "| {} | {:.1} % | {} | {:.1} % |",
            margin(bin.from),
            bin.expected * 100.0,
            bin.count,
            bin.hit_rate * 100.0
        )?;
    }
    writeln!(
        page,
        "\nThe first row also has the smaller margins.\n\n## At least\n\n\
         | margin at least | share, fitted | right, fitted | answers | share | right |\n|---|---|---|---|---|---|"
    )?;
    for row in &transfer.kept {
        writeln!(
            page,
            "| {} | {:.1} % | {:.1} % | {} | {:.1} % | {:.1} % |",
            margin(row.margin),
            row.fitted_share * 100.0,
            row.fitted_hit_rate * 100.0,
            row.count,
            row.share * 100.0,
            row.hit_rate * 100.0
        )?;
    }
    writeln!(
        page,
        "\n## By class ({})\n\n| answer | answers | right |\n|---|---|---|",
        measured.subject
    )?;
    for class in &measured.classes {
        writeln!(
            page,
            "| {} | {} | {:.1} % |",
            class.class,
            class.count,
            class.hit_rate * 100.0
        )?;
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
