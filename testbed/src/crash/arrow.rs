//! The arrows of a round's way, and how to stop the daemon on each.

use crate::{exchange::calls as exchange, front::Fault, proxy::calls as chain};

/// A moment at which the daemon is struck.
#[derive(Clone, Copy, Debug)]
pub struct Arrow {
    /// The name in reports.
    pub name: &'static str,
    /// How the moment is recognised.
    pub trigger: Trigger,
    /// Whether blocks must wait, so that the moment does not pass by itself.
    pub without_blocks: bool,
}

/// How a moment is recognised.
#[derive(Clone, Copy, Debug)]
pub enum Trigger {
    /// A call arrives, is not passed on and never answered.
    Asked(Place, &'static str),
    /// A call is passed on, its answer never comes.
    Unanswered(Place, &'static str),
    /// The log says that the round has reached a stage.
    Stage(&'static str),
    /// A line of the log with this code speaks of the round.
    Line(&'static str),
    /// The process has begun to start.
    Starting,
    /// Nothing is to be done until the next close.
    Idle,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The exchange.
    Exchange,
    /// The chain.
    Chain,
    /// Every attestor.
    Attestors,
}

impl Trigger {
    /// The fault that stops the daemon there, if a call does.
    #[must_use]
    pub fn fault(&self) -> Option<(Place, &'static str, Fault)> {
        match self {
            Self::Asked(place, call) => Some((*place, call, Fault::Silence)),
            Self::Unanswered(place, call) => Some((*place, call, Fault::Mute)),
            Self::Stage(_) | Self::Line(_) | Self::Starting | Self::Idle => None,
        }
    }
}

const fn arrow(name: &'static str, trigger: Trigger) -> Arrow {
    Arrow {
        name,
        trigger,
        without_blocks: false,
    }
}

const fn before_block(name: &'static str, trigger: Trigger) -> Arrow {
    Arrow {
        name,
        trigger,
        without_blocks: true,
    }
}

/// Every arrow, in the order of a round.
pub const ARROWS: [Arrow; 26] = [
    arrow("starting", Trigger::Starting),
    arrow("idle", Trigger::Idle),
    arrow(
        "clock asked",
        Trigger::Asked(Place::Exchange, exchange::TIME),
    ),
    arrow(
        "candles asked",
        Trigger::Asked(Place::Exchange, exchange::CANDLES),
    ),
    arrow(
        "funding asked",
        Trigger::Asked(Place::Exchange, exchange::FUNDING),
    ),
    arrow("fetched", Trigger::Stage("fetched")),
    arrow("inferred, proving", Trigger::Stage("inferred")),
    arrow(
        "attestors asked",
        Trigger::Asked(Place::Attestors, chain::ATTEST),
    ),
    arrow(
        "attestors' answers lost",
        Trigger::Unanswered(Place::Attestors, chain::ATTEST),
    ),
    arrow("proven", Trigger::Stage("proven")),
    arrow("verified", Trigger::Stage("verified")),
    arrow("attested", Trigger::Stage("attested")),
    arrow(
        "simulation asked",
        Trigger::Asked(Place::Chain, chain::SIMULATE),
    ),
    arrow("simulated", Trigger::Stage("simulated")),
    arrow("cleared for sending", Trigger::Stage("sent")),
    arrow("fees asked", Trigger::Asked(Place::Chain, chain::FEES)),
    arrow("gas asked", Trigger::Asked(Place::Chain, chain::GAS)),
    arrow("nonce asked", Trigger::Asked(Place::Chain, chain::NONCE)),
    before_block("signed, on disk", Trigger::Line("tx.signed")),
    before_block(
        "recorded, not handed over",
        Trigger::Asked(Place::Chain, chain::SEND),
    ),
    before_block(
        "handed over, answer lost",
        Trigger::Unanswered(Place::Chain, chain::SEND),
    ),
    before_block("handed over", Trigger::Line("tx.broadcast")),
    arrow(
        "receipt asked",
        Trigger::Asked(Place::Chain, chain::RECEIPT),
    ),
    arrow("in a block", Trigger::Line("tx.included")),
    arrow("included", Trigger::Stage("included")),
    arrow("final", Trigger::Stage("final")),
];
