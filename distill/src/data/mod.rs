//! Samples: windows of candles with the label of what came after, split in time.

pub mod history;
pub mod samples;
pub mod scale_fit;
pub mod split;

pub use history::History;
pub use samples::Samples;
pub use split::Split;
