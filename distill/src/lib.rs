//! From candle history to an integer network: one command trains, distils, quantises and reports.
//!
//! ```text
//! history --data--> windows, labels, splits --teacher--> soft targets --student (ReLU)--> swap to x^2 --fine-tune-->
//!   8-bit quantisation-aware training --> IntegerModel --> scores of the integers on the test part --> models/<name>/
//! ```
//!
//! [`data`] makes samples, [`network`] holds the two networks and the quantised form, [`train`] the loop they share,
//! [`pipeline`] the stages in order, [`report`] what is written. Everything random comes from one seed; the test part
//! is only ever measured, never chosen by.
//!
//! [`onnx`] carries integer networks to ONNX files and back.

pub mod agreement;
pub mod backtest;
pub mod baseline;
pub mod calendar;
pub mod calibration;
pub mod checkpoint;
pub mod config;
pub mod data;
pub mod deployment;
pub mod error;
pub mod evaluate;
pub mod exhibit;
pub mod experiment;
pub mod loss;
pub mod network;
pub mod onnx;
pub mod pipeline;
pub mod plot;
pub mod prior;
pub mod replay;
pub mod report;
pub mod shipped;
pub mod thresholds;
pub mod train;

pub use config::Config;
pub use error::Error;
pub use shipped::{Shipped, ShippedTeacher};
