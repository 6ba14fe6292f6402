//! The real program's processes: the daemon and its attestors, their logs, their deaths.

mod attestor;
mod config;
mod daemon;
mod log;
mod memory;
mod program;

pub use attestor::AttestorNode;
pub use config::NodeConfig;
pub use daemon::{Daemon, Stopped};
pub use log::{Line, Log, Missed};
pub use memory::peak_memory;
pub use program::{HANG, program};
