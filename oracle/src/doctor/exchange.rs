//! Candles: each exchange by itself, then a window of all of them together.

use std::time::{SystemTime, UNIX_EPOCH};

use veriregime_features::decimal::format_e8;

use super::{
    fault::Fault,
    files::Seat,
    sheet::{Found, Sheet, timed},
};
use crate::{
    demo::CHAIN_ID,
    exchange::{CandleSource, SourceError, SourceKind, SourceSettings},
    market::Market,
    utc,
};

/// The most that this machine's clock may differ from an exchange's, seconds.
const SKEW: u64 = 30;
/// Candles asked for.
const RECENT: u64 = 5;

/// Lines `exchange.NAME`; whether all are as they should be.
pub(super) async fn sources(
    sheet: &mut Sheet,
    settings: &SourceSettings,
    market: &Market,
    chain_id: Option<u64>,
) -> bool {
    let mut all = true;
    for name in &settings.sources {
        let alone = SourceSettings {
            sources: vec![*name],
            ..settings.clone()
        };
        let found = timed(source(&alone, market, chain_id)).await;
        all &= sheet.enter(format!("exchange.{name}"), found).is_some();
    }
    all
}

async fn source(settings: &SourceSettings, market: &Market, chain_id: Option<u64>) -> Found<()> {
    let source = settings.open(market.clone())?;
    match (source.kind(), chain_id) {
        (SourceKind::Exchange, _) => live(&source).await,
        (SourceKind::Synthetic, Some(chain_id)) if chain_id != CHAIN_ID => {
            Err(Fault::SyntheticCandles { chain_id }.into())
        }
        (kind, _) => {
            let until = utc::minute(source.latest_close().await?);
            Ok((
                (),
                format!("{kind} candles up to {until} UTC, no running clock"),
            ))
        }
    }
}

/// The exchange's clock is this machine's, and its latest candle is a recent one.
async fn live(source: &CandleSource) -> Found<()> {
    let asked = unix_seconds();
    let theirs = source.now_ms().await? as f64 / 1e3;
    // Its answer was given somewhere between question and receipt.
    let (ours, doubt) = (
        (asked + unix_seconds()) / 2.0,
        (unix_seconds() - asked) / 2.0,
    );
    let skew = ours - theirs;
    if skew.abs() - doubt > SKEW as f64 {
        return Err(Fault::Skew(skew, SKEW).into());
    }
    let step = u64::from(source.market().timeframe);
    let newest = source.latest_close().await?;
    let candles = source
        .candles(newest.saturating_sub(RECENT * step), newest)
        .await?;
    let last = candles.last().map_or(0, |candle| candle.close_time());
    // The candle that has just closed may come a moment late.
    if last + step < newest {
        return Err(Fault::Stale(newest.saturating_sub(last)).into());
    }
    let found = format!(
        "clock {skew:+.1} s off, latest candle closed at {} UTC",
        utc::minute(last)
    );
    Ok(((), found))
}

/// Line `window`: the candles of all exchanges make one, and those exchanges agree.
pub(super) async fn window(
    sheet: &mut Sheet,
    settings: &SourceSettings,
    seat: &Seat<'_>,
    candles: bool,
) {
    let line = seat.name("window");
    let (Some(model), Some(market)) = (&seat.model, &seat.market) else {
        return sheet.skip(line, &seat.name("model"));
    };
    if !candles {
        return sheet.skip(line, "exchange");
    }
    let look = async {
        let source = settings.open(market.clone())?;
        // Not the candle that may just have closed: it may come a moment late.
        let close = source.latest_close().await? - u64::from(market.timeframe);
        let window = source.window(close, &model.manifest.scale).await?;
        let from = settings.sources.len();
        let found = format!(
            "closing at {} UTC with {}, {from} source(s) agree",
            utc::minute(close),
            format_e8(window.last_close)
        );
        Ok::<_, SourceError>(((), found))
    };
    sheet.enter(line, timed(async { Ok(look.await?) }).await);
}

fn unix_seconds() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}
