//! Shared by the integration tests: a scripted HTTP server and a small model.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod dialect;
pub mod front;
pub mod hostile;
pub mod market;
pub mod station;
pub mod token_proxy;

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode},
};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use veriregime_circuits::model::{Activation, InputRange, IntegerModel, Layer};
use veriregime_features::{
    AffineScale, FeatureScale, INPUTS, Manifest,
    labels::Question,
    manifest::{Architecture, Dates, FORMAT, Metrics, Schema, Scores, Splits, Training, Weights},
};

/// One scripted answer.
pub struct Reply {
    pub path: &'static str,
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Vec<u8>,
    pub delay_ms: u64,
}

impl Reply {
    pub fn new(path: &'static str, status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            path,
            status,
            headers: Vec::new(),
            body: body.into(),
            delay_ms: 0,
        }
    }

    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A server that answers each path's requests in the scripted order (the last answer repeats) and remembers them.
#[derive(Clone)]
pub struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    pub seen: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub async fn serve(replies: Vec<Reply>) -> (String, Self) {
        let script = Self {
            replies: Arc::new(Mutex::new(replies.into())),
            seen: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(script.clone());
        (spawn(router).await, script)
    }

    /// Requests for a path.
    pub fn count(&self, path: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter(|uri| uri.split('?').next() == Some(path))
            .count()
    }
}

/// Serves a router on a free port.
pub async fn spawn(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn answer(State(script): State<Script>, request: Request) -> Response<Body> {
    script.seen.lock().unwrap().push(request.uri().to_string());
    let (status, headers, body, delay) = {
        let mut replies = script.replies.lock().unwrap();
        let position = replies
            .iter()
            .position(|reply| reply.path == request.uri().path());
        let Some(position) = position else {
            return Response::builder()
                .status(404)
                .body(Body::from("unscripted"))
                .unwrap();
        };
        let again = replies
            .iter()
            .skip(position + 1)
            .any(|reply| reply.path == request.uri().path());
        let reply = &replies[position];
        let answer = (
            reply.status,
            reply.headers.clone(),
            reply.body.clone(),
            reply.delay_ms,
        );
        if again {
            replies.remove(position);
        }
        answer
    };
    tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}

/// A scale under which synthetic candles use most of int8.
pub fn scale() -> FeatureScale {
    let map = |centre, shift| AffineScale {
        centre,
        multiplier: 1,
        shift,
    };
    FeatureScale {
        features: [
            map(0, 14),
            map(0, 14),
            map(0, 15),
            map(500_000_000, 22),
            map(0, 14),
            map(1_000_000_000, 24),
            map(1_000_000_000, 24),
            map(100_000, 12),
        ],
        context: std::array::from_fn(|index| match index {
            0..6 => map(37_000_000_000, 26),
            6 => map(0, 19),
            _ => map(500_000_000, 23),
        }),
    }
}

/// A network of the product's shape, small enough to prove in a test: a window's inputs, two hidden neurons, three classes.
pub fn network() -> IntegerModel {
    network_of(Question::Signal)
}

/// The same with the classes of a question.
pub fn network_of(question: Question) -> IntegerModel {
    let biases: &[i64] = match question {
        Question::Signal => &[5, 0, -5],
        Question::Regime => &[5, 0],
    };
    let weights = |rows: i32, columns: i32| -> Vec<Vec<i32>> {
        (0..rows)
            .map(|row| {
                (0..columns)
                    .map(|column| (row * 7 + column * 3) % 5 - 2)
                    .collect()
            })
            .collect()
    };
    let model = IntegerModel {
        format: veriregime_circuits::model::FORMAT.into(),
        input: InputRange {
            len: INPUTS,
            min: -128,
            max: 127,
        },
        layers: vec![
            Layer {
                weights: weights(2, INPUTS as i32),
                bias: vec![1; 2],
                shift: 6,
                activation: vec![0, 1, 1].into(),
            },
            Layer {
                weights: weights(biases.len() as i32, 2),
                bias: biases.to_vec(),
                shift: 0,
                activation: Activation::default(),
            },
        ],
    };
    model.validate().unwrap();
    model
}

/// Writes the small network of a question as a model folder below `models`, and returns the folder.
pub fn write_model(models: &Path, name: &str, question: Question) -> PathBuf {
    let folder = models.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let network = network_of(question);
    network.write(&folder.join("weights.json")).unwrap();
    let weights = std::fs::read(folder.join("weights.json")).unwrap();
    let dates = || Dates {
        from: 60,
        to: 60,
        windows: 1,
    };
    let scores = || Scores {
        accuracy: 0.0,
        macro_f1: 0.0,
        classes: vec![],
        confusion: vec![],
    };
    let manifest = Manifest {
        format: FORMAT.into(),
        name: name.into(),
        schema: Schema::current("BTC/USDT"),
        scale: scale(),
        weights: Weights {
            file: "weights.json".into(),
            sha256: hex::encode(Sha256::digest(weights)),
        },
        model: Architecture {
            widths: network.widths(),
            activation: "quadratic".into(),
            weight_bits: vec![3, 3],
            shifts: network.layers.iter().map(|layer| layer.shift).collect(),
            classes: question.classes().iter().map(ToString::to_string).collect(),
        },
        training: Training {
            question,
            seed: 0,
            theta: 0.0005,
            horizon_minutes: 60,
            stride_minutes: 5,
            skipped_windows: 0,
            splits: Splits {
                train: dates(),
                validation: dates(),
                test: dates(),
            },
            sources: vec![],
            wall_seconds: 0.0,
        },
        metrics: Metrics {
            test: scores(),
            validation: scores(),
            comparison: std::collections::BTreeMap::new(),
        },
    };
    manifest.write(&folder.join("manifest.json")).unwrap();
    folder
}
