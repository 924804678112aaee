//! What time is it, and who is asked? All time enters the program through [`Clock`], so that a
//! run with a frozen clock gives the same bytes again.
//!
//! Invariants: [`SystemClock`] is the only code that reads the machine's clocks; a [`Timestamp`]
//! always has a four-digit year, so its text is always valid RFC 3339.
//! Source: RFC 3339 (the strict profile of ISO 8601).

use crate::ErrorKind;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Seconds in a day; leap seconds do not exist in unix time.
const SECONDS_PER_DAY: i64 = 86_400;
/// `0000-01-01T00:00:00Z`, the first instant that RFC 3339 can write.
const UNIX_SECONDS_MIN: i64 = -62_167_219_200;
/// Longest accepted text: date, time, nine digits of fraction, numeric offset.
const TEXT_BYTES_MAX: usize = "2026-01-01T00:00:00.000000000+00:00".len();

/// An instant in UTC with nanoseconds, in the years 0000 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// Why a text or number is no [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// The text does not have the form of RFC 3339.
    #[error("`{text}` is not an RFC 3339 time such as `2026-01-31T23:59:59Z`")]
    Form {
        /// The rejected text, cut and made printable.
        text: String,
    },
    /// The form is right but no such instant exists, for example 30 February.
    #[error("`{text}` is not an existing instant")]
    Value {
        /// The rejected text.
        text: String,
    },
    /// The number lies outside the years 0000 to 9999.
    #[error("{seconds} s since 1970 is outside the years 0000 to 9999")]
    Range {
        /// The rejected number of seconds since 1970.
        seconds: i64,
    },
}

impl TimeError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }
}

impl Timestamp {
    /// `1970-01-01T00:00:00Z`.
    pub const UNIX_EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// The instant a number of seconds after (or, negative, before) 1970.
    ///
    /// # Errors
    /// [`TimeError::Range`] outside the years 0000 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, TimeError> {
        if seconds < UNIX_SECONDS_MIN {
            return Err(TimeError::Range { seconds });
        }
        jiff::Timestamp::from_second(seconds)
            .map(Self)
            .map_err(|_| TimeError::Range { seconds })
    }

    /// Whole seconds since 1970, rounded down.
    pub fn unix_seconds(self) -> i64 {
        let seconds = self.0.as_second();
        if self.0.subsec_nanosecond() < 0 {
            seconds - 1
        } else {
            seconds
        }
    }

    /// Nanoseconds since 1970.
    pub fn unix_nanoseconds(self) -> i128 {
        self.0.as_nanosecond()
    }

    /// This instant later by `duration`, or `None` after the year 9999.
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).ok().map(Self)
    }

    /// This instant earlier by `duration`, or `None` before the year 0000.
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        let earlier = self.0.checked_sub(duration).ok().map(Self)?;
        (earlier.unix_seconds() >= UNIX_SECONDS_MIN).then_some(earlier)
    }

    /// The time that passed since `earlier`, or `None` if `earlier` is later than this instant.
    pub fn duration_since(self, earlier: Self) -> Option<Duration> {
        Duration::try_from(self.0.duration_since(earlier.0)).ok()
    }

    /// Whole days from this instant until `later`, rounded down: 23 hours ahead is 0, one second
    /// ago is -1.
    pub fn days_until(self, later: Self) -> i64 {
        let nanoseconds = later.unix_nanoseconds() - self.unix_nanoseconds();
        let days = nanoseconds.div_euclid(i128::from(SECONDS_PER_DAY) * 1_000_000_000);
        // Ten thousand years are 3.7 million days, so the conversion cannot fail.
        i64::try_from(days).unwrap_or(i64::MAX)
    }

    /// The date in UTC, `YYYY-MM-DD`.
    pub fn date(self) -> String {
        self.to_string().chars().take("2026-01-31".len()).collect()
    }

    fn clamped(instant: jiff::Timestamp) -> Self {
        let earliest = Self::from_unix_seconds(UNIX_SECONDS_MIN).unwrap_or(Self::UNIX_EPOCH);
        Self(instant).max(earliest)
    }
}

impl fmt::Display for Timestamp {
    /// `YYYY-MM-DDTHH:MM:SSZ`, with a fraction only where it is not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        if text.len() > TEXT_BYTES_MAX || !has_rfc3339_form(text.as_bytes()) {
            let shown: String = text.chars().take(TEXT_BYTES_MAX).collect();
            return Err(TimeError::Form {
                text: crate::text::printable(&shown).into_owned(),
            });
        }
        let value = || TimeError::Value {
            text: text.to_owned(),
        };
        let parsed: jiff::Timestamp = text.parse().map_err(|_| value())?;
        if parsed.as_second() < UNIX_SECONDS_MIN {
            return Err(value());
        }
        Ok(Self(parsed))
    }
}

/// Whether the bytes have the form `YYYY-MM-DD T HH:MM:SS [.fraction] (Z | ±HH:MM)`.
///
/// The library below accepts more (week dates, zone names, missing seconds); a contract with
/// others should not depend on that.
fn has_rfc3339_form(bytes: &[u8]) -> bool {
    const PATTERN: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let matches = |pattern: &[u8], bytes: &[u8]| {
        pattern.len() == bytes.len()
            && pattern
                .iter()
                .zip(bytes)
                .all(|(expected, byte)| match expected {
                    b'd' => byte.is_ascii_digit(),
                    b'T' => matches!(byte, b'T' | b't' | b' '),
                    _ => byte == expected,
                })
    };
    let Some((head, rest)) = bytes.split_at_checked(PATTERN.len()) else {
        return false;
    };
    if !matches(PATTERN, head) {
        return false;
    }
    let zone = match rest.strip_prefix(b".") {
        None => rest,
        Some(fraction) => {
            let digits = fraction
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            fraction.get(digits..).unwrap_or_default()
        }
    };
    match zone.split_first() {
        Some((b'Z' | b'z', [])) => true,
        Some((b'+' | b'-', offset)) => {
            matches(b"dd:dd", offset) && offset.get(..2).is_some_and(|hours| hours <= &b"23"[..])
        }
        _ => false,
    }
}

/// Where time comes from. Code takes `&dyn Clock`, or better a [`Timestamp`] that was read once.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The wall clock time.
    fn now(&self) -> Timestamp;
    /// Time since a fixed, arbitrary start; never goes back, also when the wall clock is set.
    fn monotonic(&self) -> Duration;
    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    /// A machine whose clock stands outside the years 0000 to 9999 reads as the nearest end.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        let now = std::time::SystemTime::now();
        match jiff::Timestamp::try_from(now) {
            Ok(instant) => Timestamp::clamped(instant),
            Err(_) if now < std::time::UNIX_EPOCH => Timestamp::clamped(jiff::Timestamp::MIN),
            Err(_) => Timestamp(jiff::Timestamp::MAX),
        }
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that may wait")]
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// A clock that stands still: the wall clock shows one instant, the monotonic time is zero, and
/// sleeping returns at once. This is what `--clock` gives.
#[derive(Debug, Clone, Copy)]
pub struct FrozenClock {
    now: Timestamp,
}

impl FrozenClock {
    /// A clock that always shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { now }
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _duration: Duration) {}
}

/// A clock for tests: moves only when told or slept on, and remembers every sleep.
#[derive(Debug)]
pub struct FakeClock {
    state: Mutex<FakeState>,
}

#[derive(Debug)]
struct FakeState {
    now: Timestamp,
    monotonic: Duration,
    sleeps: Vec<Duration>,
}

impl FakeClock {
    /// A clock that shows `now` until it is moved.
    pub fn new(now: Timestamp) -> Self {
        let state = FakeState {
            now,
            monotonic: Duration::ZERO,
            sleeps: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Moves both clocks forward; the wall clock stops at the end of the year 9999.
    pub fn advance(&self, duration: Duration) {
        self.state().advance(duration);
    }

    /// Sets the wall clock alone, as an administrator does; monotonic time does not notice.
    pub fn set_wall(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// Every sleep so far, in order.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.state().sleeps.clone()
    }

    fn state(&self) -> MutexGuard<'_, FakeState> {
        // The state is valid after every statement, so a panic elsewhere cannot have broken it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FakeState {
    fn advance(&mut self, duration: Duration) {
        self.now = self
            .now
            .checked_add(duration)
            .unwrap_or(Timestamp(jiff::Timestamp::MAX));
        self.monotonic = self.monotonic.saturating_add(duration);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }

    fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    fn sleep(&self, duration: Duration) {
        let mut state = self.state();
        state.sleeps.push(duration);
        state.advance(duration);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> Timestamp {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn text_is_utc_with_a_fraction_only_where_needed() {
        // Unix seconds from `date -u -d ... +%s` (GNU coreutils).
        let cases = [
            (
                "2026-01-31T23:59:59Z",
                "2026-01-31T23:59:59Z",
                1_769_903_999,
            ),
            (
                "2026-01-31T23:59:59.000Z",
                "2026-01-31T23:59:59Z",
                1_769_903_999,
            ),
            (
                "2026-01-31T23:59:59.250z",
                "2026-01-31T23:59:59.25Z",
                1_769_903_999,
            ),
            (
                "2026-02-01T01:59:59+02:00",
                "2026-01-31T23:59:59Z",
                1_769_903_999,
            ),
            (
                "2026-01-31 23:59:59-00:30",
                "2026-02-01T00:29:59Z",
                1_769_905_799,
            ),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z", -1),
            (
                "0000-01-01T00:00:00Z",
                "0000-01-01T00:00:00Z",
                UNIX_SECONDS_MIN,
            ),
        ];
        for (written, shown, seconds) in cases {
            assert_eq!(time(written).to_string(), shown, "{written}");
            assert_eq!(time(written).unix_seconds(), seconds, "{written}");
        }
    }

    #[test]
    fn other_forms_are_rejected() {
        let forms = [
            "",
            "2026-01-31",
            "2026-01-31T23:59Z",
            "2026-01-31T23:59:59",
            "2026-01-31T23:59:59.Z",
            "2026-01-31T23:59:59.0123456789Z",
            "2026-01-31T23:59:59+24:00",
            "2026-01-31T23:59:59+0200",
            "2026-01-31T23:59:59Z[Europe/Berlin]",
            "2026-W05-6T23:59:59Z",
            " 2026-01-31T23:59:59Z",
            "+002026-01-31T23:59:59Z",
        ];
        for form in forms {
            let error = form.parse::<Timestamp>().unwrap_err();
            assert!(matches!(error, TimeError::Form { .. }), "{form}: {error}");
        }
        for value in [
            "2026-02-30T00:00:00Z",
            "2026-01-31T24:00:00Z",
            "0000-01-01T00:00:00+01:00",
        ] {
            let error = value.parse::<Timestamp>().unwrap_err();
            assert!(matches!(error, TimeError::Value { .. }), "{value}: {error}");
        }
    }

    #[test]
    fn a_hostile_text_is_shown_harmlessly() {
        let error = "\u{1b}[31m\u{202e}".parse::<Timestamp>().unwrap_err();
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
    }

    #[test]
    fn days_are_rounded_down() {
        let noon = time("2026-01-31T12:00:00Z");
        let cases = [
            ("2026-02-01T11:59:59Z", 0),
            ("2026-02-01T12:00:00Z", 1),
            ("2026-01-31T12:00:00Z", 0),
            ("2026-01-31T11:59:59Z", -1),
            ("2026-01-30T12:00:00Z", -1),
            ("2027-01-31T12:00:00Z", 365),
        ];
        for (other, days) in cases {
            assert_eq!(noon.days_until(time(other)), days, "{other}");
        }
    }

    #[test]
    fn ends_of_time_are_errors_not_panics() {
        assert!(Timestamp::from_unix_seconds(i64::MAX).is_err());
        assert!(Timestamp::from_unix_seconds(UNIX_SECONDS_MIN - 1).is_err());
        assert!(Timestamp::UNIX_EPOCH.checked_add(Duration::MAX).is_none());
        assert!(Timestamp::UNIX_EPOCH.checked_sub(Duration::MAX).is_none());
        let earliest = Timestamp::from_unix_seconds(UNIX_SECONDS_MIN).unwrap();
        assert!(earliest.checked_sub(Duration::from_nanos(1)).is_none());
        assert_eq!(
            Timestamp::UNIX_EPOCH.duration_since(time("1970-01-01T00:00:01Z")),
            None
        );
        assert_eq!(time("2026-01-31T00:00:00Z").date(), "2026-01-31");
    }

    #[test]
    fn fake_clock_moves_only_when_told() {
        let clock = FakeClock::new(time("2026-01-01T00:00:00Z"));
        clock.sleep(Duration::from_secs(5));
        clock.advance(Duration::from_millis(500));
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:05.5Z");
        assert_eq!(clock.monotonic(), Duration::from_millis(5500));
        assert_eq!(clock.sleeps(), [Duration::from_secs(5)]);
        clock.set_wall(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.monotonic(), Duration::from_millis(5500));
    }

    #[test]
    fn frozen_clock_stands_still_and_system_clock_runs() {
        let frozen = FrozenClock::new(Timestamp::UNIX_EPOCH);
        frozen.sleep(Duration::from_secs(1_000_000));
        assert_eq!(
            (frozen.now(), frozen.monotonic()),
            (Timestamp::UNIX_EPOCH, Duration::ZERO)
        );
        let system = SystemClock::new();
        let before = system.monotonic();
        system.sleep(Duration::from_millis(2));
        assert!(system.monotonic() >= before + Duration::from_millis(2));
        assert!(system.now() > time("2024-01-01T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn text_round_trips(seconds in UNIX_SECONDS_MIN..253_402_200_000_i64, nanos in 0_u32..1_000_000_000) {
            let whole = Timestamp::from_unix_seconds(seconds).unwrap();
            prop_assert_eq!(whole.unix_seconds(), seconds);
            let instant = whole.checked_add(Duration::from_nanos(u64::from(nanos))).unwrap();
            prop_assert_eq!(time(&instant.to_string()), instant);
            prop_assert_eq!(instant.unix_seconds(), seconds);
        }

        #[test]
        fn any_text_is_a_value_or_an_error(text in "\\PC{0,40}") {
            if let Ok(instant) = text.parse::<Timestamp>() {
                prop_assert_eq!(time(&instant.to_string()), instant);
            }
        }
    }
}
