//! Experiment 4: teachers and students as circuits, proven on test windows and submitted on a chain.
//!
//! ```text
//! shipped model --Subject::prepare--> teacher.onnx, network.json, fidelity.json, windows.json
//!     each Configuration, in a process of its own --measure--> figures.json, Verifier.sol, params.json, submissions.json
//!         scripts/exp4.mjs: ten submissions to the real oracle on a chain with Sepolia's id --> chain.json
//!             Report --> exp4.json, exp4.md, exp4.svg, exp4-gas.svg
//! ```
//!
//! Everything between two steps is a file in one folder ([`Work`]), so that a step can be repeated alone.

pub mod binding;
pub mod choice;
pub mod circuit;
pub mod configuration;
pub mod fidelity;
pub mod figures;
pub mod machine;
pub mod measure;
pub mod page;
pub mod peers;
pub mod picture;
pub mod report;
pub mod subject;
pub mod submission;
pub mod verifier;
pub mod windows;
pub mod work;

pub use choice::Choice;
pub use configuration::{Configuration, Profile};
pub use fidelity::Fidelity;
pub use figures::Figures;
pub use report::Report;
pub use subject::Subject;
pub use windows::{ProvenWindow, Windows};
pub use work::Work;
