//! Integer neural networks proven with KZG-based Halo2 over BN254.
//!
//! ```text
//! IntegerModel --Layout::plan--> tape rows --ProvingKey::generate--> keys --solidity::write--> Verifier.sol
//!      |                                                              |
//!      +-- infer(inputs) --> logits, class     prove(inputs, binding) -> Proof -> verify(public inputs)
//! ```
//!
//! The crate knows nothing of markets or chains: inputs are small integers, the binding word is an
//! opaque field element that the proof carries. A proof states that the integer network behind the
//! verifying key maps the packed public inputs to the public logits and that the public class is
//! their arg-max; it says nothing of where the inputs came from.

pub mod commitment;
pub mod error;
pub mod field;
pub mod keys;
pub mod model;
pub mod network;
pub mod onnx;
pub mod proof;
pub mod protocol;
pub mod prover;
pub mod public;
pub mod sheet;
pub mod slices;
pub mod solidity;
pub mod srs;
pub mod tape;

pub use error::Error;
