//! A process that holds a key leaves no copy of its memory behind.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core dumps, and other processes of the same user to look into this one's memory.
///
/// # Errors
/// What the system says; the process goes on without then.
pub fn keep_memory_private() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}
