//! Symbols, listings, funding rates, and how fast an exchange may be asked.

use std::time::{Duration, Instant};

use veriregime::exchange::{Binance, Exchange};

use crate::{
    ask::{NOW_MS, ONCE, brief},
    support::{Reply, Script, dialect},
};

#[tokio::test]
async fn only_unified_symbols_and_minutes_reach_a_url() {
    for dialect in &dialect::ALL {
        let (exchange, script) = dialect.scripted(vec![], ONCE).await;
        for symbol in [
            "",
            "BTCUSDT",
            "btc/usdt",
            "BTC/USDT&limit=1",
            "../../x",
            "BTC /USDT",
            "BTC/USDT#",
            "BTC/USDT:USDT",
        ] {
            let now = NOW_MS;
            let error = exchange
                .fetch_closed(symbol, "1m", None, None, now)
                .await
                .unwrap_err();
            assert_eq!(
                error.class(),
                "BadSymbol",
                "{}, {symbol}: {error}",
                dialect.id
            );
            let error = exchange.load_markets(&[symbol]).await.unwrap_err();
            assert_eq!(
                error.class(),
                "BadSymbol",
                "{}, {symbol}: {error}",
                dialect.id
            );
        }
        let error = exchange
            .fetch_closed("BTC/USDT", "5m", None, None, NOW_MS)
            .await
            .unwrap_err();
        assert_eq!(error.class(), "NotSupported", "{error}");
        assert!(script.seen.lock().unwrap().is_empty(), "{}", dialect.id);
    }
}

#[tokio::test]
async fn load_markets_tells_live_markets_from_delisted_and_unknown_ones() {
    for dialect in &dialect::ALL {
        let market = |status, body: String| Reply::new(dialect.market, status, body);
        let (live, gone) = (
            (dialect.listing)(dialect.live),
            (dialect.listing)(dialect.gone),
        );
        let (_, unknown, _) = dialect.errors[0];
        for (reply, want) in [
            (market(200, live), None),
            (market(200, gone), Some("MarketClosed")),
            (market(200, dialect.other.into()), Some("BadSymbol")),
            (market(400, unknown.into()), Some("BadSymbol")),
            (market(200, "{}".into()), Some("BadResponse")),
        ] {
            let (exchange, script) = dialect.scripted(vec![reply], ONCE).await;
            let got = exchange.load_markets(&["BTC/USDT"]).await;
            match (&got, want) {
                (Ok(markets), None) => {
                    assert_eq!(markets[0].symbol, "BTC/USDT", "{}", dialect.id);
                    assert!(markets[0].active);
                }
                (Err(error), Some(class)) => {
                    assert_eq!(error.class(), class, "{}: {error}", dialect.id);
                }
                _ => panic!("{}: {got:?} instead of {want:?}", dialect.id),
            }
            assert_eq!(script.count(dialect.market), 1);
        }
    }
}

#[tokio::test]
async fn clients_say_what_they_have_and_how_fast_they_may_be_asked() {
    for dialect in &dialect::ALL {
        let (exchange, script) = dialect.scripted(vec![], ONCE).await;
        assert_eq!(exchange.id(), dialect.id);
        assert!(exchange.has().fetch_time && exchange.has().fetch_ohlcv);
        assert_eq!(
            exchange.has().fetch_funding_rate_history,
            dialect.funding.is_some()
        );
        assert!(exchange.rate_limit() > Duration::ZERO);
        assert!(exchange.candle_limit() >= 300, "a window in one call");
        if dialect.funding.is_none() {
            let error = exchange
                .fetch_funding_rate_history("BTC/USDT:USDT", None, None)
                .await
                .unwrap_err();
            assert_eq!(error.class(), "NotSupported");
            assert!(script.seen.lock().unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn funding_rates_are_exact_and_ascending() {
    let okx = |rows: &str| format!("{{\"code\":\"0\",\"msg\":\"\",\"data\":[{rows}]}}");
    let okx_row = |time: i64, rate: &str| {
        format!(
            "{{\"instId\":\"BTC-USDT-SWAP\",\"fundingRate\":\"0.9\",\"realizedRate\":\"{rate}\",\"fundingTime\":\"{time}\"}}"
        )
    };
    let binance_row = |time: i64, rate: &str| {
        format!("{{\"symbol\":\"BTCUSDT\",\"fundingRate\":\"{rate}\",\"fundingTime\":{time}}}")
    };
    let both = |row: &dyn Fn(i64, &str) -> String, times: [i64; 2]| {
        format!(
            "{},{}",
            row(times[0], "0.00010000"),
            row(times[1], "-0.0375")
        )
    };
    for (dialect, good, twice) in [
        (
            dialect::BINANCE,
            format!("[{}]", both(&binance_row, [2, 1])),
            format!("[{}]", both(&binance_row, [1, 1])),
        ),
        (
            dialect::OKX,
            okx(&both(&okx_row, [2, 1])),
            okx(&both(&okx_row, [1, 1])),
        ),
    ] {
        let path = dialect.funding.unwrap();
        let (exchange, _) = dialect
            .scripted(vec![Reply::new(path, 200, good)], ONCE)
            .await;
        let rates = exchange
            .fetch_funding_rate_history("BTC/USDT:USDT", None, None)
            .await
            .unwrap();
        assert_eq!(
            rates
                .iter()
                .map(|rate| (rate.time_ms, rate.rate))
                .collect::<Vec<_>>(),
            [(1, -3_750_000), (2, 10_000)],
            "{}",
            dialect.id
        );
        for body in [twice, "{}".into(), "<html>".into()] {
            let (exchange, _) = dialect
                .scripted(vec![Reply::new(path, 200, body)], ONCE)
                .await;
            let error = exchange
                .fetch_funding_rate_history("BTC/USDT:USDT", None, None)
                .await
                .unwrap_err();
            assert_eq!(error.class(), "BadResponse", "{}: {error}", dialect.id);
        }
    }
}

#[tokio::test]
async fn binance_calls_pause_once_the_weight_budget_is_spent() {
    for (weight, pauses) in [("99", false), ("100", true)] {
        let heavy = dialect::BINANCE
            .clock(NOW_MS)
            .header("x-mbx-used-weight-1m", weight);
        let (url, _) = Script::serve(vec![heavy]).await;
        let exchange = Binance::with(&url, &url, brief())
            .unwrap()
            .paced(100, Duration::from_millis(600));
        exchange.fetch_time().await.unwrap();
        let started = Instant::now();
        exchange.fetch_time().await.unwrap();
        assert_eq!(started.elapsed() >= Duration::from_millis(600), pauses);
    }
}
