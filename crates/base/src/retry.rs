//! When is a failed operation tried again? After a delay that grows by a factor up to a maximum,
//! spread by jitter so that many clients do not return at the same moment.
//!
//! Invariants: only the caller decides what is worth another attempt; attempts and total time are
//! bounded; under one seed and a fake clock every delay is known.
//! Formula: with `step(i) = min(delay_max, initial * factor^i)` for the i-th retry from 0, the
//! delay is `step` (none), uniform in `[step/2, step]` (equal) or uniform in `[0, step]` (full).
//! Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog (2015).

use crate::ErrorKind;
use crate::random::{Random, Seed};
use crate::time::Clock;
use std::time::Duration;

/// More attempts than this are a mistake in the configuration, not patience.
const ATTEMPTS_MAX: u32 = 1000;
/// A longer wait belongs to a scheduler, not to a retry.
const DELAY_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Faster growth than this reaches any maximum within two attempts.
const FACTOR_MAX: f64 = 100.0;

/// How the delay is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// Uniform between zero and the step: least load on the other side. The default.
    Full,
    /// Uniform between half of the step and the step: never returns at once.
    Equal,
    /// Exactly the step.
    None,
}

/// The written parameters of a [`RetryPolicy`], each with its default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryParams {
    /// The step before the first retry; default 100 ms.
    pub delay_initial: Duration,
    /// The growth from step to step, from 1 to 100; default 2.
    pub factor: f64,
    /// The longest step, at most a day; default 10 s.
    pub delay_max: Duration,
    /// The number of attempts including the first, from 1 to 1000; default 5.
    pub attempts_max: u32,
    /// The spread; default full.
    pub jitter: Jitter,
    /// No attempt begins later than this after the first one began; default none.
    pub deadline: Option<Duration>,
}

impl Default for RetryParams {
    fn default() -> Self {
        Self {
            delay_initial: Duration::from_millis(100),
            factor: 2.0,
            delay_max: Duration::from_secs(10),
            attempts_max: 5,
            jitter: Jitter::Full,
            deadline: None,
        }
    }
}

/// Which retry parameter is wrong.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryParamsError {
    /// The growth is not a number from 1 to 100.
    #[error("retry factor `{factor}` is not between 1 and 100")]
    Factor {
        /// The rejected factor.
        factor: f64,
    },
    /// The number of attempts is not from 1 to 1000.
    #[error("`{attempts_max}` attempts are not between 1 and 1000")]
    Attempts {
        /// The rejected number.
        attempts_max: u32,
    },
    /// The longest step is longer than a day, or shorter than the first one.
    #[error(
        "longest delay `{delay_max:?}` is not between the first, `{delay_initial:?}`, and 24 h"
    )]
    Delay {
        /// The first step.
        delay_initial: Duration,
        /// The rejected longest step.
        delay_max: Duration,
    },
}

impl RetryParamsError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Config
    }
}

impl RetryParams {
    /// The policy, if every parameter is in its range.
    ///
    /// # Errors
    /// The first parameter that is not.
    pub fn check(self) -> Result<RetryPolicy, RetryParamsError> {
        let Self {
            delay_initial,
            factor,
            delay_max,
            attempts_max,
            ..
        } = self;
        if !(1.0..=FACTOR_MAX).contains(&factor) {
            return Err(RetryParamsError::Factor { factor });
        }
        if !(1..=ATTEMPTS_MAX).contains(&attempts_max) {
            return Err(RetryParamsError::Attempts { attempts_max });
        }
        if delay_max > DELAY_MAX || delay_max < delay_initial {
            return Err(RetryParamsError::Delay {
                delay_initial,
                delay_max,
            });
        }
        Ok(RetryPolicy(self))
    }
}

/// Checked parameters; only these can run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy(RetryParams);

impl RetryPolicy {
    /// The default parameters, to be changed and checked.
    pub fn params() -> RetryParams {
        RetryParams::default()
    }

    /// The delays before the second, third, ... attempt: one less than there are attempts.
    pub fn schedule(&self, seed: &Seed) -> Schedule {
        Schedule {
            steps: Steps::new(self),
            random: Random::new(seed),
        }
    }
}

/// The delays of one operation; see [`RetryPolicy::schedule`].
#[derive(Debug, Clone)]
pub struct Schedule {
    steps: Steps,
    random: Random,
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.steps.next_delay(&mut self.random)
    }
}

/// The steps that are left, before jitter.
#[derive(Debug, Clone)]
struct Steps {
    params: RetryParams,
    step: Duration,
    retries_left: u32,
}

impl Steps {
    fn new(policy: &RetryPolicy) -> Self {
        let params = policy.0;
        let retries_left = params.attempts_max.saturating_sub(1);
        Self {
            params,
            step: params.delay_initial,
            retries_left,
        }
    }

    fn next_delay(&mut self, random: &mut Random) -> Option<Duration> {
        self.retries_left = self.retries_left.checked_sub(1)?;
        let step = self.step;
        // One multiplication per step: a power function may differ between platforms.
        self.step = Duration::try_from_secs_f64(step.as_secs_f64() * self.params.factor)
            .map_or(self.params.delay_max, |next| {
                next.min(self.params.delay_max)
            });
        // At most a day, which is 8.64e13 ns.
        let nanoseconds = u64::try_from(step.as_nanos()).unwrap_or(u64::MAX - 1);
        let half = nanoseconds / 2;
        Some(match self.params.jitter {
            Jitter::None => step,
            Jitter::Full => Duration::from_nanos(random.below(nanoseconds + 1)),
            Jitter::Equal => Duration::from_nanos(nanoseconds - half + random.below(half + 1)),
        })
    }
}

/// What the caller says about a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure<E> {
    /// Another attempt may succeed.
    Transient(E),
    /// No attempt will succeed.
    Permanent(E),
}

/// Why an operation was given up. The cause is always that of the last attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError<E: std::error::Error + 'static> {
    /// The caller called the failure permanent.
    #[error("attempt {attempts} failed for good")]
    Permanent {
        /// Attempts made.
        attempts: u32,
        /// The cause.
        #[source]
        source: E,
    },
    /// All attempts failed.
    #[error("all {attempts} attempts failed")]
    Exhausted {
        /// Attempts made.
        attempts: u32,
        /// The cause.
        #[source]
        source: E,
    },
    /// The next attempt would have begun after the deadline.
    #[error("gave up after {attempts} attempts, `{deadline:?}` would have passed")]
    Deadline {
        /// Attempts made.
        attempts: u32,
        /// The deadline, counted from the first attempt.
        deadline: Duration,
        /// The cause.
        #[source]
        source: E,
    },
}

impl<E: std::error::Error + 'static> RetryError<E> {
    /// The cause, without the story of the attempts.
    pub fn into_source(self) -> E {
        match self {
            Self::Permanent { source, .. }
            | Self::Exhausted { source, .. }
            | Self::Deadline { source, .. } => source,
        }
    }
}

/// Runs `operation` until it succeeds, fails for good, or the policy ends. It receives the number
/// of the attempt, from 1.
///
/// # Errors
/// [`RetryError`] with the cause of the last attempt.
pub fn retry<T, E: std::error::Error + 'static>(
    policy: &RetryPolicy,
    clock: &dyn Clock,
    random: &mut Random,
    mut operation: impl FnMut(u32) -> Result<T, Failure<E>>,
) -> Result<T, RetryError<E>> {
    let start = clock.monotonic();
    let mut steps = Steps::new(policy);
    let mut attempts = 0;
    loop {
        attempts += 1;
        let source = match operation(attempts) {
            Ok(value) => return Ok(value),
            Err(Failure::Permanent(source)) => {
                return Err(RetryError::Permanent { attempts, source });
            }
            Err(Failure::Transient(source)) => source,
        };
        let Some(delay) = steps.next_delay(random) else {
            return Err(RetryError::Exhausted { attempts, source });
        };
        let elapsed = clock.monotonic().saturating_sub(start);
        if let Some(deadline) = policy.0.deadline
            && elapsed.saturating_add(delay) > deadline
        {
            return Err(RetryError::Deadline {
                attempts,
                deadline,
                source,
            });
        }
        clock.sleep(delay);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{FakeClock, Timestamp};
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, Eq, thiserror::Error)]
    #[error("attempt {0}")]
    struct Failed(u32);

    fn policy(change: impl FnOnce(&mut RetryParams)) -> RetryPolicy {
        let mut params = RetryPolicy::params();
        params.jitter = Jitter::None;
        change(&mut params);
        params.check().unwrap()
    }

    fn run(
        policy: &RetryPolicy,
        operation: impl FnMut(u32) -> Result<u32, Failure<Failed>>,
    ) -> (Result<u32, RetryError<Failed>>, Vec<Duration>) {
        let clock = FakeClock::new(Timestamp::UNIX_EPOCH);
        let mut random = Random::new(&Seed::from(1));
        let result = retry(policy, &clock, &mut random, operation);
        (result, clock.sleeps())
    }

    fn ms(values: &[u64]) -> Vec<Duration> {
        values
            .iter()
            .map(|value| Duration::from_millis(*value))
            .collect()
    }

    #[test]
    fn delays_double_up_to_the_maximum() {
        let policy = policy(|params| {
            params.delay_max = Duration::from_millis(1000);
            params.attempts_max = 7;
        });
        let (result, sleeps) = run(&policy, |attempt| Err(Failure::Transient(Failed(attempt))));
        assert_eq!(
            result,
            Err(RetryError::Exhausted {
                attempts: 7,
                source: Failed(7)
            })
        );
        assert_eq!(sleeps, ms(&[100, 200, 400, 800, 1000, 1000]));
        assert_eq!(policy.schedule(&Seed::from(9)).collect::<Vec<_>>(), sleeps);
    }

    #[test]
    fn success_ends_the_attempts() {
        let (result, sleeps) = run(&policy(|_| ()), |attempt| {
            if attempt == 3 {
                Ok(attempt)
            } else {
                Err(Failure::Transient(Failed(attempt)))
            }
        });
        assert_eq!((result, sleeps), (Ok(3), ms(&[100, 200])));
    }

    #[test]
    fn a_permanent_failure_ends_the_attempts() {
        let (result, sleeps) = run(&policy(|_| ()), |attempt| {
            Err(if attempt == 2 {
                Failure::Permanent(Failed(attempt))
            } else {
                Failure::Transient(Failed(attempt))
            })
        });
        assert_eq!(
            result,
            Err(RetryError::Permanent {
                attempts: 2,
                source: Failed(2)
            })
        );
        assert_eq!(sleeps, ms(&[100]));
    }

    #[test]
    fn one_attempt_means_no_retry() {
        let (result, sleeps) = run(&policy(|params| params.attempts_max = 1), |attempt| {
            Err(Failure::Transient(Failed(attempt)))
        });
        assert_eq!(
            result,
            Err(RetryError::Exhausted {
                attempts: 1,
                source: Failed(1)
            })
        );
        assert_eq!(sleeps, []);
    }

    #[test]
    fn no_attempt_begins_after_the_deadline() {
        // Attempts begin at 0, 100, 300, 700; the next would begin at 1500.
        let deadline = Duration::from_millis(1499);
        let bounded = policy(|params| params.deadline = Some(deadline));
        let (result, sleeps) = run(&bounded, |attempt| Err(Failure::Transient(Failed(attempt))));
        assert_eq!(
            result,
            Err(RetryError::Deadline {
                attempts: 4,
                deadline,
                source: Failed(4)
            })
        );
        assert_eq!(sleeps, ms(&[100, 200, 400]));
        let enough = policy(|params| params.deadline = Some(Duration::from_millis(1500)));
        let (result, _) = run(&enough, |attempt| Err(Failure::Transient(Failed(attempt))));
        assert!(matches!(
            result,
            Err(RetryError::Exhausted { attempts: 5, .. })
        ));
    }

    #[test]
    fn time_spent_in_attempts_counts_towards_the_deadline() {
        let policy = policy(|params| params.deadline = Some(Duration::from_secs(1)));
        let clock = FakeClock::new(Timestamp::UNIX_EPOCH);
        let mut random = Random::new(&Seed::from(1));
        let result = retry(&policy, &clock, &mut random, |attempt| -> Result<(), _> {
            clock.advance(Duration::from_millis(600));
            Err(Failure::Transient(Failed(attempt)))
        });
        assert_eq!(result.unwrap_err().into_source(), Failed(2));
    }

    #[test]
    fn wrong_parameters_are_named() {
        let check = |change: fn(&mut RetryParams)| {
            let mut params = RetryPolicy::params();
            change(&mut params);
            params.check().unwrap_err().to_string()
        };
        assert!(check(|params| params.factor = 0.5).contains("factor `0.5`"));
        assert!(check(|params| params.factor = f64::NAN).contains("factor `NaN`"));
        assert!(check(|params| params.factor = f64::INFINITY).contains("factor `inf`"));
        assert!(check(|params| params.attempts_max = 0).contains("`0` attempts"));
        assert!(check(|params| params.attempts_max = 1001).contains("`1001` attempts"));
        assert!(check(|params| params.delay_max = Duration::ZERO).contains("longest delay"));
        assert!(check(|params| params.delay_max = Duration::MAX).contains("longest delay"));
    }

    proptest! {
        #[test]
        fn jitter_stays_in_its_bounds(
            seed: u64,
            initial_ns in 0_u64..10_000_000_000,
            factor in 1.0_f64..=100.0,
            attempts_max in 1_u32..40,
        ) {
            let with = |jitter| {
                let params = RetryParams {
                    delay_initial: Duration::from_nanos(initial_ns),
                    factor, attempts_max, jitter,
                    delay_max: Duration::from_secs(3600),
                    deadline: None,
                };
                params.check().unwrap().schedule(&Seed::from(seed)).collect::<Vec<_>>()
            };
            let steps = with(Jitter::None);
            prop_assert_eq!(steps.len(), attempts_max as usize - 1);
            prop_assert!(steps.is_sorted());
            for ((step, full), equal) in steps.iter().zip(with(Jitter::Full)).zip(with(Jitter::Equal)) {
                prop_assert!(full <= *step);
                prop_assert!(equal <= *step && equal >= *step / 2);
            }
            prop_assert_eq!(with(Jitter::Full), with(Jitter::Full));
        }
    }
}
