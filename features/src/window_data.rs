//! The candles and funding rates of one window, and the digest that names them without showing them.

use sha2::{Digest, Sha256};

use crate::candle::{Candle, MINUTE_MS};
use crate::error::FeatureError;
use crate::funding::{self, FundingRate};
use crate::{CANDLES, WARM_UP};

/// Exactly what a window's features read: its candles, warm-up included, and the funding rates in force during it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowData<'a> {
    candles: &'a [Candle],
    funding: &'a [FundingRate],
}

impl<'a> WindowData<'a> {
    /// Takes the [`CANDLES`] candles of a window and, of the funding rates, those that [`crate::Window::compute`] reads:
    /// the one in force at the close of the window's first minute and those settled from then to the window's close.
    ///
    /// Whether they make a window is for [`crate::Window::compute`] to say.
    ///
    /// # Errors
    /// [`FeatureError::WrongCount`], and [`FeatureError::FundingMissing`] when no rate is in force.
    pub fn select(candles: &'a [Candle], funding: &'a [FundingRate]) -> Result<Self, FeatureError> {
        let (Some(first), Some(last), CANDLES) =
            (candles.get(WARM_UP), candles.last(), candles.len())
        else {
            return Err(FeatureError::WrongCount {
                expected: CANDLES,
                found: candles.len(),
            });
        };
        let close_ms = |candle: &Candle| candle.open_time_ms.saturating_add(MINUTE_MS);
        Ok(Self {
            candles,
            funding: funding::in_force(funding, close_ms(first), close_ms(last))?,
        })
    }

    /// The candles.
    #[must_use]
    pub const fn candles(&self) -> &'a [Candle] {
        self.candles
    }

    /// The funding rates.
    #[must_use]
    pub const fn funding(&self) -> &'a [FundingRate] {
        self.funding
    }

    /// SHA-256 of the data as text: a line `time,open,high,low,close,volume` per candle, then a line `time,rate` per
    /// funding rate, oldest first, each ended by LF.
    ///
    /// Times are whole UNIX seconds (a candle's is its open), all else integers with eight decimals: one text per
    /// value, however a file or an exchange writes it. `docs/replaying.md` tells how to do it by hand.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for candle in self.candles {
            let Candle {
                open_time_ms,
                open,
                high,
                low,
                close,
                volume,
            } = candle;
            let time = open_time_ms.div_euclid(1_000);
            digest.update(format!("{time},{open},{high},{low},{close},{volume}\n"));
        }
        for rate in self.funding {
            digest.update(format!("{},{}\n", rate.second(), rate.rate));
        }
        digest.finalize().into()
    }
}
