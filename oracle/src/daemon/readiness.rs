//! Whether the node could publish now: every answer is asked for, none remembered from the start.

use std::time::Duration;

use alloy::{
    eips::BlockId,
    primitives::{U256, utils::format_ether},
    providers::Provider,
};
use serde::Serialize;

use super::{board::Board, service::Service};

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Gas of a submission, generously.
const SUBMISSION: u64 = 400_000;
/// Submissions that the balance should still pay for.
const RESERVE: u64 = 10;

/// One prerequisite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, and what to do if it is not.
    pub detail: String,
}

impl Check {
    /// From a result: its value or its error in words.
    pub fn of<E: std::fmt::Display>(name: impl Into<String>, found: Result<String, E>) -> Self {
        let name = name.into();
        match found {
            Ok(detail) => Self {
                name,
                ok: true,
                detail,
            },
            Err(error) => Self {
                name,
                ok: false,
                detail: error.to_string(),
            },
        }
    }
}

/// Looks at everything.
pub(super) async fn checks(board: &Board) -> Vec<Check> {
    let mut checks = Vec::new();
    let Some(first) = board.services.first() else {
        return checks;
    };
    checks.push(Check::of("chain", timed(chain(first)).await));
    checks.push(Check::of("balance", timed(balance(board, first)).await));
    for service in &board.services {
        let name = format!("candles {}", service.name);
        checks.push(Check::of(name, timed(candles(service)).await));
        checks.push(Check::of(
            format!("store {}", service.name),
            service.publisher.store().latest().map(|latest| {
                latest.map_or("no round yet".into(), |close| format!("latest {close}"))
            }),
        ));
    }
    checks
}

async fn timed(check: impl Future<Output = Result<String, String>>) -> Result<String, String> {
    tokio::time::timeout(TIMEOUT, check)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", TIMEOUT.as_secs())))
}

async fn chain(service: &Service) -> Result<String, String> {
    let chain = service.publisher.chain();
    let block = chain
        .provider()
        .get_block(BlockId::latest())
        .await
        .map_err(|error| crate::chain::reason(&error))?
        .ok_or("the RPC has no latest block")?;
    Ok(format!(
        "chain {}, block {}",
        chain.oracle().chain_id,
        block.header.number
    ))
}

async fn balance(board: &Board, service: &Service) -> Result<String, String> {
    let provider = service.publisher.chain().provider();
    let words = |error| crate::chain::reason(&error);
    let balance = provider.get_balance(board.address).await.map_err(words)?;
    let price = provider.get_gas_price().await.map_err(words)?;
    let need = U256::from(price) * U256::from(SUBMISSION * RESERVE);
    let ether = format_ether(balance);
    board.metrics.balance.set(ether.parse().unwrap_or(f64::NAN));
    if balance < need {
        return Err(format!(
            "{ether} ether pays for fewer than {RESERVE} submissions at today's fees: send at least {} to {}",
            format_ether(need - balance),
            board.address
        ));
    }
    Ok(format!("{ether} ether"))
}

async fn candles(service: &Service) -> Result<String, String> {
    let now = service
        .publisher
        .source()
        .now_ms()
        .await
        .map_err(|error| error.to_string())?;
    Ok(format!("the exchange's clock says {}", now / 1_000))
}
