//! What only the doctor finds: everything else has an error of its own.

use std::{io, net::SocketAddr, path::PathBuf};

use alloy::primitives::{Address, B256, FixedBytes};

use crate::code::Coded;

/// A prerequisite that is not met, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nobody answered.
    #[error("no answer within {seconds} s: check the network and the URL")]
    NoAnswer {
        /// How long was waited.
        seconds: u64,
    },
    /// The store's folder takes no file.
    #[error(
        "{folder}: {source}: make the folder and let the node's user write to it, or choose another node.store"
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The disk cannot be asked.
    #[error("{folder}: {source}: name a folder that exists")]
    Disk {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The disk is almost full.
    #[error(
        "{free_mib} MiB are free at {folder}, a node should have {want_mib}: free some, or move it elsewhere"
    )]
    DiskFull {
        /// The folder.
        folder: PathBuf,
        /// Free, MiB.
        free_mib: u64,
        /// Wanted, MiB.
        want_mib: u64,
    },
    /// Another program listens.
    #[error(
        "{listen}: {source}, and what answers there is not this node: stop it or choose another node.listen"
    )]
    Port {
        /// The address.
        listen: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The contract's code is not the deployed one.
    #[error(
        "the code at {address} has hash {got}, the deployment file says {want}: use the file of this deployment, or find out who replaced the contract"
    )]
    Codehash {
        /// The contract.
        address: Address,
        /// Keccak-256 of its code.
        got: B256,
        /// In the file.
        want: B256,
    },
    /// The model is routed to another verifier than the deployment's.
    #[error(
        "the gateway routes {model} to {got}, the deployment file says {want}: use the file of the deployment in force"
    )]
    OtherVerifier {
        /// The model.
        model: FixedBytes<4>,
        /// The route's verifier.
        got: Address,
        /// In the file.
        want: Address,
    },
    /// The oracle asks another gateway than the deployment's.
    #[error(
        "the oracle asks the gateway {got}, the deployment file says {want}: use the file of the deployment in force"
    )]
    OtherGateway {
        /// The oracle's.
        got: Address,
        /// In the file.
        want: Address,
    },
    /// Nothing is routed.
    #[error(
        "the gateway has no route for this model ({model}, under the {srs} SRS), the deployment is for {deployed}: name the model, profile and SRS that were deployed"
    )]
    NoRoute {
        /// Our model.
        model: FixedBytes<4>,
        /// Kind of our SRS.
        srs: &'static str,
        /// The deployment's model.
        deployed: FixedBytes<4>,
    },
    /// The guardian stopped the model.
    #[error(
        "the route of model {0} is frozen: its guardian has stopped it, and nothing it proves is accepted any more"
    )]
    Frozen(FixedBytes<4>),
    /// A development SRS where it is worth nothing.
    #[error(
        "the SRS is a DEVELOPMENT one, whose proofs anybody can forge, and chain {chain_id} is no local chain: give the ceremony's points with node.srs"
    )]
    DevelopmentSrs {
        /// The deployment's chain.
        chain_id: u64,
    },
    /// Invented candles where they are worth nothing.
    #[error(
        "SYNTHETIC candles are invented, and chain {chain_id} is no local chain: name exchanges in candles.sources"
    )]
    SyntheticCandles {
        /// The deployment's chain.
        chain_id: u64,
    },
    /// The clocks differ.
    #[error(
        "this machine's clock is {0:+.1} s off the exchange's, more than {1} s: set it with NTP (`timedatectl set-ntp true`)"
    )]
    Skew(f64, u64),
    /// The exchange has no recent candle.
    #[error(
        "the latest candle closed {0} s before the exchange's clock: the exchange has stopped serving this market, name another one first"
    )]
    Stale(u64),
    /// An attestor does not answer.
    #[error("{url}: {reason}: start it, or correct its URL")]
    Attestor {
        /// Its URL.
        url: String,
        /// What happened.
        reason: String,
    },
    /// An attestor that the oracle does not know.
    #[error("{url} signs as {signer}, which the oracle does not list ({} attestors): correct the URL, or have the owner add it", .members)]
    Stranger {
        /// Its URL.
        url: String,
        /// Its address.
        signer: Address,
        /// Attestors that the oracle lists.
        members: usize,
    },
    /// Too few attestors for a quorum.
    #[error(
        "{got} of the oracle's attestors answer, {want} are needed: start more of them, or add their URLs to the oracle's attestors"
    )]
    Quorum {
        /// Distinct attestors that would count.
        got: usize,
        /// Attestations needed.
        want: usize,
    },
    /// A task of this program died.
    #[error("a task of this program ended without a result: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl Coded for Fault {
    fn code(&self) -> &'static str {
        match self {
            Self::NoAnswer { .. } => "node.no-answer",
            Self::Folder { .. } => "store.folder",
            Self::Disk { .. } => "node.disk",
            Self::DiskFull { .. } => "node.disk-full",
            Self::Port { .. } => "node.port-taken",
            Self::Codehash { .. } => "chain.wrong-code",
            Self::OtherVerifier { .. } | Self::OtherGateway { .. } => "chain.other-deployment",
            Self::NoRoute { .. } => "chain.no-route",
            Self::Frozen(_) => "chain.route-frozen",
            Self::DevelopmentSrs { .. } => "srs.development",
            Self::SyntheticCandles { .. } => "candles.synthetic",
            Self::Skew(..) => "exchange.clock-skew",
            Self::Stale(_) => "exchange.stale",
            Self::Attestor { .. } => "attestor.no-answer",
            Self::Stranger { .. } => "attestor.stranger",
            Self::Quorum { .. } => "quorum.too-few-attestors",
            Self::Task(_) => "internal",
        }
    }
}
