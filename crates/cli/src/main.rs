//! The `casemate` program.

/// Imports of large files are mostly small pieces of text; the system's allocator takes a third of
/// their time (docs/decisions/0007-allocator.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    casemate::main()
}
