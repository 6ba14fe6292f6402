//! One rule through the market.

use std::collections::BTreeMap;

use super::plan::{Guard, Memory, Moment, Side, plan};
use super::rule::Rule;
use super::settings::Settings;
use super::treasury::Treasury;
use super::{Error, Market, Signals};

/// What became of a treasury: one entry per close of the market.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Value at each close, USD.
    pub values: Vec<f64>,
    /// Share in the base token at each close.
    pub allocations: Vec<f64>,
    /// Executed trades, in time order.
    pub trades: Vec<Trade>,
    /// How often each guard blocked.
    pub blocked: BTreeMap<Guard, u64>,
    /// Rounds submitted.
    pub rounds: u64,
    /// Paid for gas, USD.
    pub gas: f64,
}

/// An executed trade.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trade {
    /// Index of the close at which it was executed.
    pub step: usize,
    /// That close's time, UNIX seconds.
    pub time: u64,
    /// Close time of the signal it follows.
    pub signal_time: u64,
    /// Which way.
    pub side: Side,
    /// Value traded, USD.
    pub value: f64,
    /// Lost to the pool's fee, USD.
    pub fee: f64,
    /// Lost to slippage, USD.
    pub slippage: f64,
    /// Share in the base token before.
    pub allocation_before: f64,
    /// Share in the base token after, before gas.
    pub allocation_after: f64,
}

/// Walks a rule through the market.
///
/// # Errors
/// [`Error`] naming what is wrong with the market, the signals or the settings.
pub fn simulate(
    market: &Market<'_>,
    signals: &Signals<'_>,
    settings: &Settings,
    rule: Rule,
) -> Result<Path, Error> {
    settings.check()?;
    market.check()?;
    signals.check(market)?;
    Ok(walk(market, signals, settings, rule))
}

/// [`simulate`] without the checks.
pub(super) fn walk(
    market: &Market<'_>,
    signals: &Signals<'_>,
    settings: &Settings,
    rule: Rule,
) -> Path {
    let first = market.closes.first().copied().unwrap_or(1.0);
    let start = rule.start_allocation(settings);
    let mut treasury = Treasury::new(settings.start_value, start, first);
    let mut memory = Memory::default();
    let mut path = Path {
        values: Vec::with_capacity(market.times.len()),
        allocations: Vec::with_capacity(market.times.len()),
        trades: Vec::new(),
        blocked: BTreeMap::new(),
        rounds: 0,
        gas: 0.0,
    };
    let mut next = 0;
    for (step, (&now, &price)) in market.times.iter().zip(market.closes).enumerate() {
        // Of the rounds that can be executed since the last close, the latest; the others were submitted in vain.
        let reached = signals.times[next..].partition_point(|time| time + settings.delay <= now);
        next += reached;
        if reached > 0 {
            path.rounds += reached as u64;
            let gas = rule.proofs() * reached as u64 * settings.costs.submit_gas;
            path.gas += treasury.pay(settings.costs.of_gas(gas), price);
            let trade = round(
                &mut treasury,
                &mut memory,
                (step, now, price),
                settings,
                rule,
                {
                    let index = next - 1;
                    let time = signals.times[index];
                    let is_high = signals.regimes.is_some_and(|regimes| regimes[index] == 1);
                    let close = market.close_at(time).unwrap_or(price);
                    (time, close, signals.classes[index], is_high)
                },
            );
            match trade {
                Ok(trade) => {
                    let bill = settings.costs.of_gas(settings.costs.execute_gas);
                    path.gas += treasury.pay(bill, price);
                    path.trades.push(trade);
                }
                Err(guard) => *path.blocked.entry(guard).or_default() += 1,
            }
        }
        path.values.push(treasury.value(price));
        path.allocations.push(treasury.allocation(price));
    }
    path
}

/// Executes a round, unless a guard blocks it.
fn round(
    treasury: &mut Treasury,
    memory: &mut Memory,
    (step, now, price): (usize, u64, f64),
    settings: &Settings,
    rule: Rule,
    (signal_time, close, class, is_high): (u64, f64, u8, bool),
) -> Result<Trade, Guard> {
    let Settings { policy, costs, .. } = settings;
    let allocation = treasury.allocation(price);
    let moment = Moment {
        now,
        price,
        value: treasury.value(price),
        allocation,
        round: (signal_time, close),
    };
    let order = rule.order((class, is_high), allocation, settings);
    let (side, value) = plan(policy, memory, &moment, order)?;
    let value = treasury.trade(side, value, price, costs.pool_fee + costs.slippage);
    let (fee, slippage) = (value * costs.pool_fee, value * costs.slippage);
    memory.executed_at = Some(now);
    let period = policy.budget_period;
    memory
        .turnover
        .spend(value, policy.turnover_budget, period, now);
    memory
        .loss
        .spend(fee + slippage, policy.loss_budget, period, now);
    Ok(Trade {
        step,
        time: now,
        signal_time,
        side,
        value,
        fee,
        slippage,
        allocation_before: allocation,
        allocation_after: treasury.allocation(price),
    })
}
