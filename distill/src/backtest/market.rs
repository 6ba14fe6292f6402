//! What is given: closes, and signals at some of them.

use super::Error;

/// Closes of consecutive candles; gaps are allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Market<'a> {
    /// Close times, UNIX seconds, ascending.
    pub times: &'a [u64],
    /// Quote units per base unit.
    pub closes: &'a [f64],
}

/// Answers of a model at some of the market's closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signals<'a> {
    /// Close times of the windows, UNIX seconds, ascending; each is a time of the market.
    pub times: &'a [u64],
    /// 0 SELL, 1 HOLD, 2 BUY.
    pub classes: &'a [u8],
    /// 0 LOW, 1 HIGH volatility, if a second model says so.
    pub regimes: Option<&'a [u8]>,
}

impl Market<'_> {
    /// Checks lengths, order and prices.
    pub(super) fn check(&self) -> Result<(), Error> {
        lengths("closes", self.closes.len(), self.times.len())?;
        if self.times.len() < 2 {
            return Err(Error::TooShort {
                got: self.times.len(),
            });
        }
        ascending("market", self.times)?;
        let bad = |(_, close): &(&u64, &f64)| !(close.is_finite() && **close > 0.0);
        match self.times.iter().zip(self.closes).find(bad) {
            Some((&time, &close)) => Err(Error::Price { time, close }),
            None => Ok(()),
        }
    }

    /// The close at a time of the market.
    pub(super) fn close_at(&self, time: u64) -> Option<f64> {
        let index = self.times.binary_search(&time).ok()?;
        self.closes.get(index).copied()
    }
}

impl Signals<'_> {
    /// Checks lengths, order, classes, and that each signal is at a close of the market.
    pub(super) fn check(&self, market: &Market<'_>) -> Result<(), Error> {
        lengths("classes", self.classes.len(), self.times.len())?;
        ascending("signals", self.times)?;
        below("signals", self.classes, 3)?;
        if let Some(regimes) = self.regimes {
            lengths("regimes", regimes.len(), self.times.len())?;
            below("regimes", regimes, 2)?;
        }
        let lost = self
            .times
            .iter()
            .find(|&&time| market.close_at(time).is_none());
        lost.map_or(Ok(()), |&time| Err(Error::NoClose { time }))
    }
}

fn lengths(what: &'static str, got: usize, want: usize) -> Result<(), Error> {
    if got == want {
        return Ok(());
    }
    Err(Error::Lengths { what, got, want })
}

fn ascending(what: &'static str, times: &[u64]) -> Result<(), Error> {
    let pairs = times.iter().zip(times.iter().skip(1)).enumerate();
    let mut wrong = pairs.filter(|(_, (before, after))| after <= before);
    wrong.next().map_or(Ok(()), |(index, (_, &time))| {
        Err(Error::Disorder {
            what,
            index: index + 1,
            time,
        })
    })
}

fn below(what: &'static str, found: &[u8], classes: u8) -> Result<(), Error> {
    let wrong = found
        .iter()
        .enumerate()
        .find(|(_, class)| **class >= classes);
    wrong.map_or(Ok(()), |(index, &class)| {
        Err(Error::Class {
            what,
            index,
            class,
            classes,
        })
    })
}
