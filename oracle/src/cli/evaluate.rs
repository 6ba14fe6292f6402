//! `veriregime evaluate`: an integer model's scores on any candle history.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{Ending, options::ModelOptions, print};
use crate::{
    evaluate::{History, evaluate, test_part},
    usage::Usage,
    utc,
};

/// Score an integer model on a candle history.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime evaluate --data ../shared/data\n  veriregime evaluate --data eth --from 2024-01-01 --to 2024-06-30T23:55:00Z --json\n\nThe folder holds one candle file, <symbol>_1m.csv or <symbol>_1m.csv.zst, and the market's funding_rate.csv; without the latter the\nfunding feature stands at the training mean. Windows, labels and scores are those of training: docs/evaluating.md.\n\nThe scores of the model's teacher, over the same windows: distill evaluate --data eth --model models/btcusdt-1m-60"
)]
pub(super) struct Evaluate {
    /// Folder with one candle file and, if the market has one, funding_rate.csv.
    #[arg(long, env = "VERIREGIME_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Market of the candle file, such as ETH/USDT, where the folder holds several; its file is then ethusdt_1m.csv(.zst).
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<String>,
    /// First close time of a window: UNIX seconds or RFC 3339; default: that of the model's test part.
    #[arg(long, value_name = "TIME", value_parser = utc::parse)]
    from: Option<u64>,
    /// Last close time of a window: UNIX seconds or RFC 3339 (a date alone is its first minute); default: as above.
    #[arg(long, value_name = "TIME", value_parser = utc::parse)]
    to: Option<u64>,
    /// Minutes between two windows; default: as in training.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=1_440))]
    stride: Option<u32>,
    #[command(flatten)]
    model: ModelOptions,
}

impl Evaluate {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let missing =
            "no candle history: give its folder with --data, or set VERIREGIME_DATA to it";
        let data = self.data.ok_or_else(|| Usage::new(missing))?;
        let model = self.model.model()?;
        let test = test_part(&model);
        let range = self.from.unwrap_or(*test.start())..=self.to.unwrap_or(*test.end());
        let stride = self
            .stride
            .unwrap_or(model.manifest.training.stride_minutes);
        let work = move || -> Result<_> {
            let history = match self.symbol {
                Some(symbol) => History::read_symbol(&data, &symbol)?,
                None => History::read(&data)?,
            };
            Ok(evaluate(&model, &history, range, stride)?)
        };
        let evaluation = tokio::task::spawn_blocking(work).await??;
        print(json, &evaluation, || evaluation.table())?;
        Ok(Ending::Holds)
    }
}
