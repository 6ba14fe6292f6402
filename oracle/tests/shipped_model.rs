//! The shipped model's circuit against its integer reference, on real windows.
#![allow(missing_docs, clippy::unwrap_used, reason = "test")]

use std::path::{Path, PathBuf};

use veriregime::{exchange::CandleSource, market::Market, model::Model};
use veriregime_circuits::{
    keys::ProvingKey,
    srs::Srs,
    tape::{Checker, Layout, Profile, Witness},
};
use veriregime_features::{CANDLES, Window, series};

const WINDOWS: usize = 200;

/// Evenly spread over the day that the replay begins in.
#[tokio::test]
async fn witness_of_historical_windows_satisfies_the_shipped_model_s_key() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let model = Model::only(&root.join("models")).unwrap();
    let key_of = |model: &Model| {
        let layout = Layout::plan(&model.network, Profile::Gas).unwrap();
        let srs = Srs::development(layout.k);
        ProvingKey::generate(layout, &srs).unwrap()
    };
    let Some(data) = std::env::var_os("VERIREGIME_DATA").map(PathBuf::from) else {
        eprintln!("skipped: historical windows (set VERIREGIME_DATA)");
        return;
    };
    let source = CandleSource::file(&data, Market::btc_usdt_minutes()).unwrap();
    let from = 1_722_384_000; // 2024-07-31, in the test part
    let to = from + 86_400;
    let candles = source.candles(from, to).await.unwrap();
    let funding = source.funding(from, to).await.unwrap();
    let key = key_of(&model);
    let checker = Checker::new(&key).unwrap();
    let mut classes = [0usize; 3];
    let step = (candles.len() - CANDLES) / WINDOWS;
    for candle in candles.iter().skip(CANDLES).step_by(step).take(WINDOWS) {
        let close_time = candle.close_time();
        let slice = series::ending_at(&candles, close_time).unwrap();
        let window = Window::compute(slice, &funding, &model.manifest.scale).unwrap();
        let witness = Witness::generate(key.layout(), &window.values, [0; 32]).unwrap();
        let inference = model.network.infer(&window.values).unwrap();
        let statement = witness.public_inputs.decode().unwrap();
        assert_eq!(
            (statement.logits, statement.class),
            (inference.logits, inference.class)
        );
        assert_eq!(
            checker.first_violation(&witness).unwrap(),
            None,
            "window of {close_time}"
        );
        classes[inference.class] += 1;
    }
    assert_eq!(classes.iter().sum::<usize>(), WINDOWS);
    println!("historical windows: {WINDOWS}, SELL/HOLD/BUY {classes:?}");
}
