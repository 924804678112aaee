//! Chores of the workspace, so that no shell script is needed. `cargo xtask help` lists them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool for developers: it prints, starts programs and writes generated files"
)]

mod bench;
mod bench_data;
mod build_cost;
mod ci;
mod docs;
mod fuzz;
mod house;
mod notice;
mod pack;
mod release;
mod screenshots;
mod services;
mod soak;
mod tidy;
mod tool;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask CHORE

  tidy                 ranks, homes, sizes of files and functions, names in documents
  docs [--check]       make docs/reference from the code; --check fails if it differs
  notice [--check]     make THIRD-PARTY-NOTICES.md from the locked dependencies
  pack [DIR]           make assets/knowledge from the catalogues below DIR (CASEMATE_DATA)
  ci                   all that .ci/run runs
  services             install and start what a suite needs and does not answer
  bench NAME           run ours and the peer in turn, print ratios (bench list: names)
  fuzz [SECONDS] [TARGET...]   coverage-guided fuzzing, so many seconds (30) a target
  soak                 long runs: power loss, hostile trees, an hour of fuzzing a target
  screenshots [DIR]    pictures of the HTML report at phone and desktop width, light and dark
  build-cost           crates, seconds and binary size of a cold release build
  release [DIR]        binary, completions, man page, checksums in one folder
";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        ["tidy"] => tidy::run(),
        ["docs", rest @ ..] => docs::run(rest.contains(&"--check")),
        ["notice", rest @ ..] => notice::run(rest.contains(&"--check")),
        ["pack", rest @ ..] => pack::run(rest.first().copied()),
        ["ci"] => ci::run(),
        ["services"] => services::run(),
        ["bench", name] => bench::run(name),
        ["bench"] => bench::run("list"),
        ["fuzz"] => fuzz::run(&[], 30),
        ["fuzz", seconds, names @ ..] => fuzz::run(names, seconds.parse()?),
        ["soak"] => soak::run(),
        ["screenshots", rest @ ..] => screenshots::run(rest.first().copied()),
        ["build-cost"] => build_cost::run(),
        ["release", rest @ ..] => release::run(rest.first().copied()),
        [other, ..] => bail!("there is no chore `{other}`; `cargo xtask help` lists them"),
    }
}
