//! Finding a window's candles in a longer series.

use crate::CANDLES;
use crate::candle::Candle;
use crate::error::FeatureError;

/// The last [`CANDLES`] candles up to the one that closes at `close_time` (UNIX seconds).
///
/// `candles` must be in ascending time order. Gaps inside are left for [`crate::Window::compute`] to name.
///
/// # Errors
/// [`FeatureError::NoWindow`] when no candle closes at that time or fewer than [`CANDLES`] end there.
pub fn ending_at(candles: &[Candle], close_time: u64) -> Result<&[Candle], FeatureError> {
    let end = candles.partition_point(|candle| candle.close_time() <= close_time);
    let upto = candles.get(..end).unwrap_or_default();
    let closes_then = upto
        .last()
        .is_some_and(|candle| candle.close_time() == close_time);
    let available = if closes_then { end } else { 0 };
    available
        .checked_sub(CANDLES)
        .and_then(|start| upto.get(start..))
        .ok_or(FeatureError::NoWindow {
            close_time,
            needed: CANDLES,
            available,
        })
}
