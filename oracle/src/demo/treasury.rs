//! What the treasury does with a round: preview, execute if nothing blocks, and the allocation before and after.

use alloy::{
    eips::BlockId,
    primitives::{Address, U256, Uint},
};
use anyhow::{Context, Result};
use serde::Serialize;

use crate::chain::{Chain, IRebalanceModule};

/// The outcome for one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rebalance {
    /// Whether a trade was made.
    pub executed: bool,
    /// `executed`, or the guard that blocked with its values.
    pub reason: String,
    /// Share of the base asset before, basis points at the round's close price.
    pub allocation_before_bps: u64,
    /// Share of the base asset after.
    pub allocation_after_bps: u64,
    /// Gas of the execution, if there was one.
    pub gas: Option<u64>,
}

/// Executes a round's rebalance if the module's preview allows it.
pub async fn rebalance(
    chain: &Chain,
    module: Address,
    round: u128,
    close_e8: i64,
) -> Result<Rebalance> {
    let contract = IRebalanceModule::new(module, chain.provider());
    let id = Uint::<80, 2>::from(round);
    let before = allocation(chain, module, close_e8).await?;
    // As of the next block: that is where an execution would land.
    let plan = contract
        .preview(id)
        .block(BlockId::pending())
        .call()
        .await
        .context("previewing the rebalance")?;
    if plan.guard != IRebalanceModule::Guard::None {
        let reason = match plan.guard {
            IRebalanceModule::Guard::Hold => "Hold".to_owned(),
            guard => format!("{guard:?} (got {}, want {})", plan.got, plan.want),
        };
        return Ok(Rebalance {
            executed: false,
            reason,
            allocation_before_bps: before,
            allocation_after_bps: before,
            gas: None,
        });
    }
    let receipt = chain
        .transact(module, &IRebalanceModule::executeCall { roundId: id })
        .await?;
    Ok(Rebalance {
        executed: true,
        reason: "executed".into(),
        allocation_before_bps: before,
        allocation_after_bps: allocation(chain, module, close_e8).await?,
        gas: Some(receipt.gas_used),
    })
}

async fn allocation(chain: &Chain, module: Address, close_e8: i64) -> Result<u64> {
    let contract = IRebalanceModule::new(module, chain.provider());
    let held = contract
        .balances()
        .call()
        .await
        .context("reading the treasury's balances")?;
    let price = U256::try_from(close_e8).context("the close price is negative")?;
    let valued = contract
        .valueAt(price, held.baseBalance, held.quoteBalance)
        .call()
        .await
        .context("valuing the treasury")?;
    u64::try_from(valued.allocationBps).context("the allocation is out of range")
}
