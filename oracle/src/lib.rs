//! The VeriRegime node: candles to a proven, attested signal on chain, and the audit of it afterwards.

pub mod attestation;
pub mod attestor;
pub mod audit;
pub mod bench;
pub mod chain;
pub mod cli;
pub mod demo;
pub mod download;
pub mod evaluate;
pub mod exchange;
pub mod filler_file;
pub mod fixtures;
pub mod key_file;
pub mod market;
pub mod model;
pub mod project;
pub mod proof_file;
pub mod prover;
pub mod publisher;
pub mod reference_string;
pub mod replay;
pub mod statement;
pub mod store;
pub mod verifier_source;

pub use veriregime_features::utc;
