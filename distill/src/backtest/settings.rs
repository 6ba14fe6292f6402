//! Policy, costs and comparison: everything that is stated beside a result.

use serde::{Deserialize, Serialize};

use super::Error;

/// Settings of a simulation. Shares are ratios (0.8 is 80 %), money is in USD, time in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Value of the treasury at the first close.
    pub start_value: f64,
    /// Share of it in the base token then, for the rules that trade; no trade is charged for it.
    pub start_allocation: f64,
    /// Between the close of a signal's candle and the earliest close at which it is executed.
    pub delay: u64,
    /// The on-chain policy.
    pub policy: Policy,
    /// What trading and proving cost.
    pub costs: Costs,
    /// Most of the treasury in the base token while volatility is HIGH.
    pub high_cap: f64,
    /// Share in the base token that the constant mix returns to.
    pub mix: f64,
    /// Simulations of each control, at least 20.
    pub controls: u64,
    /// Seed of the first control; the others follow.
    pub seed: u64,
}

/// The part of `IRebalanceModule.Policy` that matters here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Allocation a SELL moves toward.
    pub sell_target: f64,
    /// Allocation a BUY moves toward.
    pub buy_target: f64,
    /// Most of the treasury's value per execution.
    pub max_step: f64,
    /// No trade this close to the target.
    pub dead_band: f64,
    /// Largest loss per trade, pool fee included.
    pub max_slippage: f64,
    /// Largest distance of the price from the round's close.
    pub max_deviation: f64,
    /// Between executions.
    pub cooldown: u64,
    /// After the close, during which a round may be executed.
    pub round_ttl: u64,
    /// In which an empty budget refills.
    pub budget_period: u64,
    /// Smallest trade.
    pub min_trade: f64,
    /// Largest trade.
    pub max_trade: f64,
    /// Value traded per period.
    pub turnover_budget: f64,
    /// Value lost per period.
    pub loss_budget: f64,
}

/// What trading and proving cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// The pool's fee, of the value traded.
    pub pool_fee: f64,
    /// Price impact and distance of the pool from the candle's close, of the value traded: assumed.
    pub slippage: f64,
    /// Gas of submitting a round with its proof.
    pub submit_gas: u64,
    /// Gas of executing a trade.
    pub execute_gas: u64,
    /// Price of gas, gwei: assumed, and the same all the time.
    pub gas_price_gwei: f64,
    /// Price of ether, USD: assumed, and the same all the time.
    pub eth_usd: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            start_value: 1_000_000.0,
            start_allocation: 0.5,
            delay: 60,
            policy: Policy::default(),
            costs: Costs::default(),
            high_cap: 0.4,
            mix: 0.5,
            controls: 20,
            seed: 1,
        }
    }
}

impl Default for Policy {
    /// That of `scripts/support/DeploymentConfig.sol`; a test compares.
    fn default() -> Self {
        Self {
            sell_target: 0.2,
            buy_target: 0.8,
            max_step: 0.1,
            dead_band: 0.005,
            max_slippage: 0.005,
            max_deviation: 0.01,
            cooldown: 60,
            round_ttl: 300,
            budget_period: 86_400,
            min_trade: 100.0,
            max_trade: 250_000.0,
            turnover_budget: 1_000_000.0,
            loss_budget: 5_000.0,
        }
    }
}

impl Default for Costs {
    /// The 5 bps pool of `scripts/support/LocalMarket.sol`, gas of `snapshots/Gas.json` (a test compares); slippage and the two
    /// prices are assumptions.
    fn default() -> Self {
        Self {
            pool_fee: 0.000_5,
            slippage: 0.000_5,
            submit_gas: 308_669,
            execute_gas: 313_143,
            gas_price_gwei: 1.0,
            eth_usd: 3_000.0,
        }
    }
}

impl Costs {
    /// Nothing costs anything.
    #[must_use]
    pub fn none() -> Self {
        Self {
            pool_fee: 0.0,
            slippage: 0.0,
            submit_gas: 0,
            execute_gas: 0,
            gas_price_gwei: 0.0,
            eth_usd: 0.0,
        }
    }

    /// USD for an amount of gas.
    #[must_use]
    pub fn of_gas(&self, gas: u64) -> f64 {
        gas as f64 * self.gas_price_gwei * 1e-9 * self.eth_usd
    }
}

impl Settings {
    /// Checks that every number makes sense.
    pub(super) fn check(&self) -> Result<(), Error> {
        let Self { policy, costs, .. } = self;
        let refuse = |name, got, want| Err(Error::Setting { name, got, want });
        for (name, share) in [
            ("start_allocation", self.start_allocation),
            ("high_cap", self.high_cap),
            ("mix", self.mix),
            ("policy.sell_target", policy.sell_target),
            ("policy.buy_target", policy.buy_target),
            ("policy.max_step", policy.max_step),
            ("policy.dead_band", policy.dead_band),
            ("policy.max_deviation", policy.max_deviation),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return refuse(name, share, "a ratio from 0 to 1");
            }
        }
        for (name, amount) in [
            ("costs.pool_fee", costs.pool_fee),
            ("costs.slippage", costs.slippage),
            ("costs.gas_price_gwei", costs.gas_price_gwei),
            ("costs.eth_usd", costs.eth_usd),
            ("policy.min_trade", policy.min_trade),
            ("policy.max_trade", policy.max_trade),
            ("policy.turnover_budget", policy.turnover_budget),
            ("policy.loss_budget", policy.loss_budget),
        ] {
            if !(amount.is_finite() && amount >= 0.0) {
                return refuse(name, amount, "a number from 0 on");
            }
        }
        if !(self.start_value.is_finite() && self.start_value > 0.0) {
            return refuse("start_value", self.start_value, "a positive number");
        }
        if self.delay == 0 {
            return refuse(
                "delay",
                0.0,
                "at least 1 s: no signal is executed at its own close",
            );
        }
        if policy.budget_period == 0 {
            return refuse("policy.budget_period", 0.0, "at least 1 s");
        }
        if !(policy.max_slippage > 0.0 && policy.max_slippage < 1.0) {
            let want = "a ratio between 0 and 1";
            return refuse("policy.max_slippage", policy.max_slippage, want);
        }
        let lost = costs.pool_fee + costs.slippage;
        if lost > policy.max_slippage {
            let want = "at most policy.max_slippage: the contract would revert every trade";
            return refuse("costs.pool_fee + costs.slippage", lost, want);
        }
        if self.controls < 20 {
            return refuse("controls", self.controls as f64, "at least 20");
        }
        Ok(())
    }
}
