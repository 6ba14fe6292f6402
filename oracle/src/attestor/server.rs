//! The attestor over HTTP: `POST /attest` and `GET /live`.

use std::{future::Future, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    routing::{get, post},
};
use tokio::net::TcpListener;

use super::{
    Attestor,
    message::{Answer, Ask, Refusal, RefusalCode},
};

/// Serves until `stop` resolves; requests in progress are answered first.
pub async fn serve(
    attestor: Arc<Attestor>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/attest", post(attest))
        .route("/live", get(live))
        .layer(DefaultBodyLimit::max(4_096))
        .with_state(attestor);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

async fn live(State(attestor): State<Arc<Attestor>>) -> String {
    format!("{}\n", attestor.address())
}

async fn attest(
    State(attestor): State<Arc<Attestor>>,
    Json(ask): Json<Ask>,
) -> Result<Json<Answer>, (StatusCode, Json<Refusal>)> {
    match attestor.attest(&ask).await {
        Ok(answer) => {
            tracing::info!(code = "attestor.vouched", close_time = ask.close_time, digest = %answer.inputs_digest, "vouched");
            Ok(Json(answer))
        }
        Err(refusal) => {
            tracing::warn!(code = "attestor.refused", close_time = ask.close_time, refusal = %refusal.code, reason = %refusal.reason, "refused");
            Err((status(refusal.code), Json(refusal)))
        }
    }
}

fn status(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::WrongMarket | RefusalCode::OffGrid => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalCode::NotClosed => StatusCode::TOO_EARLY,
        RefusalCode::NoWindow => StatusCode::NOT_FOUND,
        RefusalCode::AlreadySigned | RefusalCode::SourcesDisagree => StatusCode::CONFLICT,
        RefusalCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
