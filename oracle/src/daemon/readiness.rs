//! Whether the node could publish now: every answer is asked for, none remembered from the start.

use std::time::Duration;

use alloy::{eips::BlockId, primitives::utils::format_ether, providers::Provider};

use super::{board::Board, service::Service};
pub use crate::check::Check;
use crate::{reserve::Reserve, utc};

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

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
    let reserve = Reserve::read(provider, board.address)
        .await
        .map_err(|error| crate::chain::reason(&error))?;
    let ether = format_ether(reserve.balance);
    board.metrics.balance.set(ether.parse().unwrap_or(f64::NAN));
    reserve.check().map_err(|error| error.to_string())
}

async fn candles(service: &Service) -> Result<String, String> {
    let now = service
        .publisher
        .source()
        .now_ms()
        .await
        .map_err(|error| error.to_string())?;
    Ok(format!(
        "the exchange's clock says {} UTC",
        utc::minute(now / 1_000)
    ))
}
