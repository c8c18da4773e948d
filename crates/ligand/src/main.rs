//! The `ligand` program. Everything it does is in the library beside it.

use std::process::ExitCode;

/// A call to a vendor makes a few hundred small allocations; this allocator makes them in half the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ligand::run()
}
