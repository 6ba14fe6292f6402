//! The endpoints in turn, as an alloy transport.

use std::{
    cmp::Reverse,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use alloy::{
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::{
        client::RpcClient,
        json_rpc::{RequestPacket, ResponsePacket},
    },
    transports::{TransportError, TransportErrorKind, TransportFut},
};
use tower::Service;

use super::{
    EndpointFault, EndpointPolicy, EndpointsError, Fault, endpoint::Endpoint, url::RpcUrl,
};

/// RPC endpoints of one chain; clones share what is known of them.
#[derive(Debug, Clone)]
pub struct Endpoints(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoints: Vec<Endpoint>,
    chain_id: u64,
    policy: EndpointPolicy,
    turn: Mutex<Turn>,
}

/// Whose turn it is.
#[derive(Debug, Default)]
struct Turn {
    /// The endpoint that worked last.
    current: usize,
    /// The time of the newest block that any endpoint has shown.
    newest: u64,
}

impl Endpoints {
    /// Endpoints of the chain `chain_id`, in order of preference. Nothing is asked yet.
    ///
    /// # Errors
    /// No URL, or one that cannot be used, named by its position alone.
    pub fn new<U: AsRef<str>>(
        urls: &[U],
        chain_id: u64,
        policy: EndpointPolicy,
    ) -> Result<Self, EndpointsError> {
        let mut endpoints = Vec::new();
        for (url, number) in urls.iter().zip(1..) {
            let url = RpcUrl::parse(url.as_ref())
                .map_err(|reason| EndpointsError::Url { number, reason })?;
            endpoints.push(Endpoint::new(url, policy).map_err(EndpointsError::Client)?);
        }
        if endpoints.is_empty() {
            return Err(EndpointsError::None);
        }
        Ok(Self(Arc::new(Inner {
            endpoints,
            chain_id,
            policy,
            turn: Mutex::default(),
        })))
    }

    /// A provider over these endpoints.
    pub fn provider(&self) -> DynProvider {
        // Decides how often alloy asks for receipts.
        let local = self.0.endpoints.iter().all(|one| one.url.is_local());
        ProviderBuilder::new()
            .disable_recommended_fillers()
            .connect_client(RpcClient::new(self.clone(), local))
            .erased()
    }

    /// The chain id that every endpoint must have.
    pub fn chain_id(&self) -> u64 {
        self.0.chain_id
    }

    /// Scheme and host of the endpoint that worked last.
    pub fn current(&self) -> &str {
        let current = self.turn(|turn| turn.current);
        let endpoint = self.0.endpoints.get(current);
        endpoint.map_or("", |endpoint| endpoint.url.shown())
    }

    /// Makes sure that one endpoint can be used now.
    ///
    /// # Errors
    /// What is wrong with each of them.
    pub async fn check(&self) -> Result<(), EndpointsError> {
        let mut faults = Vec::new();
        for index in self.order() {
            match self.ready(index).await {
                Ok(()) => {
                    self.settle_on(index, &faults);
                    return Ok(());
                }
                // Usable if no other is.
                Err(Fault::Stale(_)) => return Ok(()),
                Err(fault) => self.blame(index, fault, &mut faults),
            }
        }
        Err(EndpointsError::Exhausted(faults))
    }

    /// Asks one endpoint after the other until one answers.
    async fn ask(&self, packet: RequestPacket) -> Result<ResponsePacket, EndpointsError> {
        let body = serde_json::to_vec(&packet)
            .map_err(|error| EndpointsError::Request(error.to_string()))?;
        let (mut faults, mut stale) = (Vec::new(), Vec::new());
        for index in self.order() {
            let outcome = match self.ready(index).await {
                Ok(()) => self.post(index, &packet, &body).await,
                Err(fault) => Err(fault),
            };
            match outcome {
                Ok(answer) => {
                    self.settle_on(index, &faults);
                    return Ok(answer);
                }
                Err(fault @ Fault::Stale(behind)) => {
                    stale.push((behind, index));
                    faults.push(self.fault(index, fault));
                }
                Err(fault) => self.blame(index, fault, &mut faults),
            }
        }
        // Behind something that cannot be had: the chain was rolled back, or the one ahead is gone.
        stale.sort_unstable_by_key(|(behind, index)| (*behind, Reverse(*index)));
        for (behind, index) in stale {
            match self.post(index, &packet, &body).await {
                Ok(answer) => {
                    self.turn(|turn| turn.newest = turn.newest.saturating_sub(behind));
                    self.settle_on(index, &faults);
                    return Ok(answer);
                }
                Err(fault) => self.blame(index, fault, &mut faults),
            }
        }
        Err(EndpointsError::Exhausted(faults))
    }

    async fn post(
        &self,
        index: usize,
        packet: &RequestPacket,
        body: &[u8],
    ) -> Result<ResponsePacket, Fault> {
        match self.0.endpoints.get(index) {
            Some(endpoint) => endpoint.post(packet, body.to_vec()).await,
            None => Err(Fault::NotJsonRpc),
        }
    }

    /// Whether an endpoint is on the right chain and not behind the others.
    async fn ready(&self, index: usize) -> Result<(), Fault> {
        let timestamp = self.look(index).await?;
        let several = self.0.endpoints.len() > 1;
        let Some(endpoint) = self.0.endpoints.get(index).filter(|_| several) else {
            return Ok(());
        };
        if endpoint.stands_still() {
            for other in (0..self.0.endpoints.len()).filter(|other| *other != index) {
                if let Err(fault) = self.look(other).await {
                    tracing::debug!(endpoint = %self.fault(other, fault), "not compared");
                }
            }
        }
        let behind = self.turn(|turn| turn.newest).saturating_sub(timestamp);
        if behind > self.0.policy.stale_after.as_secs() {
            return Err(Fault::Stale(behind));
        }
        Ok(())
    }

    /// Checks the chain id and, if there are endpoints to compare with, reads the head's time.
    async fn look(&self, index: usize) -> Result<u64, Fault> {
        let Some(endpoint) = self.0.endpoints.get(index) else {
            return Err(Fault::NotJsonRpc);
        };
        endpoint.require_chain(self.0.chain_id).await?;
        if self.0.endpoints.len() == 1 {
            return Ok(0);
        }
        let timestamp = endpoint.head().await?;
        self.turn(|turn| turn.newest = turn.newest.max(timestamp));
        Ok(timestamp)
    }

    /// Every endpoint once, beginning with the one that worked last.
    fn order(&self) -> impl Iterator<Item = usize> + use<> {
        let (current, count) = (self.turn(|turn| turn.current), self.0.endpoints.len());
        (0..count).map(move |step| (current + step) % count)
    }

    fn settle_on(&self, index: usize, faults: &[EndpointFault]) {
        let before = self.turn(|turn| std::mem::replace(&mut turn.current, index));
        if before != index {
            let why: Vec<_> = faults.iter().map(ToString::to_string).collect();
            let (number, endpoint) = (index + 1, self.current());
            tracing::warn!(number, endpoint, ?why, "another RPC endpoint answers");
        }
    }

    fn blame(&self, index: usize, fault: Fault, faults: &mut Vec<EndpointFault>) {
        if let Some(endpoint) = self.0.endpoints.get(index) {
            endpoint.forget();
        }
        let fault = self.fault(index, fault);
        tracing::debug!(%fault, "endpoint failed");
        faults.push(fault);
    }

    fn fault(&self, index: usize, fault: Fault) -> EndpointFault {
        let endpoint = self.0.endpoints.get(index);
        EndpointFault {
            number: index + 1,
            endpoint: endpoint.map_or_else(String::new, |one| one.url.shown().to_owned()),
            fault,
        }
    }

    fn turn<T>(&self, with: impl FnOnce(&mut Turn) -> T) -> T {
        // Nothing panics while the lock is held; a poisoned one holds what it held.
        with(&mut self.0.turn.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Service<RequestPacket> for Endpoints {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> Self::Future {
        let endpoints = self.clone();
        Box::pin(async move {
            endpoints
                .ask(packet)
                .await
                .map_err(TransportErrorKind::custom)
        })
    }
}
