//! A provider of RPC endpoints: a chain behind a URL whose path holds an access token.

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{Response, StatusCode},
};

/// Serves `rpc` under `/v2/<token>` and nothing elsewhere; the URL with the token.
pub async fn serve(rpc: String, token: &str) -> String {
    let path = format!("/v2/{token}");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let state = (rpc, path.clone(), client);
    let router = Router::new().fallback(forward).with_state(state);
    format!("{}{path}", super::spawn(router).await)
}

async fn forward(
    State((rpc, path, client)): State<(String, String, reqwest::Client)>,
    request: Request,
) -> Response<axum::body::Body> {
    let refused = |status: StatusCode| Response::builder().status(status).body("".into()).unwrap();
    if request.uri().path() != path {
        return refused(StatusCode::UNAUTHORIZED);
    }
    let body = axum::body::to_bytes(request.into_body(), 1 << 20)
        .await
        .unwrap();
    let answer = client
        .post(rpc)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await;
    match answer {
        Ok(answer) => {
            let bytes: Bytes = answer.bytes().await.unwrap();
            Response::builder()
                .header("content-type", "application/json")
                .body(bytes.into())
                .unwrap()
        }
        Err(_) => refused(StatusCode::BAD_GATEWAY),
    }
}
