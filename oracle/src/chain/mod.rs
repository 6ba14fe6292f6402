//! The chain: typed contract bindings, one connection per oracle, typed reverts and what a round left behind.

mod bindings;
mod connection;
mod deployment;
mod endpoints;
mod error;
mod evidence;
mod revert;

pub use bindings::{
    IDemoMarketMaker, IRebalanceModule, ISignalOracle, ISignalVerifier, ISignalVerifierGateway,
};
pub use connection::{Chain, Signed, Submission};
pub use deployment::{Deployment, DeploymentError};
pub use endpoints::{EndpointFault, EndpointPolicy, Endpoints, EndpointsError, Fault};
pub use error::ChainError;
pub(crate) use error::rpc_error;
pub use evidence::Announced;
pub use evidence::Evidence;
pub use revert::reason;
pub(crate) use revert::{revert_is_already_accepted, revert_is_too_old, revert_words};
