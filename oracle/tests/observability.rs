//! Metrics, log codes and the dashboard are documented as they are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use veriregime::daemon::{Metrics, OfAttestor, OfOracle, OfReason};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What is said of a metric: type, unit, labels.
#[derive(Debug, PartialEq, Eq, Default, Clone)]
struct Metric {
    kind: String,
    unit: String,
    labels: String,
}

/// Every family with one member: a family without any is not in the text.
fn sample() -> Metrics {
    let metrics = Metrics::new();
    let name = || "x".to_owned();
    let of = OfOracle { oracle: name() };
    let why = OfReason {
        oracle: name(),
        reason: name(),
    };
    let who = OfAttestor {
        attestor: name(),
        fault: name(),
    };
    metrics.published.get_or_create(&of).inc();
    metrics.missed.get_or_create(&why).inc();
    metrics.retried.get_or_create(&why).inc();
    metrics.prove.get_or_create(&of).observe(1.0);
    metrics.close_to_sent.get_or_create(&of).observe(1.0);
    metrics.gas.get_or_create(&of).set(1);
    metrics.last_close.get_or_create(&of).set(1);
    metrics.proofs_left.get_or_create(&of).set(1);
    metrics.disagreements.get_or_create(&who).inc();
    metrics
}

/// The metrics of the node's own text.
fn served() -> BTreeMap<String, Metric> {
    let metrics = sample();
    let text = metrics.text().unwrap();
    let mut found: BTreeMap<String, Metric> = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<_> = line.splitn(4, ' ').collect();
        match words.as_slice() {
            ["#", "TYPE", name, kind] => {
                found.entry((*name).into()).or_default().kind = (*kind).into()
            }
            ["#", "UNIT", name, unit] => {
                found.entry((*name).into()).or_default().unit = (*unit).into()
            }
            _ => {}
        }
        let Some((series, labels)) = line.split_once('{') else {
            continue;
        };
        if line.starts_with('#') {
            continue;
        }
        let owner = found
            .keys()
            .filter(|name| series.starts_with(name.as_str()));
        let owner = owner.max_by_key(|name| name.len()).unwrap().clone();
        let labels = labels.split('}').next().unwrap().split(',');
        let names: BTreeSet<_> = labels
            .map(|label| label.split('=').next().unwrap())
            .filter(|name| *name != "le")
            .collect();
        found.get_mut(&owner).unwrap().labels = names.into_iter().collect::<Vec<_>>().join(", ");
    }
    let registered = read("oracle/src/daemon/metrics.rs")
        .matches("m.register")
        .count();
    assert_eq!(
        found.len(),
        registered,
        "a family without a sample: {found:#?}"
    );
    found
}

/// The rows of a page's table: cells without backquotes.
fn rows(page: &str) -> Vec<Vec<String>> {
    page.lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().replace('`', "")).collect()
        })
        .collect()
}

#[test]
fn the_page_lists_every_metric_as_it_is_served() {
    let listed: BTreeMap<String, Metric> = rows(&read("docs/metrics.md"))
        .into_iter()
        .map(|row| {
            let [name, kind, unit, labels, meaning] = row.try_into().unwrap();
            assert!(meaning.len() > 10, "{name} has no meaning");
            (name, Metric { kind, unit, labels })
        })
        .collect();
    assert_eq!(listed, served());
}

/// The names of time series in a query: a counter's end in `_total`, a histogram's in `_bucket`, `_count` or `_sum`.
fn series(query: &str) -> Vec<String> {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    query
        .split(|letter| !word(letter))
        .filter(|name| name.starts_with("veriregime_"))
        .map(String::from)
        .collect()
}

fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("expr" | "query" | "definition", Value::String(query)) => {
                        found.push(query.clone())
                    }
                    _ => queries(value, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|value| queries(value, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_asks_for_metrics_that_exist() {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/veriregime.json")).unwrap();
    let served = served();
    let exists = |name: &str| {
        let of = |end: &str, kind: &str| {
            let base = name.strip_suffix(end);
            base.and_then(|base| served.get(base))
                .is_some_and(|metric| metric.kind == kind)
        };
        served
            .get(name)
            .is_some_and(|metric| metric.kind == "gauge")
            || of("_total", "counter")
            || ["_bucket", "_count", "_sum"]
                .iter()
                .any(|end| of(end, "histogram"))
            || of("_info", "info")
    };
    assert!(exists("veriregime_rounds_published_total") && !exists("veriregime_rounds_published"));
    let mut all = Vec::new();
    queries(&dashboard, &mut all);
    let alerts = read("deploy/prometheus/alerts.yml");
    all.push(alerts.clone());
    let named: BTreeSet<String> = all.iter().flat_map(|query| series(query)).collect();
    let unknown: Vec<_> = named.iter().filter(|name| !exists(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    // Nothing is counted that nobody looks at.
    let unseen: Vec<_> = served
        .keys()
        .filter(|metric| !named.iter().any(|name| name.starts_with(metric.as_str())))
        .collect();
    assert!(unseen.is_empty(), "on no panel: {unseen:?}");
    let ids: Vec<_> = dashboard["panels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|panel| &panel["id"])
        .collect();
    let distinct: BTreeSet<_> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(ids.len(), distinct.len(), "panels need ids of their own");
    // Every alert is explained to the operator.
    let guide = read("docs/operating.md");
    for alert in alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
    {
        assert!(
            guide.contains(&format!("`{alert}`")),
            "{alert} is not in docs/operating.md"
        );
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The literals that follow `head` in the sources.
fn literals(heads: &[&str], below: &str) -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&root().join(below), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for head in heads {
            let rests = text.split(head).skip(1);
            found.extend(rests.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    found
}

#[test]
fn the_page_lists_every_log_code() {
    let said = literals(&["code = \""], "oracle/src");
    assert!(said.len() > 15, "is the search broken? {said:?}");
    let page = read("docs/logs.md");
    let (events, kinds) = page.split_once("\n## Why a round was missed").unwrap();
    let listed: BTreeSet<_> = rows(events)
        .into_iter()
        .map(|mut row| row.swap_remove(0))
        .collect();
    assert_eq!(listed, said);

    let mut misses = literals(&["Again(\"", "Wait(\"", "Over(\""], "oracle/src/daemon");
    misses.extend(["too-old", "superseded"].map(String::from));
    let due = read("oracle/src/daemon/due.rs");
    assert!(due.contains("\"too-old\"") && due.contains("\"superseded\""));
    let listed: BTreeSet<_> = rows(kinds)
        .into_iter()
        .map(|mut row| row.swap_remove(0))
        .collect();
    assert_eq!(listed, misses);
}
