//! The chain: typed contract bindings, one connection per oracle, typed reverts and what a round left behind.

mod bindings;
mod connection;
mod deployment;
mod error;
mod evidence;
mod revert;

pub use bindings::{
    IDemoMarketMaker, IRebalanceModule, ISignalOracle, ISignalVerifier, ISignalVerifierGateway,
};
pub use connection::{Chain, Signed, Submission};
pub use deployment::{Deployment, DeploymentError};
pub use error::ChainError;
pub use evidence::Announced;
pub use evidence::Evidence;
pub use revert::reason;
