//! The server itself: one request, one fate.

use std::{future::Future, sync::Arc};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{Fault, Rules};

/// A request, read to its end.
#[derive(Clone, Debug)]
pub struct Call {
    /// `GET` or `POST`.
    pub verb: String,
    /// Path and query.
    pub target: String,
    /// The body.
    pub body: Bytes,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beyond the length.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

/// What answers when no fault does.
pub trait Service: Send + Sync + 'static {
    /// What the rules call this request.
    fn name(&self, call: &Call) -> String;

    /// The answer; an error closes the connection.
    fn answer(&self, call: Call) -> impl Future<Output = Result<Reply>> + Send;
}

/// A service on a port of its own, with its rules; ends when dropped.
#[derive(Debug)]
pub struct Front<S> {
    /// Where it answers.
    pub url: String,
    /// Its faults.
    pub rules: Rules,
    /// What is behind it.
    pub service: Arc<S>,
    task: JoinHandle<()>,
}

/// The connection is closed without an answer.
#[derive(Debug)]
struct HungUp;

impl std::fmt::Display for HungUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hung up on purpose")
    }
}

impl std::error::Error for HungUp {}

impl Reply {
    /// A JSON answer with status 200.
    #[must_use]
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type", "application/json".into())],
            body: body.into(),
        }
    }

    /// JSON with an error status.
    #[must_use]
    pub fn error(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            ..Self::json(body)
        }
    }
}

impl Call {
    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A parameter of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    async fn read(request: Request<Incoming>) -> Result<Self, HungUp> {
        let (head, body) = request.into_parts();
        let target = head.uri.path_and_query().map(ToString::to_string);
        Ok(Self {
            verb: head.method.to_string(),
            target: target.unwrap_or_default(),
            body: body.collect().await.map_err(|_| HungUp)?.to_bytes(),
        })
    }
}

impl<S: Service> Front<S> {
    /// Listens on a free port.
    pub async fn start(service: S) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("listening on a free port")?;
        let url = format!("http://{}", listener.local_addr()?);
        let (service, rules) = (Arc::new(service), Rules::new());
        let task = tokio::spawn(serve(listener, service.clone(), rules.clone()));
        Ok(Self {
            url,
            rules,
            service,
            task,
        })
    }
}

impl<S> Drop for Front<S> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve<S: Service>(listener: TcpListener, service: Arc<S>, rules: Rules) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let (service, rules) = (service.clone(), rules.clone());
        tokio::spawn(async move {
            let each = service_fn(|request| one(service.clone(), rules.clone(), request));
            // An error here is a connection that either side closed.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), each)
                .await;
        });
    }
}

async fn one<S: Service>(
    service: Arc<S>,
    rules: Rules,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, HungUp> {
    let call = Call::read(request).await?;
    let name = service.name(&call);
    let reply = match rules.meet(&name) {
        None => passed(service, call).await?,
        Some(Fault::Instead(_, reply)) => reply,
        Some(Fault::HangUp) => return Err(HungUp),
        Some(Fault::Silence) => {
            rules.hold(&name).await;
            return Err(HungUp);
        }
        Some(Fault::Hold) => {
            rules.hold(&name).await;
            passed(service, call).await?
        }
        Some(Fault::LoseAnswer) => {
            passed(service, call).await?;
            return Err(HungUp);
        }
        Some(Fault::Mute) => {
            passed(service, call).await?;
            rules.hold(&name).await;
            return Err(HungUp);
        }
        Some(Fault::Late(by)) => {
            tokio::time::sleep(by).await;
            passed(service, call).await?
        }
        Some(Fault::Cut) => {
            let mut reply = passed(service, call).await?;
            reply.body = reply.body.slice(..reply.body.len() / 2);
            reply
        }
        Some(Fault::Edit(_, edit)) => {
            let mut reply = passed(service, call).await?;
            reply.body = edit(reply.body.to_vec()).into();
            reply
        }
    };
    written(reply)
}

/// Passes a call on. What was passed on is carried out even when the caller goes away meanwhile.
async fn passed<S: Service>(service: Arc<S>, call: Call) -> Result<Reply, HungUp> {
    tokio::spawn(async move { service.answer(call).await })
        .await
        .map_err(|_| HungUp)?
        .map_err(|_| HungUp)
}

fn written(reply: Reply) -> Result<Response<Full<Bytes>>, HungUp> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Full::new(reply.body)).map_err(|_| HungUp)
}
