//! Two balances.

use super::plan::Side;

/// What the treasury holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Treasury {
    base: f64,
    quote: f64,
}

impl Treasury {
    /// A treasury of a value at a price, a share of it in the base token.
    pub(super) fn new(value: f64, allocation: f64, price: f64) -> Self {
        Self {
            base: value * allocation / price,
            quote: value * (1.0 - allocation),
        }
    }

    /// Value at a price.
    pub(super) fn value(&self, price: f64) -> f64 {
        self.base * price + self.quote
    }

    /// Share in the base token at a price; none of an empty treasury.
    pub(super) fn allocation(&self, price: f64) -> f64 {
        let value = self.value(price);
        if value > 0.0 {
            self.base * price / value
        } else {
            0.0
        }
    }

    /// Trades at most `value` at a price and loses a share of it; returns what was traded.
    pub(super) fn trade(&mut self, side: Side, value: f64, price: f64, lost: f64) -> f64 {
        match side {
            Side::Sell => {
                let value = value.min(self.base * price);
                self.base = (self.base - value / price).max(0.0);
                self.quote += value * (1.0 - lost);
                value
            }
            Side::Buy => {
                let value = value.min(self.quote);
                self.quote -= value;
                self.base += value * (1.0 - lost) / price;
                value
            }
        }
    }

    /// Pays a bill, in quote as far as there is any; returns what was paid.
    pub(super) fn pay(&mut self, bill: f64, price: f64) -> f64 {
        let in_quote = bill.min(self.quote);
        self.quote -= in_quote;
        let in_base = (bill - in_quote).min(self.base * price);
        self.base = (self.base - in_base / price).max(0.0);
        in_quote + in_base
    }
}
