//! `report.html`: one self-contained page, readable on a phone, in light and dark.

use std::fmt::Write;

use veriregime_features::{Candle, decimal::format_e8};

use super::{
    caveat,
    chart::chart,
    report::{Report, RoundFacts},
};
use crate::{audit::Verdict, utc};

const STYLE: &str = include_str!("page.css");

/// One line per round for the terminal.
pub(super) fn round_line(round: &RoundFacts, price: i64) -> String {
    let rebalance = &round.rebalance;
    let treasury = if rebalance.executed {
        format!(
            "{} -> {}",
            percent(rebalance.allocation_before_bps),
            percent(rebalance.allocation_after_bps)
        )
    } else {
        rebalance.reason.clone()
    };
    format!(
        "{:>5}  {}  {:>12}  {:<4}  {:>7.0}  {:>7.1}  {:>9}  {:>9}  {treasury}",
        round.round,
        utc::minute(round.close_time),
        format_e8(price),
        round.signal,
        round.prove_ms,
        round.verify_ms,
        round.gas_submit,
        round.gas_verify
    )
}

/// The heading of [`round_line`]s.
pub(super) fn round_heading() -> String {
    format!(
        "{:>5}  {:<16}  {:>12}  {:<4}  {:>7}  {:>7}  {:>9}  {:>9}  treasury",
        "round", "close (UTC)", "price", "sig.", "prove", "verify", "submit", "verifier"
    ) + "\n"
        + &format!(
            "{:>5}  {:<16}  {:>12}  {:<4}  {:>7}  {:>7}  {:>9}  {:>9}  base share",
            "", "", "", "", "ms", "ms", "gas", "gas"
        )
}

/// The page.
pub(super) fn page(report: &Report, verdict: &Verdict, candles: &[Candle], model: &str) -> String {
    let title = format!(
        "VeriRegime: {} rounds of {}",
        report.totals.rounds,
        escape(&report.candles.symbol)
    );
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title><style>{STYLE}</style></head><body><main>\n<h1>{title}</h1>\n"
    );
    let _ = write!(
        page,
        "<p class=\"lead\">{} to {} UTC. Candles: <b>{}</b>. SRS: <b>{}</b>. Model <b>{}</b> (<code>{}</code>), test macro-F1 {:.3}.</p>",
        utc::minute(report.candles.from),
        utc::minute(report.candles.to),
        report.candles.source,
        report.srs.source,
        escape(model),
        report.model.id,
        report.model.test_macro_f1
    );
    if let Some(caveat) = caveat(report.candles.source, report.srs.source) {
        let _ = write!(
            page,
            "<p class=\"warning\" role=\"note\">{}</p>",
            escape(&caveat)
        );
    }
    tiles(&mut page, report);
    let _ = write!(
        page,
        "<h2>Price and signals</h2><figure>{}<figcaption>Close prices; <span class=\"buy\">▲ BUY</span>, <span class=\"sell\">▼ SELL</span>, <span class=\"hold\">● HOLD</span> as the proven network answered.</figcaption></figure>",
        chart(candles, &report.rounds)
    );
    rounds(&mut page, report);
    allocations(&mut page, report);
    audit(&mut page, verdict);
    page + "</main></body></html>\n"
}

fn tiles(page: &mut String, report: &Report) {
    let totals = &report.totals;
    let tiles = [
        (
            format!("{:.2} s", totals.prove_ms_median / 1e3),
            "to prove (median)",
        ),
        (
            format!("{:.1} ms", totals.verify_ms_median),
            "to verify natively",
        ),
        (thousands(totals.gas_verify_max), "gas, verifier alone"),
        (thousands(totals.gas_submit_max), "gas, whole submission"),
        (
            format!("{} / {} / {}", totals.sell, totals.hold, totals.buy),
            "SELL / HOLD / BUY",
        ),
        (totals.rebalances.to_string(), "rebalances executed"),
    ];
    page.push_str("<div class=\"tiles\">");
    for (value, label) in tiles {
        let _ = write!(page, "<div><b>{value}</b><span>{label}</span></div>");
    }
    page.push_str("</div>\n");
}

fn rounds(page: &mut String, report: &Report) {
    page.push_str("<h2>Rounds</h2><div class=\"scroll\"><table><thead><tr><th>Round</th><th>Close (UTC)</th><th>Signal</th><th>Logits SELL, HOLD, BUY</th><th>Prove</th><th>Verify</th><th>Proof</th><th>Gas submit</th><th>Gas verifier</th><th>Gas execute</th><th>Treasury</th><th>Transaction</th></tr></thead><tbody>");
    for round in &report.rounds {
        let logits: Vec<String> = round.logits.iter().map(i64::to_string).collect();
        let class = round.signal.to_lowercase();
        let transaction = round.tx.to_string();
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{}</td><td class=\"{class}\"><b>{}</b></td><td>{}</td><td>{:.0} ms</td><td>{:.1} ms</td><td>{} B</td><td>{}</td><td>{}</td><td>{}</td><td class=\"text\">{}</td><td><code title=\"{transaction}\">{}…</code></td></tr>",
            round.round,
            utc::minute(round.close_time),
            round.signal,
            logits.join(", "),
            round.prove_ms,
            round.verify_ms,
            round.proof_bytes,
            thousands(round.gas_submit),
            thousands(round.gas_verify),
            round.rebalance.gas.map_or_else(|| "–".into(), thousands),
            escape(&round.rebalance.reason),
            transaction.get(..10).unwrap_or(&transaction)
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn allocations(page: &mut String, report: &Report) {
    page.push_str("<h2>Treasury allocation</h2><p>Share of the base asset after each round, at that round's close. A filled bar is a trade.</p><div class=\"bars\">");
    for round in &report.rounds {
        let rebalance = &round.rebalance;
        let _ = write!(
            page,
            "<div class=\"bar\"><span>{}</span><i class=\"{}\"><s style=\"width:{:.2}%\"></s></i><span>{}</span></div>",
            round.round,
            if rebalance.executed {
                round.signal.to_lowercase()
            } else {
                "none".into()
            },
            rebalance.allocation_after_bps as f64 / 100.0,
            if rebalance.executed {
                format!(
                    "{} → {}",
                    percent(rebalance.allocation_before_bps),
                    percent(rebalance.allocation_after_bps)
                )
            } else {
                percent(rebalance.allocation_after_bps)
            }
        );
    }
    page.push_str("</div>\n");
}

fn audit(page: &mut String, verdict: &Verdict) {
    let outcome = if verdict.ok {
        "every step agrees"
    } else {
        "DISAGREEMENT"
    };
    let _ = write!(
        page,
        "<h2>Audit of round {}: {outcome}</h2><p>From the event and the calldata alone, with the auditor's own candles ({}), model and keys.</p><ul class=\"steps\">",
        verdict.round, verdict.source
    );
    for step in &verdict.steps {
        let (class, mark) = if step.ok {
            ("ok", "✓")
        } else {
            ("bad", "✗")
        };
        let _ = write!(
            page,
            "<li class=\"{class}\"><b>{mark} {}</b><span>{}</span></li>",
            escape(step.name),
            escape(&step.detail)
        );
    }
    page.push_str("</ul>\n");
}

fn percent(bps: u64) -> String {
    format!("{}.{:02} %", bps / 100, bps % 100)
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_groups_from_the_right() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn escape_leaves_no_markup() {
        assert_eq!(
            escape("<a href=\"x\">&"),
            "&lt;a href=&quot;x&quot;&gt;&amp;"
        );
    }
}
