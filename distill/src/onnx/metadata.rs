//! What an exported file says about its integers, in `metadata_props`.

use serde::{Deserialize, Serialize};
use veriregime_circuits::model::IntegerModel;

use super::error::OnnxError;
use super::network::FloatNetwork;
use super::proto::{ModelProto, StringStringEntryProto};
use super::scales::Scales;

/// Key of the scales and of what the biases lose to single precision.
const SCALES: &str = "veriregime.scales";
/// Key of the integer model's digest.
const DIGEST: &str = "veriregime.digest";

/// Scales and digest of the integer model that a file was exported from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Metadata {
    exact: Exact,
    digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exact {
    scales: Scales,
    /// By layer, what is to be added to the biases; empty where nothing is.
    bias_rests: Vec<Vec<i64>>,
}

impl Metadata {
    pub(super) fn new(scales: &Scales, rests: Vec<Vec<i64>>, model: &IntegerModel) -> Self {
        let bias_rests = rests
            .into_iter()
            .map(|rest| {
                if rest.iter().all(|&r| r == 0) {
                    vec![]
                } else {
                    rest
                }
            })
            .collect();
        Self {
            exact: Exact {
                scales: scales.clone(),
                bias_rests,
            },
            digest: hex::encode(model.digest()),
        }
    }

    /// The metadata of a file, if it has ours.
    pub(super) fn find(file: &ModelProto) -> Result<Option<Self>, OnnxError> {
        let value = |key: &str| {
            let entry = file.metadata_props.iter().find(|entry| entry.key == key);
            entry.map(|entry| entry.value.as_str())
        };
        let refuse = |key, problem: String| OnnxError::Metadata { key, problem };
        match (value(SCALES), value(DIGEST)) {
            (None, None) => Ok(None),
            (Some(scales), Some(digest)) => Ok(Some(Self {
                exact: serde_json::from_str(scales)
                    .map_err(|error| refuse(SCALES, error.to_string()))?,
                digest: digest.to_owned(),
            })),
            (Some(_), None) => Err(refuse(DIGEST, "missing beside the scales".into())),
            (None, Some(_)) => Err(refuse(SCALES, "missing beside the digest".into())),
        }
    }

    /// The integer model that the file was exported from.
    pub(super) fn restore(&self, network: &FloatNetwork) -> Result<IntegerModel, OnnxError> {
        let model = self
            .exact
            .scales
            .to_integer(network, &self.exact.bias_rests)?;
        let digest = hex::encode(model.digest());
        if digest != self.digest {
            return Err(OnnxError::Metadata {
                key: DIGEST,
                problem: format!(
                    "the weights make model {digest}, the file says {}: they were changed after the export",
                    self.digest
                ),
            });
        }
        Ok(model)
    }

    pub(super) fn entries(&self) -> Result<Vec<StringStringEntryProto>, OnnxError> {
        let scales = serde_json::to_string(&self.exact).map_err(|error| OnnxError::Metadata {
            key: SCALES,
            problem: error.to_string(),
        })?;
        Ok([(SCALES, scales), (DIGEST, self.digest.clone())]
            .map(|(key, value)| StringStringEntryProto {
                key: key.to_owned(),
                value,
            })
            .into())
    }
}
