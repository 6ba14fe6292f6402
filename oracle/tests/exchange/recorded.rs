//! Recorded answers of the real exchanges, if `VERIREGIME_DATA` has them.

use std::{path::PathBuf, sync::Arc};

use veriregime::exchange::Exchange;
use veriregime_features::Candle;

use crate::{
    ask::ONCE,
    support::{
        Reply,
        dialect::{self, Dialect},
    },
};

/// A recorded answer, if `VERIREGIME_DATA` is set and holds it.
fn recorded(file: &str) -> Option<String> {
    let folder = PathBuf::from(std::env::var_os("VERIREGIME_DATA")?);
    std::fs::read_to_string(folder.join("fixtures").join(file)).ok()
}

async fn read_recorded(dialect: &Dialect, file: &str, now: i64) -> Option<Vec<Candle>> {
    let Some(body) = recorded(file) else {
        println!("SKIPPED: no recorded answer {file} (set VERIREGIME_DATA)");
        return None;
    };
    let replies = vec![
        dialect.clock(now * 1_000),
        Reply::new(dialect.candles, 200, body),
    ];
    let (exchange, _): (Arc<dyn Exchange>, _) = dialect.scripted(replies, ONCE).await;
    let candles = exchange
        .fetch_ohlcv("BTC/USDT", "1m", Some(0), Some(1_000))
        .await;
    Some(candles.unwrap())
}

#[tokio::test]
async fn recorded_answers_of_the_real_exchanges_are_read() {
    let file = "binance_spot_klines_btcusdt_1m_20211022.json";
    if let Some(candles) = read_recorded(&dialect::BINANCE, file, 1_634_944_330).await {
        assert_eq!(candles.len(), 9, "ten rows, the last one open");
        assert_eq!(candles[0].close, 6_071_927_000_000);
        assert_eq!(candles[0].volume, 2_163_272_000);
    }
    let file = "kraken_ohlc_xbtusdt_1m_20251110.json";
    if let Some(candles) = read_recorded(&dialect::KRAKEN, file, 1_762_820_270).await {
        assert!(candles.len() > 700, "{}", candles.len());
        assert_eq!(candles[0].open_time_ms, 1_762_777_020_000);
        assert_eq!(candles[2].volume, 32_101);
        let last = candles.last().unwrap();
        assert_eq!(
            last.open_time_ms, 1_762_820_160_000,
            "the open one is left out"
        );
        for (before, after) in candles.iter().zip(&candles[1..]) {
            assert_eq!(after.open_time_ms - before.open_time_ms, 60_000);
        }
    }
    let file = "kraken_ohlc_xbtusd_1d_202608.json";
    if let Some(candles) = read_recorded(&dialect::KRAKEN, file, 1_786_900_000).await {
        assert_eq!(candles.last().unwrap().open_time_ms, 1_786_838_400_000);
    }
    let file = "coinbase_exchange_candles_btcusdt_1h_20240313_ccxt.json";
    if let Some(candles) = read_recorded(&dialect::COINBASE, file, 1_710_331_200).await {
        let want = Candle {
            open_time_ms: 1_710_327_600_000,
            open: 7_324_333_000_000,
            high: 7_340_247_000_000,
            low: 7_324_150_000_000,
            close: 7_337_065_000_000,
            volume: 156_794_406,
        };
        assert_eq!(candles, [want]);
    }
    let file = "coinbase_exchange_candles_btcusd_1d_202608.json";
    if let Some(candles) = read_recorded(&dialect::COINBASE, file, 1_786_400_000).await {
        assert_eq!(candles.len(), 10);
        assert_eq!(candles[9].close, 6_391_188_000_000);
    }
    // Made-up values of the right shape: every row is marked as open, so none is a candle yet.
    let file = "okx_candlesticks_docslike.json";
    if let Some(candles) = read_recorded(&dialect::OKX, file, 1_625_100_000).await {
        assert_eq!(candles, []);
    }
}
