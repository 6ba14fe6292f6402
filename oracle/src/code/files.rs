//! Codes of files: configuration, keys, models, deployments, proofs.

use veriregime_features::{dataset::DatasetError, manifest::ManifestError};

use super::Coded;
use crate::{
    chain::DeploymentError,
    confidence::CalibrationError,
    config::{ConfigError, WriteError},
    filler_file::FillerError,
    key_file::KeyError,
    model::ModelError,
    network_proof::NetworkProofError,
    project::ProjectError,
    proof_file::ProofFileError,
    usage::Usage,
};

impl Coded for Usage {
    fn code(&self) -> &'static str {
        "usage"
    }
}

impl Coded for ConfigError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "config.unreadable",
            Self::Toml { .. } => "config.malformed",
            Self::Invalid { .. } => "config.invalid",
        }
    }
}

impl Coded for NetworkProofError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "file.failed",
            Self::Format { .. } => "network-proof.malformed",
            Self::Other { .. } => "network-proof.other",
            Self::Output => "network-proof.altered",
            Self::Input { .. } => "network.input",
        }
    }
}

impl Coded for WriteError {
    fn code(&self) -> &'static str {
        match self {
            Self::Exists(_) => "config.exists",
            Self::Io { .. } => "file.failed",
        }
    }
}

impl Coded for KeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "key.unreadable",
            Self::Exposed { .. } => "key.exposed",
            Self::Keystore { .. } => "key.locked",
            Self::Exists(_) => "key.exists",
        }
    }
}

impl Coded for FillerError {
    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::Database { .. } => "filler.damaged",
            Self::Exhausted { .. } => "filler.exhausted",
        }
    }
}

impl Coded for ModelError {
    fn code(&self) -> &'static str {
        match self {
            Self::Choose { .. } => "model.ambiguous",
            Self::Unknown { .. } => "model.unknown",
            Self::Manifest(error) => error.code(),
            Self::Io { .. } => "model.unreadable",
            Self::Digest { .. } => "model.digest",
            Self::Widths { .. } => "model.widths",
            Self::Network { source, .. } => source.code(),
        }
    }
}

impl Coded for ManifestError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "model.unreadable",
            Self::Json { .. } | Self::Scale { .. } => "model.manifest",
            Self::Unsupported { .. } => "model.unsupported",
        }
    }
}

impl Coded for CalibrationError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } | Self::Json { .. } | Self::Bin { .. } => "model.calibration",
        }
    }
}

impl Coded for DatasetError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "candles.unreadable",
            Self::Write { .. } => "file.failed",
            Self::Header { .. }
            | Self::Fields { .. }
            | Self::Time { .. }
            | Self::Number { .. }
            | Self::Row { .. } => "candles.malformed",
        }
    }
}

impl Coded for DeploymentError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "deployment.unreadable",
            Self::Json { .. } => "deployment.malformed",
        }
    }
}

impl Coded for ProjectError {
    fn code(&self) -> &'static str {
        match self {
            Self::Root(_) => "project.no-checkout",
            Self::Tool { .. } => "project.no-tool",
        }
    }
}

impl Coded for ProofFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "proof.unreadable",
            Self::Json { .. } => "proof.malformed",
            Self::Field { .. } => "proof.field",
            Self::Rejected(error) => error.code(),
        }
    }
}
