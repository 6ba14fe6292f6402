//! The `veriregime` program; everything is in the library.

use std::process::ExitCode;

use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the asynchronous runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(veriregime::cli::main());
    // A proof that is still being made is abandoned, not waited for.
    runtime.shutdown_background();
    code
}
