//! Revert data to words.

use alloy::{
    hex,
    primitives::Bytes,
    sol_types::{SolError, SolInterface, decode_revert_reason},
    transports::{RpcError, TransportErrorKind},
};

use crate::redact;

use super::bindings::{IDemoMarketMaker, IRebalanceModule, ISignalOracle, ISignalVerifierGateway};

/// What a failed call says: the contracts' typed error with its values, else the node's own words.
pub fn reason(error: &RpcError<TransportErrorKind>) -> String {
    let Some(data) = data_of(error) else {
        // A transport's words quote the URL, and with it the token of some providers.
        return redact::urls(&error.to_string()).into_owned();
    };
    revert_words(&data)
}

/// What revert data says: the contracts' typed error with its values, a message, or the bytes.
pub(crate) fn revert_words(data: &[u8]) -> String {
    if data.is_empty() {
        return "reverted without a reason".into();
    }
    typed(data)
        .or_else(|| decode_revert_reason(data))
        .unwrap_or_else(|| format!("reverted with 0x{}", hex::encode(data)))
}

/// As [`reason`], for a contract read.
pub(super) fn read_reason(error: &alloy::contract::Error) -> String {
    match error {
        alloy::contract::Error::TransportError(error) => reason(error),
        error => redact::urls(&error.to_string()).into_owned(),
    }
}

/// The contract's own words in a node's answer.
fn data_of(error: &RpcError<TransportErrorKind>) -> Option<Bytes> {
    error.as_error_resp()?.as_revert_data()
}

/// Whether the oracle refused because it has a round of exactly this close time.
pub(super) fn already_accepted(error: &RpcError<TransportErrorKind>) -> bool {
    data_of(error).is_some_and(|data| revert_is_already_accepted(&data))
}

/// As [`already_accepted`], for revert data.
pub(crate) fn revert_is_already_accepted(data: &[u8]) -> bool {
    ISignalOracle::CloseTimeNotAfterLatest::abi_decode(data)
        .is_ok_and(|refused| refused.got == refused.latest)
}

/// Whether the oracle refused because it takes no window of that age any more.
pub(super) fn too_old(error: &RpcError<TransportErrorKind>) -> bool {
    data_of(error).is_some_and(|data| revert_is_too_old(&data))
}

/// As [`too_old`], for revert data.
pub(crate) fn revert_is_too_old(data: &[u8]) -> bool {
    ISignalOracle::CloseTimeTooOld::abi_decode(data).is_ok()
}

fn typed(data: &[u8]) -> Option<String> {
    fn shown<E: SolInterface + std::fmt::Debug>(data: &[u8]) -> Option<String> {
        let words = format!("{:?}", E::abi_decode(data).ok()?);
        // `Name(Name { .. })`: the inner name and its values are enough.
        Some(words.split_once('(').map_or(words.clone(), |(_, rest)| {
            rest.trim_end_matches(')').to_owned()
        }))
    }
    shown::<ISignalOracle::ISignalOracleErrors>(data)
        .or_else(|| shown::<ISignalVerifierGateway::ISignalVerifierGatewayErrors>(data))
        .or_else(|| shown::<IRebalanceModule::IRebalanceModuleErrors>(data))
        .or_else(|| shown::<IDemoMarketMaker::IDemoMarketMakerErrors>(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_names_the_error_and_its_values() {
        let data = ISignalOracle::CloseTimeNotAfterLatest {
            got: 60,
            latest: 120,
        }
        .abi_encode();
        let words = typed(&data).unwrap();
        assert!(
            words.contains("CloseTimeNotAfterLatest") && words.contains("120"),
            "{words}"
        );
        let data = IRebalanceModule::Blocked {
            guard: IRebalanceModule::Guard::Cooldown,
            got: alloy::primitives::U256::from(1),
            want: alloy::primitives::U256::from(2),
        }
        .abi_encode();
        assert!(typed(&data).unwrap().contains("Cooldown"));
        assert_eq!(typed(&[1, 2, 3, 4]), None);
    }
}
