//! Numbers that describe a path.

use std::collections::BTreeMap;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::calendar::date;

use super::plan::Guard;
use super::settings::Settings;
use super::simulate::Path;
use super::{Market, Rule};

/// Days of a year: the market never closes.
const YEAR: f64 = 365.0;
const DAY: u64 = 86_400;

/// How a rule did. Money in USD, shares and returns as ratios.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Performance {
    /// The rule.
    pub rule: Rule,
    /// Value at the last close.
    pub final_value: f64,
    /// Final over start value, less 1.
    pub total_return: f64,
    /// The same with all costs added back; what they would have earned is not.
    pub return_before_costs: f64,
    /// Standard deviation of daily returns (UTC days) times the root of 365; none of fewer than 2 returns.
    pub annualised_volatility: Option<f64>,
    /// Mean over standard deviation of daily returns, times the root of 365, against a riskless rate of 0; none without
    /// volatility.
    pub sharpe: Option<f64>,
    /// Largest fall from an earlier peak, over all closes.
    pub max_drawdown: f64,
    /// Number of trades.
    pub trades: u64,
    /// Value traded, in start values.
    pub turnover: f64,
    /// Lost to the pool's fee.
    pub pool_fees: f64,
    /// Lost to slippage.
    pub slippage: f64,
    /// Paid for gas.
    pub gas: f64,
    /// Mean share in the base token over all closes.
    pub mean_allocation: f64,
    /// Share of closes with more than half in the base token.
    pub time_in_market: f64,
    /// How often each guard blocked a round.
    pub blocked: BTreeMap<Guard, u64>,
    /// By UTC month.
    pub months: Vec<Month>,
    /// Value at the last close of each UTC day, after the start.
    pub days: Vec<Day>,
}

/// A month; the first and the last may be cut by the span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Month {
    /// Year and month, such as 2024-08.
    pub month: String,
    /// Value at its last close over that at the last close before, less 1.
    pub total_return: f64,
    /// Trades in it.
    pub trades: u64,
}

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// Close time, UNIX seconds.
    pub time: u64,
    /// Value, USD.
    pub value: f64,
}

impl Performance {
    /// Measures a path.
    pub(super) fn of(rule: Rule, path: &Path, market: &Market<'_>, settings: &Settings) -> Self {
        let start = settings.start_value;
        let final_value = path.values.last().copied().unwrap_or(start);
        // From 0, because an empty sum of floats is -0.
        let sum = |part: fn(&super::Trade) -> f64| path.trades.iter().map(part).fold(0.0, Add::add);
        let (pool_fees, slippage) = (sum(|trade| trade.fee), sum(|trade| trade.slippage));
        let costs = pool_fees + slippage + path.gas;
        let days = days(path, market);
        let returns: Vec<f64> = std::iter::once(start)
            .chain(days.iter().map(|day| day.value))
            .zip(days.iter().map(|day| day.value))
            .map(|(before, after)| after / before - 1.0)
            .collect();
        let (mean, deviation) = moments(&returns);
        let deviation = deviation.filter(|_| returns.len() >= 2);
        let closes = path.allocations.len().max(1) as f64;
        let mostly = path
            .allocations
            .iter()
            .filter(|share| **share > 0.5)
            .count();
        Self {
            rule,
            final_value,
            total_return: final_value / start - 1.0,
            return_before_costs: (final_value + costs) / start - 1.0,
            annualised_volatility: deviation.map(|deviation| deviation * YEAR.sqrt()),
            sharpe: deviation
                .filter(|deviation| *deviation > 1e-12)
                .map(|deviation| mean / deviation * YEAR.sqrt()),
            max_drawdown: drawdown(&path.values),
            trades: path.trades.len() as u64,
            turnover: sum(|trade| trade.value) / start,
            pool_fees,
            slippage,
            gas: path.gas,
            mean_allocation: path.allocations.iter().sum::<f64>() / closes,
            time_in_market: mostly as f64 / closes,
            blocked: path.blocked.clone(),
            months: months(path, market, start),
            days,
        }
    }

    /// Everything that was lost to trading and proving.
    #[must_use]
    pub fn costs(&self) -> f64 {
        self.pool_fees + self.slippage + self.gas
    }
}

/// Mean and sample standard deviation; none of a single value.
pub(super) fn moments(values: &[f64]) -> (f64, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count.max(1.0);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (values.len() >= 2).then(|| (squares / (count - 1.0)).sqrt());
    (mean, deviation)
}

fn drawdown(values: &[f64]) -> f64 {
    let falls = values.iter().scan(f64::MIN, |peak, &value| {
        *peak = peak.max(value);
        Some(1.0 - value / *peak)
    });
    falls.fold(0.0, f64::max)
}

/// Index of the last close of each group of consecutive closes with the same key.
fn lasts<K: PartialEq>(times: &[u64], key: impl Fn(u64) -> K) -> Vec<usize> {
    (0..times.len())
        .filter(|&index| {
            let next = times.get(index + 1);
            next.is_none_or(|&next| key(next) != key(times[index]))
        })
        .collect()
}

/// A candle that closes at midnight belongs to the day that ends.
fn days(path: &Path, market: &Market<'_>) -> Vec<Day> {
    let ends = lasts(market.times, |time| time.saturating_sub(1) / DAY);
    let day = |step: usize| Day {
        time: market.times[step],
        value: path.values[step],
    };
    ends.into_iter().map(day).collect()
}

fn months(path: &Path, market: &Market<'_>, start: f64) -> Vec<Month> {
    let name = |time: u64| {
        let day = date(i64::try_from(time.saturating_sub(1)).unwrap_or(i64::MAX));
        format!("{:04}-{:02}", day.year, day.month)
    };
    let month_of = |time: u64| {
        let day = date(i64::try_from(time.saturating_sub(1)).unwrap_or(i64::MAX));
        (day.year, day.month)
    };
    let (mut before, mut first) = (start, 0);
    lasts(market.times, month_of)
        .into_iter()
        .map(|last| {
            let value = path.values[last];
            let trades = path
                .trades
                .iter()
                .filter(|trade| (first..=last).contains(&trade.step));
            let month = Month {
                month: name(market.times[last]),
                total_return: value / before - 1.0,
                trades: trades.count() as u64,
            };
            (before, first) = (value, last + 1);
            month
        })
        .collect()
}
