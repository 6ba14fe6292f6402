//! `veriregime status`: what a running node says of itself.

use std::{fmt::Write, time::Duration};

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use super::{Ending, print};
use crate::utc;

/// Rounds shown for a person; --json has them all.
const SHOWN: usize = 10;

/// Show what a running node is doing: checks, balance, the latest rounds.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime status\n  veriregime status --url http://127.0.0.1:8790 --json\n\nExit code 3 if the node answers but is not ready."
)]
pub(super) struct Status {
    /// Where the node listens (node.listen).
    #[arg(long, default_value = "http://127.0.0.1:8790", value_name = "URL")]
    url: String,
}

/// No node answers.
#[derive(Debug, thiserror::Error)]
#[error(
    "{url} gives no status: {reason}: is the node running? node.listen of its configuration says where it listens"
)]
pub(crate) struct NoNode {
    url: String,
    reason: String,
}

impl Status {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(15))
            .no_proxy()
            .build()?;
        let url = format!("{}/status", self.url.trim_end_matches('/'));
        let failed = |error: reqwest::Error| NoNode {
            url: self.url.clone(),
            reason: error.without_url().to_string(),
        };
        let answer = client.get(&url).send().await.map_err(failed)?;
        let answer = answer.error_for_status().map_err(failed)?;
        let status: Value = answer.json().await.map_err(failed)?;
        print(json, &status, || describe(&status))?;
        Ok(if status["ready"] == true {
            Ending::Holds
        } else {
            Ending::Disagrees
        })
    }
}

fn describe(status: &Value) -> String {
    let mut words = format!(
        "veriregime {} at {}, block {}, balance {} wei\n",
        text(&status["version"]),
        text(&status["chain"]["address"]),
        text(&status["chain"]["block"]),
        text(&status["chain"]["balance_wei"]),
    );
    for check in list(&status["checks"]) {
        let mark = if check["ok"] == true { "ok  " } else { "FAIL" };
        let (name, detail) = (text(&check["name"]), text(&check["detail"]));
        let _ = writeln!(words, "  {mark}  {name:<24} {detail}");
    }
    for oracle in list(&status["oracles"]) {
        let _ = writeln!(
            words,
            "{} ({}):",
            text(&oracle["name"]),
            text(&oracle["address"])
        );
        for round in list(&oracle["rounds"]).iter().take(SHOWN) {
            let close = round["close_time"].as_u64().unwrap_or_default();
            let what = match &round["reason"] {
                Value::String(reason) => reason.clone(),
                _ => format!("{} {}", text(&round["signal"]), text(&round["tx"])),
            };
            let _ = writeln!(
                words,
                "  {}  {:<9} {what}",
                utc::minute(close),
                text(&round["stage"])
            );
        }
    }
    words.trim_end().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(words) => words.clone(),
        Value::Null => "-".into(),
        other => other.to_string(),
    }
}
