//! The `casemate` program.

fn main() -> std::process::ExitCode {
    casemate::main()
}
