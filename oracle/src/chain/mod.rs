//! The chain: typed contract bindings, one connection per oracle, typed reverts and what a round left behind.

mod bindings;
mod connection;
mod deployment;
mod evidence;
mod revert;

pub use bindings::{
    IDemoMarketMaker, IRebalanceModule, ISignalOracle, ISignalVerifier, ISignalVerifierGateway,
};
pub use connection::{Chain, ChainError, Signed, Submission};
pub use deployment::{Deployment, DeploymentError};
pub use evidence::Announced;
pub use evidence::Evidence;
pub use revert::reason;
