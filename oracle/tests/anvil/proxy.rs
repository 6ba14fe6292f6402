//! An RPC endpoint between the node and a real one, which lies on demand.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::Response,
};
use serde_json::{Value, json};

/// What the proxy does to requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lie {
    /// Nothing.
    Honest,
    /// Answers with a status and a body, and forwards nothing.
    Status(u16, String),
    /// Never answers.
    Hang,
    /// Serves another chain.
    Chain(u64),
    /// Takes an old block for the newest.
    Stale(u64),
    /// Answers with so many bytes.
    Huge(usize),
    /// Answers another request than the one made.
    OtherId,
    /// Forwards a method, and loses the answer.
    LosesAnswer(&'static str),
    /// Does not forward a method, and never answers it.
    Holds(&'static str),
    /// Answers a method with a JSON-RPC error, and does not forward it.
    Refuses(&'static str, i64, &'static str),
    /// Answers a method with a result, and does not forward it.
    Invents(&'static str, Value),
}

#[derive(Clone)]
pub struct Proxy {
    pub url: String,
    upstream: String,
    lie: Arc<Mutex<Lie>>,
    /// Methods asked for, in order.
    seen: Arc<Mutex<Vec<String>>>,
    client: reqwest::Client,
}

impl Proxy {
    pub async fn before(upstream: &str, lie: Lie) -> Self {
        let mut proxy = Self {
            url: String::new(),
            upstream: upstream.to_owned(),
            lie: Arc::new(Mutex::new(lie)),
            seen: Arc::default(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        let router = Router::new().fallback(answer).with_state(proxy.clone());
        proxy.url = super::spawn(router).await;
        proxy
    }

    pub fn now(&self, lie: Lie) {
        *self.lie.lock().unwrap() = lie;
    }

    pub fn seen(&self, method: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|one| *one == method).count()
    }

    pub fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }

    pub fn requests(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    async fn forward(&self, request: &Value) -> String {
        let response = self.client.post(&self.upstream).json(request).send().await;
        response.unwrap().text().await.unwrap()
    }
}

async fn answer(State(proxy): State<Proxy>, request: Request) -> Response<Body> {
    let body = to_bytes(request.into_body(), 1 << 24).await.unwrap();
    let mut request: Value = serde_json::from_slice(&body).unwrap();
    let method = request["method"].as_str().unwrap_or("batch").to_owned();
    proxy.seen.lock().unwrap().push(method.clone());
    let lie = proxy.lie.lock().unwrap().clone();
    let id = request["id"].clone();
    let says = |value: Value| json!({ "jsonrpc": "2.0", "id": id, "result": value }).to_string();
    let (status, text) = match lie {
        Lie::Status(status, text) => (status, text),
        Lie::Hang => std::future::pending().await,
        Lie::Holds(held) if held == method => std::future::pending().await,
        Lie::Chain(chain) if method == "eth_chainId" => (200, says(json!(format!("{chain:#x}")))),
        Lie::Stale(block) => {
            let text = request.to_string();
            let old = text.replace("\"latest\"", &format!("\"{block:#x}\""));
            request = serde_json::from_str(&old).unwrap();
            match method.as_str() {
                "eth_blockNumber" => (200, says(json!(format!("{block:#x}")))),
                _ => (200, proxy.forward(&request).await),
            }
        }
        Lie::Huge(bytes) => (200, says(json!("x".repeat(bytes)))),
        Lie::OtherId => {
            request["id"] = json!(4_242_424_242_u64);
            (200, proxy.forward(&request).await)
        }
        Lie::LosesAnswer(lost) if lost == method => {
            proxy.forward(&request).await;
            (502, "<html>Bad gateway</html>".into())
        }
        Lie::Refuses(refused, code, message) if refused == method => {
            let error = json!({ "code": code, "message": message });
            (
                200,
                json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string(),
            )
        }
        Lie::Invents(invented, value) if invented == method => (200, says(value)),
        _ => (200, proxy.forward(&request).await),
    };
    Response::builder()
        .status(status)
        .body(Body::from(text))
        .unwrap()
}
