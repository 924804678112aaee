//! What a stack decides when its modules give certain answers.
//!
//! Source: Linux-PAM, libpam/pam_dispatch.c: an impression (undefined, positive, negative) is kept,
//! and each answer's action changes it or ends the stack. `done` and `die` in a substack end that
//! substack alone. Without an impression the result is a failure.

use super::{Control, Entry, Step};

/// The answer of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// `PAM_SUCCESS`.
    Success,
    /// `PAM_IGNORE`: the module has no say.
    Ignore,
    /// `PAM_AUTH_ERR`.
    Failure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Impression {
    Undefined,
    Positive,
    Negative,
}

/// Whether the stack succeeds.
pub(super) fn succeeds(steps: &[Step<'_>], answer: &dyn Fn(&Entry) -> Answer) -> bool {
    let mut impression = Impression::Undefined;
    run(steps, answer, &mut impression);
    impression == Impression::Positive
}

fn run(steps: &[Step<'_>], answer: &dyn Fn(&Entry) -> Answer, impression: &mut Impression) {
    let mut place = 0;
    let before = *impression;
    while let Some(step) = steps.get(place) {
        place += 1;
        let entry = match step {
            Step::Substack(inner) => {
                run(inner, answer, impression);
                continue;
            }
            Step::Module(entry) => entry,
        };
        let Control::Actions(actions) = &entry.control else {
            continue;
        };
        let given = answer(entry);
        let word = match given {
            Answer::Success => "success",
            Answer::Ignore => "ignore",
            Answer::Failure => "auth_err",
        };
        let fallback = if given == Answer::Ignore {
            "ignore"
        } else {
            "bad"
        };
        let action = actions
            .get(word)
            .or_else(|| actions.get("default"))
            .map_or(fallback, String::as_str);
        match action {
            "ok" | "done" => {
                // An answer that is ignored never makes a stack succeed.
                if given == Answer::Success && *impression == Impression::Undefined {
                    *impression = Impression::Positive;
                } else if given == Answer::Failure && *impression != Impression::Negative {
                    *impression = Impression::Negative;
                }
                if action == "done" && *impression != Impression::Negative {
                    return;
                }
            }
            "bad" => *impression = Impression::Negative,
            "die" => {
                *impression = Impression::Negative;
                return;
            }
            "reset" => *impression = before,
            "ignore" => {}
            number => match number.parse::<usize>() {
                // A jump of a module that did not fail counts as success since 1.1.9.
                Ok(jump) => {
                    if given == Answer::Success && *impression == Impression::Undefined {
                        *impression = Impression::Positive;
                    }
                    place = place.saturating_add(jump);
                }
                Err(_) => *impression = Impression::Negative,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::facts::pam::Kind;
    use crate::run::Options;

    fn check(stack: &str, good: &[&str], expected: bool) {
        let mut tree = crate::tree::MemoryTree::new();
        tree.file("/etc/pam.d/x", stack);
        tree.file(
            "/etc/pam.d/sub",
            "auth required pam_deny.so\nauth sufficient pam_a.so\n",
        );
        let options = Options::at(0);
        let facts = Facts::new(&tree, &options);
        let pam = facts.pam().expect("pam");
        let answer = |entry: &Entry| match entry.name() {
            "pam_permit" => Answer::Success,
            "pam_env" => Answer::Ignore,
            name if good.contains(&name) => Answer::Success,
            _ => Answer::Failure,
        };
        assert_eq!(
            succeeds(&pam.stack("x", Kind::Auth), &answer),
            expected,
            "{stack}"
        );
    }

    #[test]
    fn stacks_of_distributions() {
        let debian = "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\nauth optional pam_cap.so\n";
        check(debian, &[], false);
        check(debian, &["pam_unix"], true);
        let fedora =
            "auth required pam_env.so\nauth sufficient pam_unix.so\nauth required pam_deny.so\n";
        check(fedora, &[], false);
        check(fedora, &["pam_unix"], true);
    }

    #[test]
    fn words_and_orders() {
        check(
            "auth required pam_a.so\nauth sufficient pam_permit.so\n",
            &[],
            false,
        );
        check(
            "auth sufficient pam_permit.so\nauth required pam_a.so\n",
            &[],
            true,
        );
        check(
            "auth optional pam_a.so\nauth optional pam_permit.so\n",
            &[],
            true,
        );
        check("auth optional pam_a.so\n", &[], false);
        check("auth required pam_env.so\n", &[], false);
        check(
            "auth substack sub\nauth required pam_permit.so\n",
            &["pam_a"],
            false,
        );
        check(
            "auth [default=1] pam_a.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
            &[],
            true,
        );
        check("auth include x\nauth required pam_permit.so\n", &[], true);
    }
}
