//! Plots for the reports, as SVG text: the same numbers give the same bytes.
//!
//! ```text
//! Lines | Scatter | Heatmap | Bars --axes, ticks, legend--> canvas (crate plotters, SVG only) --> String
//! ```
//!
//! One look for all: white ground, the title on top, the legend below it and never over the data, every axis labelled
//! with its unit, and colours that colour-blind readers tell apart ([Okabe and Ito, 2008](https://jfly.uni-koeln.de/color/)).
//! Text stays text: the reader's sans-serif font draws it, no font is needed here.

mod axis;
mod bars;
mod canvas;
mod error;
mod heatmap;
mod labels;
mod legend;
mod lines;
mod palette;
mod pareto;
mod plane;
mod scatter;
mod thin;
mod ticks;

pub use axis::Axis;
pub use bars::{BarSeries, Bars, Panel, bars};
pub use error::Error;
pub use heatmap::{Heatmap, heatmap};
pub use lines::{Band, Lines, Series, lines};
pub use pareto::{Better, Front};
pub use scatter::{Group, Point, Scatter, scatter};
