//! One window's candles have one digest, whether the exchange's API or a file tells them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test"
)]

mod support;

use std::{sync::Arc, time::Duration};

use support::{Reply, Script};
use veriregime::{
    exchange::{Binance, CandleSource, SourceKind},
    market::Market,
};
use veriregime_features::{CANDLES, Candle, FundingRate, decimal::format_e8, synthetic};

/// 2025-01-02 00:10 UTC: a settlement lies within the window.
const CLOSE: u64 = 1_735_776_600;

fn series() -> (Vec<Candle>, Vec<FundingRate>) {
    let close_ms = i64::try_from(CLOSE).unwrap() * 1_000;
    let start = close_ms - i64::try_from(CANDLES).unwrap() * 60_000;
    (
        synthetic::candles(11, start, CANDLES),
        synthetic::funding(11, start, close_ms),
    )
}

/// As the API writes a number: always eight decimals.
fn padded(value: i64) -> String {
    let magnitude = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    format!(
        "{sign}{}.{:08}",
        magnitude / 100_000_000,
        magnitude % 100_000_000
    )
}

/// As the API writes a candle.
fn kline(candle: &Candle) -> String {
    let Candle {
        open_time_ms: open, ..
    } = candle;
    let [o, h, l, c, v] = [
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
    ]
    .map(padded);
    format!(
        "[{open},\"{o}\",\"{h}\",\"{l}\",\"{c}\",\"{v}\",{},\"1.0\",7,\"1.0\",\"1.0\",\"0\"]",
        open + 59_999
    )
}

async fn exchange(candles: &[Candle], funding: &[FundingRate]) -> CandleSource {
    let klines: Vec<_> = candles.iter().map(kline).collect();
    let rates: Vec<_> = funding
        .iter()
        .map(|rate| {
            let (time, rate) = (rate.time_ms + 2, padded(rate.rate));
            format!(
                "{{\"symbol\":\"BTCUSDT\",\"fundingTime\":{time},\"fundingRate\":\"{rate}\",\"markPrice\":\"1.0\"}}"
            )
        })
        .collect();
    let (url, _) = Script::serve(vec![
        Reply::new(
            "/api/v3/time",
            200,
            format!("{{\"serverTime\":{CLOSE}500}}"),
        ),
        Reply::new("/api/v3/klines", 200, format!("[{}]", klines.join(","))),
        Reply::new(
            "/fapi/v1/fundingRate",
            200,
            format!("[{}]", rates.join(",")),
        ),
    ])
    .await;
    let binance = Binance::at(&url, &url, Duration::from_secs(5), 1).unwrap();
    CandleSource::of(
        SourceKind::Exchange,
        Arc::new(binance),
        Market::btc_usdt_minutes(),
    )
}

/// A data folder as an exporter writes it: no trailing zeros.
fn folder(candles: &[Candle], funding: &[FundingRate]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "open_time_ms,open,high,low,close,volume\n".to_owned();
    for candle in candles {
        let Candle {
            open_time_ms,
            open,
            high,
            low,
            close,
            volume,
        } = *candle;
        let values = [open, high, low, close, volume].map(format_e8).join(",");
        text += &format!("{open_time_ms},{values}\n");
    }
    std::fs::write(folder.path().join("btcusdt_1m.csv"), text).unwrap();
    let mut text = "funding_time_ms,funding_rate\n".to_owned();
    for rate in funding {
        text += &format!("{},{}\n", rate.time_ms, format_e8(rate.rate));
    }
    std::fs::write(folder.path().join("funding_rate.csv"), text).unwrap();
    folder
}

#[tokio::test]
async fn exchange_and_file_give_the_same_digest() {
    let (mut candles, funding) = series();
    let scale = support::scale();
    let market = Market::btc_usdt_minutes();
    let told = exchange(&candles, &funding).await;
    let told = told.sourced_window(CLOSE, &scale).await.unwrap();
    let from_file = |candles: &[Candle]| {
        let folder = folder(candles, &funding);
        CandleSource::file(folder.path(), market.clone()).unwrap()
    };
    let read = from_file(&candles).sourced_window(CLOSE, &scale).await;
    assert_eq!(read.unwrap(), told);

    // One unit of a high, which no feature reads.
    candles[299].high += 1;
    let read = from_file(&candles).sourced_window(CLOSE, &scale).await;
    let read = read.unwrap();
    assert_eq!(read.window, told.window);
    assert_ne!(read.candles, told.candles);
}
