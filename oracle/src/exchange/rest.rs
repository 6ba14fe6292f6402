//! What every exchange's client shares: a host, its pace, retries of failed operations, and JSON.
//!
//! ```text
//! pace ─ guarded GET ─ error object of the exchange? ─ status ─ JSON rows
//!   └────────── again, if the operation failed ──────────┘
//! ```

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use serde::de::DeserializeOwned;

use super::{
    ExchangeError,
    http::Http,
    object::Object,
    pace::{LONGEST_WAIT, Pace},
};

/// The first pause between two attempts; each further one is 2.5 times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(400);
/// The least pause after a refusal for too many calls that does not say when to come back.
const RELIEF: Duration = Duration::from_secs(2);

/// How long a client tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Time limit of one call, from connecting to the last byte.
    pub timeout: Duration,
    /// Attempts at one call.
    pub attempts: usize,
}

impl Default for Patience {
    /// Ten seconds a call, three attempts.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            attempts: 3,
        }
    }
}

/// One host of one exchange.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    exchange: &'static str,
    http: Http,
    url: String,
    pub(super) pace: Pace,
    attempts: usize,
}

impl Rest {
    pub(super) fn new(
        exchange: &'static str,
        url: &str,
        patience: Patience,
        pace: Pace,
    ) -> Result<Self, ExchangeError> {
        Ok(Self {
            exchange,
            http: Http::new(exchange, patience.timeout)?,
            url: url.trim_end_matches('/').to_owned(),
            pace,
            attempts: patience.attempts,
        })
    }

    /// The JSON at `path`, which begins with a slash. `refusal` finds the exchange's own error object in a body.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        refusal: impl Fn(&[u8]) -> Option<ExchangeError> + Sync,
    ) -> Result<T, ExchangeError> {
        (|| self.once(path, &refusal))
            .retry(
                ExponentialBuilder::default()
                    .with_min_delay(FIRST_PAUSE)
                    .with_factor(2.5)
                    .with_max_times(self.attempts.saturating_sub(1)),
            )
            .when(ExchangeError::is_retryable)
            .adjust(adjusted)
            .notify(|error, pause| tracing::warn!(%error, ?pause, "exchange call repeated"))
            .await
    }

    /// The same for an answer that is an object.
    pub(super) async fn get_object<T: DeserializeOwned>(
        &self,
        path: &str,
        refusal: impl Fn(&[u8]) -> Option<ExchangeError> + Sync,
    ) -> Result<T, ExchangeError> {
        let Object(value) = self.get(path, refusal).await?;
        Ok(value)
    }

    async fn once<T: DeserializeOwned>(
        &self,
        path: &str,
        refusal: &(impl Fn(&[u8]) -> Option<ExchangeError> + Sync),
    ) -> Result<T, ExchangeError> {
        let exchange = self.exchange;
        self.pace
            .wait()
            .await
            .map_err(|left| ExchangeError::RateLimitExceeded {
                exchange,
                retry_after: Some(left),
            })?;
        let answer = self.http.get(&format!("{}{path}", self.url)).await;
        let answer = answer.inspect_err(|error| {
            if let Some(wait) = error.retry_after() {
                self.pace.hold(wait);
            }
        })?;
        self.pace.saw(answer.used_weight);
        if let Some(error) = refusal(&answer.body) {
            return Err(error);
        }
        if !answer.status.is_success() {
            return Err(self.bad(format!(
                "HTTP {} without an error object",
                answer.status.as_u16()
            )));
        }
        serde_json::from_slice(&answer.body).map_err(|error| {
            let start: String = String::from_utf8_lossy(&answer.body)
                .chars()
                .take(60)
                .collect();
            self.bad(format!(
                "not the promised JSON ({error}); it begins `{start}`"
            ))
        })
    }

    /// An answer that breaks the exchange's own promises.
    pub(super) fn bad(&self, reason: String) -> ExchangeError {
        ExchangeError::BadResponse {
            exchange: self.exchange,
            reason,
        }
    }
}

/// The pause before the next attempt; none if the exchange wants to be left alone for longer than a client waits.
fn adjusted(error: &ExchangeError, pause: Option<Duration>) -> Option<Duration> {
    match error.retry_after() {
        Some(asked) if asked > LONGEST_WAIT => None,
        Some(asked) => pause.map(|pause| pause.max(asked)),
        None if error.is_overload() => pause.map(|pause| pause.max(RELIEF)),
        None => pause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_those_the_exchange_asks_for() {
        let limited = |seconds: Option<u64>| ExchangeError::RateLimitExceeded {
            exchange: "test",
            retry_after: seconds.map(Duration::from_secs),
        };
        let pause = Some(FIRST_PAUSE);
        assert_eq!(
            adjusted(&limited(Some(7)), pause),
            Some(Duration::from_secs(7))
        );
        assert_eq!(adjusted(&limited(Some(31)), pause), None);
        assert_eq!(adjusted(&limited(None), pause), Some(RELIEF));
        assert_eq!(adjusted(&limited(Some(7)), None), None, "no attempt left");
        let down = ExchangeError::OnMaintenance { exchange: "test" };
        assert_eq!(adjusted(&down, pause), pause);
    }
}
