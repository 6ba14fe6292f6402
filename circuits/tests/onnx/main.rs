//! ONNX files as networks over the integers.
//!
//! `fixtures`: files of other people's exporters, against onnxruntime and against NumPy. `layers`, `functions`, `shapes`: each operator
//! against numbers worked out by hand. `refusals`: what cannot be proven, by node and attribute. `quantisation`: scales, tables,
//! options. `circuit`: the networks in their circuit. `hostile`: damaged files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod circuit;
mod file;
mod fixtures;
mod functions;
mod hostile;
mod layers;
mod quantisation;
mod refusals;
mod shapes;
