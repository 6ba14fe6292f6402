//! Shared by the tests of whole worlds.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::Path;

use veriregime::project::Project;
use veriregime_testbed::{FIRST_CLOSE, Plan, World};

/// Worlds are built one after the other: forge's scripts share the project's build folder.
static FORGE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Whether a chain can be had; says so if not.
pub fn no_chain(what: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::find(Some(root)).unwrap();
    match project.foundry("anvil") {
        Ok(_) => false,
        Err(missing) => {
            eprintln!("skipped: {what} ({missing})");
            true
        }
    }
}

/// A world without its daemon.
pub async fn world(name: &'static str, attestors: usize, threshold: usize) -> World {
    let _alone = FORGE.lock().await;
    let plan = Plan {
        name,
        attestors,
        threshold,
        minutes: 120,
        catch_up: "all",
        seed: 11,
    };
    World::build(&plan).await.unwrap()
}

/// Lets the window that closes `minutes` after the first one close, and returns its close time.
pub fn close(world: &World, minutes: u64) -> u64 {
    let close_time = FIRST_CLOSE + minutes * 60;
    world.clock.advance_to(close_time + 1);
    close_time
}
