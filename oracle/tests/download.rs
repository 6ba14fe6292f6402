//! Downloads from an exchange of our own: what lands on disk, and what does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::market::{Exchange, START_MS};
use veriregime::{
    download::{Download, DownloadError, Downloaded, Span},
    exchange::{Binance, ExchangeError, FileExchange},
    market::Market,
};
use veriregime_features::dataset::{read_candles, read_funding};

const START: u64 = 1_735_689_600;
const CANDLES: &str = "btcusdt_1m.csv.zst";
const PART: &str = "btcusdt_1m.csv.part";
const FUNDING: &str = "funding_rate.csv";

fn binance(url: &str) -> Arc<Binance> {
    Arc::new(Binance::at(url, url, Duration::from_secs(5), 2).unwrap())
}

async fn fetch(
    url: &str,
    folder: &Path,
    from: u64,
    minutes: u64,
) -> Result<Downloaded, DownloadError> {
    let span = Span::new(from, START + minutes * 60).unwrap();
    Download::new(binance(url), Market::btc_usdt_minutes(), folder, span)?
        .run(|_| {})
        .await
}

/// The files of an undisturbed download.
async fn undisturbed(exchange: &Exchange, minutes: u64) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let url = exchange.serve().await;
    exchange.heal();
    fetch(&url, folder.path(), START, minutes).await.unwrap();
    files(folder.path())
}

fn files(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    (
        fs::read(folder.join(CANDLES)).unwrap(),
        fs::read(folder.join(FUNDING)).unwrap(),
    )
}

#[tokio::test]
async fn fetched_rows_are_read_by_the_dataset_reader_without_the_open_candle() {
    let exchange = Exchange::new(431).without(120..123).without(150..151);
    let url = exchange.serve().await;
    let folder = tempfile::tempdir().unwrap();
    let done = fetch(&url, folder.path(), START, 10_000).await.unwrap();
    let candles = read_candles(&folder.path().join(CANDLES)).unwrap();
    let funding = read_funding(&folder.path().join(FUNDING)).unwrap();
    assert_eq!(candles.rows, exchange.closed());
    assert_eq!(funding.rows, *exchange.funding);
    assert_eq!(done.candles.rows, 426);
    assert_eq!(done.candles.sha256, hex::encode(candles.sha256));
    assert_eq!(done.funding.sha256, hex::encode(funding.sha256));
    assert_eq!((done.gaps.len(), done.missing()), (2, 4));
    assert_eq!(done.gaps[0].previous_ms, START_MS + 119 * 60_000);
    assert_eq!(done.missing_at_ends(), (0, 10_000 - 430));
    assert!(FileExchange::open(folder.path()).is_ok());
    let mut left = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect::<Vec<_>>();
    left.sort();
    assert_eq!(left, [CANDLES, FUNDING], "nothing else is left");
}

#[tokio::test]
async fn span_is_kept_and_a_later_one_extends_the_files() {
    let exchange = Exchange::new(2_000);
    let url = exchange.serve().await;
    let folder = tempfile::tempdir().unwrap();
    fetch(&url, folder.path(), START, 130).await.unwrap();
    let path = folder.path().join(CANDLES);
    assert_eq!(read_candles(&path).unwrap().rows, exchange.candles[..130]);
    let short = files(folder.path());

    fetch(&url, folder.path(), START, 130).await.unwrap();
    assert_eq!(files(folder.path()), short, "again: nothing to do");
    fetch(&url, folder.path(), START, 1_700).await.unwrap();
    assert_eq!(files(folder.path()), undisturbed(&exchange, 1_700).await);

    let other = tempfile::tempdir().unwrap();
    fetch(&url, other.path(), START + 600, 130).await.unwrap();
    let error = fetch(&url, other.path(), START, 130).await.unwrap_err();
    assert!(
        matches!(&error, DownloadError::BeginsLater { theirs, .. } if *theirs == START_MS),
        "{error}"
    );
}

#[tokio::test]
async fn interruption_after_any_request_resumes_to_the_same_files() {
    let exchange = Exchange::new(420).without(120..123);
    let want = undisturbed(&exchange, 420).await;
    let url = exchange.serve().await;
    for requests in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        exchange.break_requests(requests, usize::MAX, |_| (418, Some("3600"), String::new()));
        let error = fetch(&url, folder.path(), START, 420).await.unwrap_err();
        assert!(error.to_string().contains("goes on"), "{error}");
        assert!(!folder.path().join(CANDLES).exists());
        // As a crash in the middle of a write would leave it.
        let part = folder.path().join(PART);
        if let Ok(mut text) = fs::read_to_string(&part) {
            text.push_str("1735689600000,300");
            fs::write(&part, text).unwrap();
        }
        exchange.heal();
        fetch(&url, folder.path(), START, 420).await.unwrap();
        assert_eq!(files(folder.path()), want, "after {requests} requests");
    }
}

#[tokio::test]
async fn answers_that_cannot_be_true_stop_the_download_and_leave_the_file_intact() {
    let exchange = Exchange::new(300);
    let want = undisturbed(&exchange, 299).await;
    let url = exchange.serve().await;
    // A repeated row, two rows exchanged, a negative price, a row from before, and what is no answer at all.
    let faults: [support::market::Fault; 7] = [
        |body| {
            let row = &body[1..=body.find(']').unwrap()];
            (200, None, format!("[{row},{}", &body[1..]))
        },
        |body| {
            let (first, rest) = body[1..].split_once("],").unwrap();
            let (second, rest) = rest.split_once("],").unwrap();
            (200, None, format!("[{second}],{first}],{rest}"))
        },
        |body| (200, None, body.replacen(",\"", ",\"-", 1)),
        |_| {
            let rows = "[[1735689600000,\"1\",\"1\",\"1\",\"1\",\"1\",1,1,1,1,1,1]]";
            (200, None, rows.into())
        },
        |_| (200, None, "<html><body>maintenance</body></html>".into()),
        |body| (200, None, body[..body.len() / 2].into()),
        |_| (503, None, String::new()),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        exchange.break_requests(2, usize::MAX, fault);
        let error = fetch(&url, folder.path(), START, 299).await.unwrap_err();
        assert!(
            matches!(&error, DownloadError::Exchange { source } if source.is_retryable()),
            "fault {number}: {error}"
        );
        let part = read_candles(&folder.path().join(PART)).unwrap();
        assert_eq!(part.rows, exchange.candles[..100], "fault {number}");
        assert!(!folder.path().join(CANDLES).exists());
        exchange.heal();
        fetch(&url, folder.path(), START, 299).await.unwrap();
        assert_eq!(files(folder.path()), want, "fault {number}");
    }
}

#[tokio::test]
async fn missing_rows_are_asked_for_twice() {
    let exchange = Exchange::new(300);
    let want = undisturbed(&exchange, 299).await;
    let url = exchange.serve().await;
    let without_second: support::market::Fault = |body| {
        let (first, rest) = body[1..].split_once("],").unwrap();
        let (_, rest) = rest.split_once("],").unwrap();
        (200, None, format!("[{first}],{rest}"))
    };
    let empty: support::market::Fault = |_| (200, None, "[]".into());
    for fault in [without_second, empty] {
        let folder = tempfile::tempdir().unwrap();
        exchange.break_requests(2, 2, fault);
        let done = fetch(&url, folder.path(), START, 299).await.unwrap();
        assert!(done.gaps.is_empty());
        assert_eq!(files(folder.path()), want);
    }
    // The second answer lacks rows that the first one had.
    let exchange = Exchange::new(300).without(120..121);
    let url = exchange.serve().await;
    let folder = tempfile::tempdir().unwrap();
    exchange.break_requests(3, 3, empty);
    let error = fetch(&url, folder.path(), START, 299).await.unwrap_err();
    assert!(error.to_string().contains("disagree"), "{error}");
}

#[tokio::test]
async fn short_waits_are_kept_and_hiccups_repeated() {
    let exchange = Exchange::new(300);
    let want = undisturbed(&exchange, 299).await;
    let url = exchange.serve().await;
    let limited: support::market::Fault = |_| (429, Some("1"), String::new());
    let html: support::market::Fault = |_| (200, None, "<html>".into());
    for (first, last, fault) in [(2, 4, limited), (2, 2, html)] {
        let folder = tempfile::tempdir().unwrap();
        exchange.break_requests(first, last, fault);
        fetch(&url, folder.path(), START, 299).await.unwrap();
        assert_eq!(files(folder.path()), want);
    }
}

#[tokio::test]
async fn folders_of_other_rows_markets_and_downloads_are_refused() {
    let exchange = Exchange::new(300);
    let url = exchange.serve().await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("ethusdt_1m.csv.zst");
    fs::write(&other, "").unwrap();
    let error = fetch(&url, folder.path(), START, 299).await.unwrap_err();
    assert!(matches!(error, DownloadError::Foreign { .. }), "{error}");
    fs::remove_file(other).unwrap();

    let span = Span::new(START, START + 600).unwrap();
    let market = Market::btc_usdt_minutes;
    let first = Download::new(binance(&url), market(), folder.path(), span).unwrap();
    let error = fetch(&url, folder.path(), START, 299).await.unwrap_err();
    assert!(matches!(error, DownloadError::Locked { .. }), "{error}");
    drop(first);

    fetch(&url, folder.path(), START, 100).await.unwrap();
    let changed = Exchange {
        candles: Arc::new(veriregime_features::synthetic::candles(8, START_MS, 300)),
        ..exchange
    };
    let before = files(folder.path());
    let url = changed.serve().await;
    let error = fetch(&url, folder.path(), START, 200).await.unwrap_err();
    assert!(matches!(error, DownloadError::Differs { .. }), "{error}");
    assert_eq!(files(folder.path()), before);

    let folder = tempfile::tempdir().unwrap();
    let market = Market::checked("../x", 60).unwrap();
    let error = Download::new(binance(&url), market, folder.path(), span).map(|_| ());
    assert!(matches!(
        error,
        Err(DownloadError::Exchange {
            source: ExchangeError::BadSymbol { .. }
        })
    ));
    let error = fetch(&url, folder.path(), START + 86_400, 1_500)
        .await
        .unwrap_err();
    assert!(matches!(error, DownloadError::Empty { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn start(url: &str, folder: &Path, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_veriregime"))
        .args(["data", "fetch", "--symbol", "BTC/USDT", "--api", url])
        .args([
            "--from",
            "2025-01-01",
            "--to",
            "2025-01-01T07:00:00Z",
            "--out",
        ])
        .arg(folder)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait_for_rows(folder: &Path, rows: usize) {
    let begun = Instant::now();
    while fs::read_to_string(folder.join(PART)).map_or(0, |text| text.lines().count()) <= rows {
        assert!(begun.elapsed() < Duration::from_secs(60), "no progress");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn command_killed_or_interrupted_goes_on_where_it_was() {
    let mut exchange = Exchange::new(430).without(120..123);
    let want = undisturbed(&exchange, 420).await;
    exchange.delay = Duration::from_millis(60);
    let url = exchange.serve().await;
    let folder = tempfile::tempdir().unwrap();

    let mut child = start(&url, folder.path(), &[]);
    wait_for_rows(folder.path(), 100);
    child.kill().unwrap();
    child.wait().unwrap();

    let child = start(&url, folder.path(), &[]);
    wait_for_rows(folder.path(), 250);
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.contains(PART) && said.contains("the same command goes on"),
        "{said}"
    );
    assert!(!folder.path().join(CANDLES).exists());

    let child = start(&url, folder.path(), &["--json"]);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("downloading"), "{said}");
    assert_eq!(files(folder.path()), want);
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["candles"]["rows"], 417);
    assert_eq!(result["gaps"][0]["missing"], 3);
    assert_eq!(result["candles"]["first_ms"], START_MS);
    assert_eq!(result["from"], START);

    let output = start(&url, folder.path(), &[]).wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("gaps: 1 (3 minutes)"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn command_says_what_is_wrong_and_exits_like_the_others() {
    let exchange = Exchange::new(60);
    exchange.break_requests(0, usize::MAX, |_| {
        let body = "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}";
        (400, None, body.into())
    });
    let url = exchange.serve().await;
    let folder = tempfile::tempdir().unwrap();
    let output = start(&url, folder.path(), &[]).wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("error[exchange.bad-symbol]: binance: unknown symbol BTC/USDT"),
        "{said}"
    );
    let output = Command::new(env!("CARGO_BIN_EXE_veriregime"))
        .args(["data", "fetch", "--from", "yesterday", "--out"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
