//! Answers that are too large, too slow, broken, redirected, or from somebody else.

use std::{io::Write, sync::atomic::Ordering, time::Duration};

use flate2::{Compression, write::GzEncoder};
use veriregime::exchange::{ExchangeError, Patience};

use crate::{
    ask::{NOW_MS, ONCE, brief, got},
    support::{Reply, Script, dialect, hostile},
};

#[tokio::test]
async fn bodies_beyond_the_cap_are_cut_off_and_compressed_ones_not_read() {
    // 64 MiB of blanks in 64 KiB.
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..64 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 100_000);
    for dialect in &dialect::ALL {
        let large = got(
            dialect,
            Reply::new(dialect.candles, 200, " ".repeat(5 << 20)),
        )
        .await
        .unwrap_err();
        assert!(
            matches!(&large, ExchangeError::BadResponse { reason, .. } if reason.contains("larger")),
            "{large}"
        );
        for encoding in ["gzip", "br", "deflate", "zstd"] {
            let reply = Reply::new(dialect.candles, 200, bomb.clone());
            let error = got(dialect, reply.header("content-encoding", encoding))
                .await
                .unwrap_err();
            assert!(
                matches!(&error, ExchangeError::BadResponse { reason, .. } if reason.contains("compressed") && reason.contains(encoding)),
                "{error}"
            );
        }
        let unsaid = got(dialect, Reply::new(dialect.candles, 200, bomb.clone())).await;
        assert!(matches!(unsaid, Err(ExchangeError::BadResponse { .. })));
    }
}

#[tokio::test]
async fn answers_that_never_end_are_cut_off_by_one_limit_over_all_of_them() {
    for dialect in &dialect::ALL {
        for answer in [hostile::Answer::Drip, hostile::Answer::Silence] {
            let (url, heads) = hostile::serve(answer).await;
            let exchange = (dialect.client)(&url, brief());
            let error = tokio::time::timeout(Duration::from_secs(20), exchange.fetch_time())
                .await
                .expect("a limit over the whole answer")
                .unwrap_err();
            assert_eq!(error.class(), "RequestTimeout", "{}: {error}", dialect.id);
            let head = heads.lock().unwrap()[0].clone();
            assert!(!head.contains("accept-encoding"), "{head}");
            assert!(head.contains("user-agent: veriregime/"), "{head}");
        }
    }
}

#[tokio::test]
async fn answers_that_break_off_or_are_no_http_are_failed_operations() {
    for dialect in &dialect::ALL {
        for (answer, class) in [
            (hostile::Answer::Cut, "BadResponse"),
            (hostile::Answer::Noise, "NetworkError"),
        ] {
            let (url, _) = hostile::serve(answer).await;
            let exchange = (dialect.client)(&url, brief());
            let error = exchange.fetch_time().await.unwrap_err();
            assert_eq!(error.class(), class, "{}: {error}", dialect.id);
            assert!(error.is_retryable());
        }
    }
}

#[tokio::test]
async fn redirects_are_refused_and_the_other_host_sees_nothing() {
    for dialect in &dialect::ALL {
        let good = Reply::new(dialect.time, 200, dialect.clock(NOW_MS).body);
        let (elsewhere, other) = Script::serve(vec![good]).await;
        let target: &'static str = format!("{elsewhere}{}", dialect.time).leak();
        for status in [301, 302, 303, 307, 308] {
            let moved = Reply::new(dialect.time, status, "").header("location", target);
            let (exchange, _) = dialect.scripted(vec![moved], ONCE).await;
            let error = exchange.fetch_time().await.unwrap_err();
            assert!(
                matches!(&error, ExchangeError::BadResponse { reason, .. } if reason.contains("redirect")),
                "{error}"
            );
        }
        assert!(other.seen.lock().unwrap().is_empty(), "{}", dialect.id);
    }
}

#[tokio::test]
async fn hosts_that_cannot_prove_their_name_get_no_request() {
    for dialect in &dialect::ALL {
        // A certificate of one's own making: what a changed DNS answer leads to.
        let (url, requests) = hostile::self_signed().await;
        let exchange = (dialect.client)(&url, brief());
        let error = exchange.fetch_time().await.unwrap_err();
        assert_eq!(error.class(), "NetworkError", "{}: {error}", dialect.id);
        assert!(error.to_string().contains("certificate"), "{error}");
        assert_eq!(requests.load(Ordering::SeqCst), 0);

        // No TLS at all behind an https URL.
        let (plain, script) = Script::serve(vec![dialect.clock(NOW_MS)]).await;
        let exchange = (dialect.client)(&plain.replace("http:", "https:"), brief());
        let error = exchange.fetch_time().await.unwrap_err();
        assert_eq!(error.class(), "NetworkError", "{error}");
        assert!(script.seen.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn hosts_out_of_reach_are_network_errors() {
    for dialect in &dialect::ALL {
        for url in ["http://127.0.0.1:1", "http://no-such-host.invalid"] {
            let patience = Patience {
                timeout: Duration::from_secs(5),
                attempts: 1,
            };
            let error = (dialect.client)(url, patience)
                .fetch_time()
                .await
                .unwrap_err();
            assert!(
                ["NetworkError", "RequestTimeout"].contains(&error.class()) && error.is_retryable(),
                "{}, {url}: {error}",
                dialect.id
            );
        }
    }
}
