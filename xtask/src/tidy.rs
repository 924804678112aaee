//! Sizes, names and leftovers that no lint sees.

use crate::{house, tool};
use anyhow::{Result, bail};
use std::path::Path;

/// Most code lines of a file.
const FILE_LINES_MAX: usize = 500;
/// Most lines of a function.
const FUNCTION_LINES_MAX: usize = 70;

/// Fails with all that is untidy.
pub(crate) fn run() -> Result<()> {
    let root = tool::root();
    let mut problems = house::problems(&root)?;
    problems.extend(source_problems(&root)?);
    problems.extend(document_problems(&root)?);
    if problems.is_empty() {
        println!("tidy");
        return Ok(());
    }
    bail!(
        "{} things are untidy:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

/// Files and functions that are too long, files without a module comment, leftovers.
fn source_problems(root: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for folder in ["crates", "testkit", "xtask"] {
        for path in tool::files(&root.join(folder), &["rs"])? {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            let text = std::fs::read_to_string(&path)?;
            let product = text.split("\n#[cfg(test)]").next().unwrap_or_default();
            if !text.starts_with("//!") {
                problems.push(format!("{name}: no module comment"));
            }
            let code = product.lines().filter(|line| is_code(line)).count();
            // Tables are data: they are as long as what they list.
            let exempt = name.contains("/tests/") || name.ends_with("/table.rs");
            if code > FILE_LINES_MAX && !exempt {
                problems.push(format!(
                    "{name}: {code} code lines, at most {FILE_LINES_MAX}"
                ));
            }
            for (function, line, length) in functions(product) {
                if length > FUNCTION_LINES_MAX && !name.contains("/tests/") {
                    problems.push(format!(
                        "{name}:{line}: `{function}` has {length} lines, at most \
                         {FUNCTION_LINES_MAX}"
                    ));
                }
            }
            let leftover = ["todo!(", "unimplemented!(", "FIXME", "#[ignore"];
            for word in leftover.iter().filter(|word| product.contains(**word)) {
                if !name.ends_with("tidy.rs") {
                    problems.push(format!("{name}: leftover `{word}`"));
                }
            }
        }
    }
    Ok(problems)
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}

/// Name, first line and length of each function, by its indentation.
fn functions(text: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(String, usize, usize)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        if let Some((name, first, depth)) = &open {
            if indent == *depth && words.starts_with('}') {
                found.push((name.clone(), *first, number - first + 1));
                open = None;
            }
            continue;
        }
        let head: Vec<&str> = words.split_whitespace().take(5).collect();
        if let Some(position) = head.iter().position(|word| *word == "fn") {
            let plain = head.iter().take(position).all(|word| {
                word.starts_with("pub") || ["const", "async", "unsafe", "extern"].contains(word)
            });
            let one_line = words.ends_with('}') || words.ends_with(';');
            if plain && !one_line {
                let name = head.get(position + 1).copied().unwrap_or_default();
                let name = name.split(['(', '<']).next().unwrap_or_default().to_owned();
                open = Some((name, number, indent));
            }
        }
    }
    found
}

/// Paths and crates that documents name and that do not exist.
fn document_problems(root: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for path in tool::files(root, &["md"])? {
        // Licence texts are other people's, links and all.
        if path.ends_with("THIRD-PARTY-NOTICES.md") {
            continue;
        }
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        let text = std::fs::read_to_string(&path)?;
        for target in links(&text) {
            let place = path.parent().unwrap_or(root).join(target);
            if !place.exists() {
                problems.push(format!("{name}: links to `{target}`, which is not there"));
            }
        }
        for word in code_words(&text) {
            let is_path = ["crates/", "docs/", "xtask/", "testkit/", "deploy/", "fuzz/"]
                .iter()
                .any(|prefix| word.starts_with(prefix));
            if is_path && !word.contains(['<', '*', '{']) && !root.join(word).exists() {
                problems.push(format!("{name}: names `{word}`, which is not there"));
            }
        }
    }
    Ok(problems)
}

/// Targets of Markdown links that are files of this tree.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' '))
        .collect()
}

/// Words in back quotes.
fn code_words(text: &str) -> Vec<&str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| !word.contains([' ', '\n']))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_and_documents_are_tidy() {
        let root = tool::root();
        let mut problems = source_problems(&root).expect("sources");
        problems.extend(document_problems(&root).expect("documents"));
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn a_long_function_is_seen_and_a_link_to_nothing_too() {
        let body = "    let x = 1;\n".repeat(80);
        let text = format!("//! m\npub(crate) fn long() {{\n{body}}}\nfn short() {{\n}}\n");
        let found = functions(&text);
        assert_eq!(found[0], ("long".to_owned(), 2, 82));
        assert_eq!(found.len(), 2);
        assert_eq!(
            links("see [a](docs/a.md#b) and [w](https://x.y)"),
            ["docs/a.md"]
        );
    }
}
