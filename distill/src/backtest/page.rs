//! The report as Markdown: numbers first, and only what they carry.

use std::fmt::{Result, Write};

use crate::calendar::date;

use super::Report;
use super::control::Rearrangement;
use super::rule::Rule;

/// Fewer controls than this share at least as good, the true one counted as one of them: hardly luck.
const RARE: f64 = 0.05;

pub(super) fn of(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page, report);
    page
}

fn write(page: &mut String, report: &Report) -> Result {
    summary(page, report)?;
    strategies(page, report)?;
    months(page, report)?;
    controls(page, report)?;
    assumptions(page, report)
}

fn summary(page: &mut String, report: &Report) -> Result {
    let day = |time: u64| date(i64::try_from(time).unwrap_or(i64::MAX));
    let [sell, hold, buy] = report.classes;
    writeln!(
        page,
        "# What the treasury's rule would have done\n\n\
         {} closes from {} to {} (UTC), {} signals: {sell} SELL, {hold} HOLD, {buy} BUY. A simulation of the past with the\n\
         default policy; nothing in it was fitted to this span, and nothing in it promises a profit.\n",
        report.closes,
        day(report.from),
        day(report.to),
        sell + hold + buy
    )?;
    let (Some(signal), Some(hold), Some(mix)) = (
        report.strategy(Rule::Signal),
        report.strategy(Rule::BuyAndHold),
        report.strategy(Rule::ConstantMix),
    ) else {
        return Ok(());
    };
    writeln!(
        page,
        "The signal rule ended at {} after costs of {:.0} USD ({} with the costs added back); buy and hold at {}, the constant\n\
         mix at {}. {}\n",
        percent(signal.total_return),
        signal.costs(),
        percent(signal.return_before_costs),
        percent(hold.total_return),
        percent(mix.total_return),
        verdict(report)
    )
}

/// What the rotated signals say about luck.
fn verdict(report: &Report) -> String {
    let rotated = Rearrangement::Rotated.name();
    let Some(control) = report
        .controls
        .iter()
        .find(|control| control.name == rotated)
    else {
        return String::new();
    };
    let (as_good, count) = (control.as_good, control.returns.len() as u64);
    let share = (as_good + 1) as f64 / (count + 1) as f64;
    let meaning = if share > RARE {
        "what the timing of the signals earned is within what luck gives."
    } else {
        "hardly luck on this span; one span of one market says little about another."
    };
    format!(
        "Of {count} rotations of the same signals in\ntime, which keep their frequencies and runs but not their moments, {as_good} did at least as well: {meaning}"
    )
}

fn strategies(page: &mut String, report: &Report) -> Result {
    writeln!(
        page,
        "| strategy | return | before costs | volatility | Sharpe | max drawdown | trades | turnover | fees | slippage | gas | mean allocation | time in market |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|"
    )?;
    for strategy in &report.strategies {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {:.1} % | {} | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} % | {:.0} % |",
            strategy.rule.name(),
            percent(strategy.total_return),
            percent(strategy.return_before_costs),
            strategy
                .annualised_volatility
                .map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0)),
            strategy
                .sharpe
                .map_or("-".to_owned(), |sharpe| format!("{sharpe:.2}")),
            strategy.max_drawdown * 100.0,
            strategy.trades,
            strategy.turnover,
            strategy.pool_fees,
            strategy.slippage,
            strategy.gas,
            strategy.mean_allocation * 100.0,
            strategy.time_in_market * 100.0,
        )?;
    }
    writeln!(
        page,
        "\nReturn: final over start value, less 1, over the whole span, not a year. Before costs: all costs added back, not what they would have\n\
         earned. Volatility: standard deviation of daily returns times the root of 365. Sharpe: mean over standard deviation of daily returns\n\
         times the root of 365, against a riskless rate of 0; over a span this short its error is large. Drawdown: over all closes. Turnover:\n\
         value traded over start value. Fees, slippage and gas in USD. Time in market: closes with more than half in the base token.\n"
    )
}

fn months(page: &mut String, report: &Report) -> Result {
    let Some(first) = report.strategies.first() else {
        return Ok(());
    };
    write!(page, "## By month\n\n| strategy |")?;
    for month in &first.months {
        write!(page, " {} |", month.month)?;
    }
    writeln!(page, "\n|---|{}", "---|".repeat(first.months.len()))?;
    for strategy in &report.strategies {
        write!(page, "| {} |", strategy.rule.name())?;
        for month in &strategy.months {
            write!(page, " {} |", percent(month.total_return))?;
        }
        writeln!(page)?;
    }
    writeln!(
        page,
        "\nThe first and the last month may be cut by the span.\n"
    )
}

fn controls(page: &mut String, report: &Report) -> Result {
    writeln!(
        page,
        "## Luck\n\n\
         The signal rule on the same classes at other times. Permuted: in any order, so runs are broken and trading is different. Rotated: begun\n\
         elsewhere and joined at the ends, so runs are kept.\n\n\
         | signals | simulations | mean return | standard deviation | least | most | mean before costs | mean trades | at least as good | before costs |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    )?;
    for control in &report.controls {
        let end = |better: fn(f64, f64) -> f64| control.returns.iter().copied().reduce(better);
        writeln!(
            page,
            "| {} | {} | {} | {:.2} points | {} | {} | {} | {:.0} | {} | {} |",
            control.name,
            control.returns.len(),
            percent(control.mean),
            control.deviation * 100.0,
            end(f64::min).map_or_else(String::new, percent),
            end(f64::max).map_or_else(String::new, percent),
            percent(control.mean_before_costs),
            control.mean_trades,
            control.as_good,
            control.as_good_before_costs,
        )?;
    }
    writeln!(page)
}

fn assumptions(page: &mut String, report: &Report) -> Result {
    let settings = &report.settings;
    let (policy, costs) = (&settings.policy, &settings.costs);
    let share = |ratio: f64| (ratio * 1e6).round() / 1e4;
    writeln!(
        page,
        "## Assumed\n\n\
         - Treasury of {:.0} USD, {} % of it in the base token at the start (buy and hold: all, cash: none; no trade is charged for that).\n\
         - A signal is executed at the first close at least {} s after its own; later than {} s after it, it has expired. Each is tried once.\n\
         - SELL moves toward {} %, BUY toward {} %, HOLD does nothing; at most {} % of the value per execution, none within {} % of the target,\n\
         \x20 {:.0} to {:.0} USD per trade, {} s between two; budgets of {:.0} USD of turnover and {:.0} USD of loss refill in {} s; none if the price\n\
         \x20 has moved more than {} % since the signal.\n\
         - Each trade loses {} % to the pool and {} % to slippage (assumed), at the candle's close.\n\
         - A round costs {} gas to submit, traded or not, and {} more to trade, at {} gwei and {} USD per ether (assumed, constant):\n\
         \x20 {:.2} and {:.2} USD. The treasury pays, although anyone may. Buy and hold, the constant mix and cash submit nothing.",
        settings.start_value,
        share(settings.start_allocation),
        settings.delay,
        policy.round_ttl,
        share(policy.sell_target),
        share(policy.buy_target),
        share(policy.max_step),
        share(policy.dead_band),
        policy.min_trade,
        policy.max_trade,
        policy.cooldown,
        policy.turnover_budget,
        policy.loss_budget,
        policy.budget_period,
        share(policy.max_deviation),
        share(costs.pool_fee),
        share(costs.slippage),
        costs.submit_gas,
        costs.execute_gas,
        costs.gas_price_gwei,
        costs.eth_usd,
        costs.of_gas(costs.submit_gas),
        costs.of_gas(costs.execute_gas),
    )?;
    if let Some(high) = report.high {
        writeln!(
            page,
            "- The regime cap holds at most {} % of the value in the base token while volatility is HIGH ({high} signals); it needs a\n\
             \x20 second proof per round.",
            share(settings.high_cap)
        )?;
    }
    writeln!(
        page,
        "- The constant mix returns to {} % under the same guards and costs whenever a signal would come.\n\
         - Not simulated: the pool's price and its time average, the age of the price feed, vetoes, a second try, taxes. Double precision.",
        share(settings.mix)
    )
}

fn percent(ratio: f64) -> String {
    format!("{:+.2} %", ratio * 100.0)
}
