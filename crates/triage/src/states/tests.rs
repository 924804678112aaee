//! The table of transitions, and random histories against a model that looks at the whole history.

use super::*;
use proptest::prelude::*;

fn at(day: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_767_225_600 + day * 86_400).expect("a time")
}

fn standing(state: State, reason: Option<CloseReason>) -> Standing {
    Standing {
        state,
        reason,
        until: None,
        since: at(10),
    }
}

fn check(from: &Standing, verb: Verb, expected: Result<State, Refusal>) {
    let result = decided(from, verb, None).map(|(state, _)| state);
    assert_eq!(result, expected, "{from:?} {verb:?}");
}

#[test]
fn each_verb_leads_where_the_table_says() {
    use Refusal::{Already, Closed, FurtherOn, Gone, Open};
    let open = |state| standing(state, None);
    let closed = |reason| standing(State::Closed, Some(reason));
    check(&open(State::New), Verb::Triage, Ok(State::Triaged));
    check(&open(State::Triaged), Verb::Triage, Err(Already));
    check(&open(State::InProgress), Verb::Triage, Err(FurtherOn));
    check(&open(State::New), Verb::Start, Ok(State::InProgress));
    let awaiting = open(State::FixedAwaitingRescan);
    check(&awaiting, Verb::Start, Ok(State::InProgress));
    check(&awaiting, Verb::Reopen, Ok(State::Triaged));
    check(&awaiting, Verb::Fixed, Err(Already));
    check(&awaiting, Verb::FalsePositive, Ok(State::Closed));
    check(&open(State::New), Verb::Reopen, Err(Open));
    for verb in Verb::ALL {
        let fixed = closed(CloseReason::Fixed);
        let expected = if verb == Verb::Reopen {
            Ok(State::Triaged)
        } else {
            Err(Gone)
        };
        check(&fixed, verb, expected);
    }
    let wrong = closed(CloseReason::FalsePositive);
    check(&wrong, Verb::FalsePositive, Err(Already));
    check(&wrong, Verb::Start, Err(Closed));
    check(&wrong, Verb::OutOfScope, Ok(State::Closed));
    check(&wrong, Verb::Reopen, Ok(State::Triaged));
    let mut accepted = closed(CloseReason::Accepted);
    accepted.until = Some("2026-02-01".into());
    assert_eq!(
        decided(&accepted, Verb::Accept, Some("2026-02-01")),
        Err(Already)
    );
    assert!(decided(&accepted, Verb::Accept, Some("2026-03-01")).is_ok());
}

#[test]
fn an_acceptance_holds_through_its_last_day() {
    let mut accepted = standing(State::Closed, Some(CloseReason::Accepted));
    accepted.until = Some("2026-02-01".into());
    let on = |today| seen(Some(&accepted), at(40), today).0;
    assert_eq!(on("2026-02-01"), Change::Untouched);
    assert_eq!(on("2026-02-02"), Change::Reopened);
    assert!(accepted.is_ruled_out("2026-02-01") && !accepted.is_ruled_out("2026-02-02"));
}

#[test]
fn what_was_seen_before_the_fix_says_nothing_against_it() {
    let awaiting = standing(State::FixedAwaitingRescan, None);
    assert_eq!(seen(Some(&awaiting), at(9), "").0, Change::Untouched);
    assert_eq!(seen(Some(&awaiting), at(10), "").0, Change::Reopened);
    assert_eq!(
        absent(&awaiting, at(9)).map(|now| now.reason),
        Some(Some(CloseReason::Fixed))
    );
}

/// One step of a history; steps are a day apart.
#[derive(Clone, Debug)]
enum Step {
    Decide(Verb, Option<i64>),
    Seen,
    Absent,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let verb = (prop::sample::select(Verb::ALL.to_vec()), 0..20_i64);
    let step = prop_oneof![
        3 => verb.prop_map(|(verb, days)| {
            Step::Decide(verb, (verb == Verb::Accept).then_some(days))
        }),
        3 => Just(Step::Seen),
        1 => Just(Step::Absent),
    ];
    prop::collection::vec(step, 0..40)
}

/// What holds after a history, said without any step from state to state: the last thing that
/// counts decides.
fn model(history: &[(i64, Step)]) -> (State, Option<CloseReason>) {
    let Some(((day, last), before)) = history.split_last() else {
        return (State::New, None);
    };
    let (state, reason) = model(before);
    let by_person = state == State::Closed && reason != Some(CloseReason::Fixed);
    let expired = reason == Some(CloseReason::Accepted)
        && before.iter().rev().find_map(|(_, step)| match step {
            Step::Decide(Verb::Accept, until) => *until,
            _ => None,
        }) < Some(*day);
    match last {
        // Seen: fixed was not true, or the acceptance is over; else nothing.
        Step::Seen if by_person && !expired => (state, reason),
        Step::Seen if matches!(state, State::Triaged | State::InProgress) => (state, reason),
        Step::Seen => (State::New, None),
        Step::Absent if by_person => (state, reason),
        Step::Absent => (State::Closed, Some(CloseReason::Fixed)),
        Step::Decide(verb, _) => {
            let closes = verb.target().0 == State::Closed;
            let allowed = match (state, reason) {
                (State::Closed, Some(CloseReason::Fixed)) => *verb == Verb::Reopen,
                (State::Closed, _) => closes || *verb == Verb::Reopen,
                (State::New, _) => *verb != Verb::Reopen,
                (State::Triaged | State::InProgress, _) => {
                    closes || matches!(verb, Verb::Start | Verb::Fixed)
                }
                (State::FixedAwaitingRescan, _) => *verb != Verb::Triage,
            };
            if allowed {
                verb.target()
            } else {
                (state, reason)
            }
        }
    }
}

proptest! {
    #[test]
    fn random_histories_end_as_the_model_says(steps in steps()) {
        let mut now = Standing::new(at(0));
        let mut history: Vec<(i64, Step)> = Vec::new();
        for (day, step) in (1..).zip(steps) {
            // An acceptance's last day counts from the first one, so that some are over at once.
            match &step {
                Step::Decide(verb, until) => {
                    let until = until.map(|day| at(day).date());
                    if let Ok((state, reason)) = decided(&now, *verb, until.as_deref()) {
                        let until = until.map(Text::from);
                        now = Standing { state, reason, until, since: at(day) };
                        history.push((day, step.clone()));
                    } else {
                        let (kept, why) = model(&history);
                        history.push((day, step.clone()));
                        // A refused decision is one that the model does not allow, or one that
                        // says what holds already.
                        prop_assert_eq!(model(&history), (kept, why));
                        history.pop();
                    }
                }
                Step::Seen => {
                    let ruled_out = now.is_ruled_out(&at(day).date());
                    let before = now.clone();
                    now = seen(Some(&now), at(day), &at(day).date()).1;
                    prop_assert!(!ruled_out || now == before, "a decision was reversed");
                    history.push((day, step));
                }
                Step::Absent => {
                    now = absent(&now, at(day)).unwrap_or(now);
                    history.push((day, step));
                }
            }
            prop_assert_eq!(model(&history), (now.state, now.reason), "{:?}", history);
        }
    }
}
