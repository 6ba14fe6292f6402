//! Health, metrics, status, candles and the dashboard over HTTP. Everything is read-only.

use std::{future::Future, sync::Arc};

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;
use veriregime_features::decimal::format_e8;

use super::{board::Board, page};

/// The type of the Prometheus text.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Scripts and styles from here alone; the chain may be read from anywhere the operator says.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self' http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
/// Candles in an answer.
const MOST_CANDLES: u64 = 1_000;

/// Serves until `stop`.
pub(super) async fn serve(
    board: Arc<Board>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/live", get(async || "alive\n"))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/status", get(status))
        .route("/candles", get(candles))
        .route("/dashboard.json", get(dashboard))
        .merge(page::files())
        .fallback(missing)
        .layer(middleware::from_fn(guarded))
        .with_state(board);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

/// An answer that is an error.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        (self.status, Json(body)).into_response()
    }
}

fn internal(error: impl std::fmt::Display) -> Refusal {
    Refusal {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: "http.internal",
        message: error.to_string(),
    }
}

async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn missing() -> Refusal {
    Refusal {
        status: StatusCode::NOT_FOUND,
        code: "http.not-found",
        message: "nothing here: try /, /live, /ready, /metrics, /status or /candles".into(),
    }
}

async fn ready(State(board): State<Arc<Board>>) -> impl IntoResponse {
    let checks = board.checks().await;
    let ok = checks.iter().all(|check| check.ok);
    let status = if ok {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(json!({ "ready": ok, "checks": checks })))
}

async fn metrics(State(board): State<Arc<Board>>) -> Result<impl IntoResponse, Refusal> {
    let text = board.metrics.text().map_err(internal)?;
    Ok(([(header::CONTENT_TYPE, METRICS)], text))
}

async fn status(State(board): State<Arc<Board>>) -> Result<impl IntoResponse, Refusal> {
    board.status().await.map(Json).map_err(internal)
}

async fn dashboard(State(board): State<Arc<Board>>) -> impl IntoResponse {
    Json(board.dashboard())
}

#[derive(Deserialize)]
struct Span {
    #[serde(default = "four_hours")]
    limit: u64,
}

fn four_hours() -> u64 {
    240
}

/// Open time in milliseconds and five exact decimals.
#[derive(Serialize)]
struct Row(i64, String, String, String, String, String);

async fn candles(
    State(board): State<Arc<Board>>,
    Query(Span { limit }): Query<Span>,
) -> Result<Json<Vec<Row>>, Refusal> {
    let service = board.services.first().ok_or_else(missing_feed)?;
    let source = service.publisher.source();
    let failed = |error: crate::exchange::SourceError| Refusal {
        status: StatusCode::BAD_GATEWAY,
        code: "http.candles",
        message: error.to_string(),
    };
    let to = source.latest_close().await.map_err(failed)?;
    let span = limit.clamp(1, MOST_CANDLES) * u64::from(source.market().timeframe);
    let candles = source
        .candles(to.saturating_sub(span), to)
        .await
        .map_err(failed)?;
    let row = |candle: veriregime_features::Candle| {
        Row(
            candle.open_time_ms,
            format_e8(candle.open),
            format_e8(candle.high),
            format_e8(candle.low),
            format_e8(candle.close),
            format_e8(candle.volume),
        )
    };
    Ok(Json(candles.into_iter().map(row).collect()))
}

fn missing_feed() -> Refusal {
    internal("no oracle is served")
}
