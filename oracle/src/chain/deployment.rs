//! `deployments/<chain id>.json`, written by `scripts/Deploy.s.sol`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alloy::primitives::{Address, B256, FixedBytes};
use serde::Deserialize;

use crate::statement::OracleId;

/// The fields the node needs; the file has more.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Chain id.
    pub chain_id: u64,
    /// The model routed at deployment.
    pub model: DeployedModel,
    /// The contracts.
    pub contracts: Contracts,
}

/// The model of a deployment.
#[derive(Debug, Clone, Deserialize)]
pub struct DeployedModel {
    /// Model id.
    pub id: FixedBytes<4>,
}

/// The contracts of a deployment.
#[derive(Debug, Clone, Deserialize)]
pub struct Contracts {
    /// The model's verifier.
    pub verifier: Contract,
    /// The signal oracle.
    pub oracle: Contract,
    /// The gateway that routes models to verifiers.
    pub gateway: Option<Contract>,
    /// The treasury module, where there is a treasury.
    pub module: Option<Contract>,
    /// Every other contract, by its name in the file.
    #[serde(flatten)]
    pub others: BTreeMap<String, Contract>,
}

impl Contracts {
    /// Every contract with its name in the file.
    pub fn all(&self) -> Vec<(&str, Contract)> {
        let known = [
            ("verifier", Some(self.verifier)),
            ("gateway", self.gateway),
            ("oracle", Some(self.oracle)),
            ("module", self.module),
        ];
        let known = known
            .into_iter()
            .filter_map(|(name, contract)| Some((name, contract?)));
        let others = self.others.iter();
        known
            .chain(others.map(|(name, contract)| (name.as_str(), *contract)))
            .collect()
    }
}

/// One contract.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Contract {
    /// Where it is.
    pub address: Address,
    /// Keccak-256 of its code, if the file says it.
    pub codehash: Option<B256>,
}

/// A deployment file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// Unreadable.
    #[error("{path}: {source}: deploy first or name the file with --deployment")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not a deployment file.
    #[error("{path}: {source}")]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: serde_json::Error,
    },
}

impl Deployment {
    /// Reads a deployment file.
    pub fn read(path: &Path) -> Result<Self, DeploymentError> {
        let text = std::fs::read(path).map_err(|source| DeploymentError::Io {
            path: path.into(),
            source,
        })?;
        serde_json::from_slice(&text).map_err(|source| DeploymentError::Json {
            path: path.into(),
            source,
        })
    }

    /// The oracle of the deployment.
    pub fn oracle_id(&self) -> OracleId {
        OracleId {
            chain_id: self.chain_id,
            address: self.contracts.oracle.address,
        }
    }
}
