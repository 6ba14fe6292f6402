//! The node under test: the same entry as the `veriregime` program, built together with what drives it, so that it is
//! never an older one.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    veriregime::cli::main().await
}
