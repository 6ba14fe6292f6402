//! One guarded GET: time limit over the whole answer, cap on its size, no redirects, no decompression, ccxt's errors.

use std::time::Duration;

use reqwest::{
    Client, StatusCode,
    header::{CONTENT_ENCODING, HeaderMap, RETRY_AFTER},
    redirect::Policy,
};

use super::ExchangeError;

/// A kilobyte holds a candle row several times over; four megabytes hold every answer that is asked for.
const BODY_LIMIT: usize = 4 << 20;

/// An HTTP client bound to one exchange.
#[derive(Debug, Clone)]
pub(super) struct Http {
    exchange: &'static str,
    client: Client,
    timeout: Duration,
}

/// The weight of this minute's calls, as Binance counts it.
const USED_WEIGHT: &str = "x-mbx-used-weight-1m";

/// Status and body of an answer below HTTP 500 that was not a refusal of the front.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    /// What the exchange counted against this address in the current minute, if it says so.
    pub(super) used_weight: Option<u32>,
}

impl Http {
    pub(super) fn new(exchange: &'static str, timeout: Duration) -> Result<Self, ExchangeError> {
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            .redirect(Policy::none())
            // Nothing is decompressed, so the cap on the body is a cap on memory.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .user_agent(concat!("veriregime/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ExchangeError::NetworkError {
                exchange,
                reason: error.to_string(),
            })?;
        Ok(Self {
            exchange,
            client,
            timeout,
        })
    }

    pub(super) async fn get(&self, url: &str) -> Result<Answer, ExchangeError> {
        let exchange = self.exchange;
        let mut response = self
            .client
            .get(url)
            .send()
            .await
            .map_err(|error| self.transport(error))?;
        let status = response.status();
        let retry_after = number(response.headers(), RETRY_AFTER.as_str()).map(Duration::from_secs);
        let used_weight = number(response.headers(), USED_WEIGHT);
        match status.as_u16() {
            408 => {
                return Err(ExchangeError::RequestTimeout {
                    exchange,
                    seconds: 0,
                });
            }
            429 => {
                return Err(ExchangeError::RateLimitExceeded {
                    exchange,
                    retry_after,
                });
            }
            403 | 418 => {
                return Err(ExchangeError::DDoSProtection {
                    exchange,
                    retry_after,
                });
            }
            451 => return Err(ExchangeError::RestrictedLocation { exchange }),
            code @ 500.. => {
                return Err(ExchangeError::ExchangeNotAvailable {
                    exchange,
                    status: code,
                    retry_after,
                });
            }
            code @ 300..=399 => return Err(self.bad(format!("redirect (HTTP {code}) refused"))),
            _ => {}
        }
        if let Some(encoding) = response.headers().get(CONTENT_ENCODING)
            && encoding != "identity"
        {
            return Err(self.bad(format!(
                "compressed answer ({}), which was not asked for",
                String::from_utf8_lossy(encoding.as_bytes())
            )));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.transport(error))?
        {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(self.bad(format!("answer larger than {BODY_LIMIT} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            body,
            used_weight,
        })
    }

    fn bad(&self, reason: String) -> ExchangeError {
        ExchangeError::BadResponse {
            exchange: self.exchange,
            reason,
        }
    }

    fn transport(&self, error: reqwest::Error) -> ExchangeError {
        let exchange = self.exchange;
        if error.is_timeout() {
            return ExchangeError::RequestTimeout {
                exchange,
                seconds: self.timeout.as_secs().max(1),
            };
        }
        if error.is_body() || error.is_decode() {
            return self.bad(format!("answer broken off: {}", error.without_url()));
        }
        ExchangeError::NetworkError {
            exchange,
            reason: chain(&error.without_url()),
        }
    }
}

/// A header's whole number, if it has one.
fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The whole chain of causes in one line: reqwest's own words name only the outermost.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
