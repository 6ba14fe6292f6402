//! Bodies that are not the promised JSON.

use futures_util::future::join_all;
use veriregime::exchange::ExchangeError;

use crate::{
    ask::{NOW, NOW_MS, ONCE, got, got_body, refused},
    support::{Reply, dialect},
};

#[tokio::test]
async fn bodies_that_are_not_the_promised_json_are_bad_responses() {
    for dialect in &dialect::ALL {
        let whole = dialect.body(&[dialect.row(1), dialect.row(2)], NOW);
        let bodies = [
            "<html><body>maintenance</body></html>".to_owned(),
            whole[..whole.len() / 2].to_owned(),
            whole[..whole.len() - 1].to_owned(),
            format!("{whole}{whole}"),
            String::new(),
            "null".into(),
            "{}".into(),
            "[[1,2,3]]".into(),
            "[[]]".into(),
            "\"candles\"".into(),
            "[".repeat(100_000),
            format!("\u{feff}{whole}"),
        ];
        let checks = bodies.into_iter().map(|body| async move {
            for status in [200, 404] {
                let got = got(dialect, Reply::new(dialect.candles, status, body.clone())).await;
                assert!(
                    matches!(got, Err(ExchangeError::BadResponse { .. })),
                    "{}, HTTP {status}, {}: {got:?}",
                    dialect.id,
                    &body.chars().take(60).collect::<String>()
                );
            }
        });
        join_all(checks).await;
        // Not even text.
        let noise = Reply::new(dialect.candles, 200, vec![0xff, 0xfe, 0x00, 0x9f]);
        let got = got(dialect, noise).await;
        assert!(
            matches!(got, Err(ExchangeError::BadResponse { .. })),
            "{got:?}"
        );
    }
}

#[tokio::test]
async fn clocks_that_are_none_are_bad_responses() {
    for dialect in &dialect::ALL {
        let good = dialect.clock(NOW_MS);
        let (exchange, _) = dialect.scripted(vec![good], ONCE).await;
        assert_eq!(exchange.fetch_time().await, Ok(NOW_MS), "{}", dialect.id);
        let text = String::from_utf8(dialect.clock(NOW_MS).body).unwrap();
        for body in [
            text.replace("180", "x"),
            text.replace("180", "1e300"),
            text.replace("180", "999999999999999999999999"),
            "{}".into(),
            "[]".into(),
        ] {
            let (exchange, _) = dialect
                .scripted(vec![Reply::new(dialect.time, 200, body.clone())], ONCE)
                .await;
            let got = exchange.fetch_time().await;
            assert!(
                matches!(got, Err(ExchangeError::BadResponse { .. })),
                "{}, {body}: {got:?}",
                dialect.id
            );
        }
    }
}

#[tokio::test]
async fn kraken_answers_without_exactly_one_series_or_its_end_are_refused() {
    let dialect = dialect::KRAKEN;
    let whole = dialect.body(&[dialect.row(1)], NOW);
    for body in [
        whole.replace(",\"last\":60", ""),
        whole.replace("\"last\":60", "\"last\":\"60\""),
        whole.replace("\"last\"", "\"XBTUSD\":[],\"last\""),
        whole.replace("XBTUSDT", "last"),
        "{\"error\":[],\"result\":{\"last\":60}}".into(),
        "{\"error\":[]}".into(),
        "{\"error\":[\"WSlow:wait\"]}".into(),
    ] {
        assert_ne!(body, whole);
        let error = refused(&dialect, "kraken", body).await;
        assert_eq!(error.class(), "BadResponse", "{error}");
    }
    let warned = whole.replace("\"error\":[]", "\"error\":[\"WSlow:wait\"]");
    assert_eq!(got_body(&dialect, warned).await.unwrap().len(), 1);
}
