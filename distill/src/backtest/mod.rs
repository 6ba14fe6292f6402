//! What the treasury's rule would have done with a model's signals: a walk through the past, a minute at a time.
//!
//! ```text
//! signal at t (a candle's close) --delay--> first close from t + delay on: plan (guards of the on-chain policy) --> trade
//!                                           every close: value, allocation
//! ```
//!
//! A decision at t uses nothing later than t, and is executed at a later close; amounts are computed at the moment of
//! execution, as the contract does. No setting is fitted here: the defaults are those of a deployment
//! (`scripts/support/DeploymentConfig.sol`). Money is in double precision, in units of the quote token (USD for short),
//! which is fine for a report and would not be for a contract.
//!
//! Not simulated: the pool's own price and its time average, the price feed's age, vetoes, and a second try of a
//! round that a guard has blocked.

mod budget;
mod control;
mod error;
mod market;
mod measure;
mod page;
mod picture;
mod plan;
mod report;
mod rule;
mod settings;
mod simulate;
mod treasury;

pub use control::Control;
pub use error::Error;
pub use market::{Market, Signals};
pub use measure::{Day, Month, Performance};
pub use plan::{Guard, Side};
pub use report::{Range, Report, run};
pub use rule::Rule;
pub use settings::{Costs, Policy, Settings};
pub use simulate::{Path, Trade, simulate};
