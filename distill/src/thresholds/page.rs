//! The study as Markdown.

use std::fmt::Write;

use crate::calendar::date;

use super::Study;

pub(super) fn of(study: &Study) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page, study);
    page
}

fn write(page: &mut String, study: &Study) -> std::fmt::Result {
    let Study {
        stride_minutes,
        horizon_minutes,
        windows,
        skipped_windows,
        ..
    } = study;
    writeln!(
        page,
        "# Labels by threshold\n\n\
         BUY: the close {horizon_minutes} minutes later is more than theta higher; SELL: more than theta lower; HOLD: neither.\n\
         {windows} windows, every {stride_minutes} minutes; {skipped_windows} more were left out because they cross a gap in the candles. The\n\
         windows and the split do not depend on theta. Made by `distill labels`; all counts are in `labels.json`.\n\n\
         ![Shares of the classes](labels.svg)\n"
    )?;
    writeln!(
        page,
        "| part | first close | last close | windows |\n|---|---|---|---|"
    )?;
    for part in &study.parts {
        let day = |time: u64| date(i64::try_from(time).unwrap_or(i64::MAX));
        let (from, to) = (day(part.from), day(part.to));
        writeln!(page, "| {} | {from} | {to} | {} |", part.name, part.windows)?;
    }
    write!(page, "\nSELL / HOLD / BUY in percent:\n\n| theta |")?;
    for part in &study.parts {
        write!(page, " {} |", part.name)?;
    }
    writeln!(page, "\n|---|{}", "---|".repeat(study.parts.len()))?;
    let rows = study.parts.first().map_or(0, |part| part.shares.len());
    for row in 0..rows {
        let of_row = || study.parts.iter().filter_map(|part| part.shares.get(row));
        if let Some(shares) = of_row().next() {
            write!(page, "| {} % |", percent(shares.theta))?;
        }
        for shares in of_row() {
            write!(
                page,
                " {} |",
                triple(shares.shares.map(|share| share * 100.0))
            )?;
        }
        writeln!(page)?;
    }
    comparison(page, study)?;
    writeln!(page, "\n## Files\n")?;
    for source in &study.sources {
        writeln!(page, "- `{}` SHA-256 `{}`", source.file, source.sha256)?;
    }
    Ok(())
}

fn comparison(page: &mut String, study: &Study) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Against the reported shares\n\n\
         | part | theta | reported | measured | largest difference |\n|---|---|---|---|---|"
    )?;
    for row in &study.comparison {
        writeln!(
            page,
            "| {} | {} % | {} | {} | {:.1} points |",
            row.part,
            percent(row.theta),
            triple(row.reported_percent),
            triple(row.measured_percent),
            row.largest_difference
        )?;
    }
    Ok(())
}

fn triple(percent: [f64; 3]) -> String {
    percent.map(|share| format!("{share:.1}")).join(" / ")
}

/// A ratio in percent, without the noise of the multiplication.
pub(super) fn percent(ratio: f64) -> f64 {
    (ratio * 1e6).round() / 1e4
}
