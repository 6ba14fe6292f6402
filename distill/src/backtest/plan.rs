//! The guards of `contracts/treasury/RebalancePlanner.sol`, in its order: the trade of a round, or what blocks it.

use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::rule::Order;
use super::settings::Policy;

/// Which way a trade goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Base for quote.
    Sell,
    /// Quote for base.
    Buy,
}

/// Why a round is not executed; the names are those of `IRebalanceModule.Guard`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Guard {
    /// Too long after the close: the market has a gap.
    RoundExpired,
    /// The rule wants no trade.
    Hold,
    /// Too soon after the last execution.
    Cooldown,
    /// The price has left the round's close.
    CloseDeviates,
    /// Close enough to the target, or on the far side of it.
    WithinDeadBand,
    /// Too small a trade.
    BelowMinTrade,
    /// Too much traded.
    TurnoverBudget,
    /// Too much lost.
    LossBudget,
}

/// What the module remembers between executions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Memory {
    pub executed_at: Option<u64>,
    pub turnover: Budget,
    pub loss: Budget,
}

/// The moment of an execution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moment {
    pub now: u64,
    pub price: f64,
    pub value: f64,
    pub allocation: f64,
    /// Time and close of the round's candle.
    pub round: (u64, f64),
}

/// Side and value of the trade, or the first guard that blocks it.
pub(super) fn plan(
    policy: &Policy,
    memory: &Memory,
    moment: &Moment,
    order: Option<Order>,
) -> Result<(Side, f64), Guard> {
    let Moment {
        now,
        price,
        value,
        allocation,
        round: (closed_at, close),
    } = *moment;
    if now - closed_at > policy.round_ttl {
        return Err(Guard::RoundExpired);
    }
    let order = order.ok_or(Guard::Hold)?;
    let rested = memory.executed_at.map_or(0, |at| at + policy.cooldown);
    if now < rested {
        return Err(Guard::Cooldown);
    }
    if (close - price).abs() / price > policy.max_deviation {
        return Err(Guard::CloseDeviates);
    }
    let gap = match order.side {
        Side::Sell => allocation - order.target,
        Side::Buy => order.target - allocation,
    };
    if gap <= policy.dead_band {
        return Err(Guard::WithinDeadBand);
    }
    let wanted = (value * gap.min(policy.max_step)).min(policy.max_trade);
    if wanted < policy.min_trade {
        return Err(Guard::BelowMinTrade);
    }
    let period = policy.budget_period;
    let turnover = memory.turnover.left(policy.turnover_budget, period, now);
    if turnover < policy.min_trade {
        return Err(Guard::TurnoverBudget);
    }
    // The worst this trade can lose must still be in the budget.
    let covered = memory.loss.left(policy.loss_budget, period, now) / policy.max_slippage;
    if covered < policy.min_trade {
        return Err(Guard::LossBudget);
    }
    Ok((order.side, wanted.min(turnover).min(covered)))
}
