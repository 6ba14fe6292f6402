//! On-chain verifiers.
