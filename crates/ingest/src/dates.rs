//! Times as tools write them, as RFC 3339 in UTC.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Formats with a zone or offset.
const ZONED: [&str; 7] = [
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M:%S%.f%:z",
    "%Y-%m-%d %H:%M:%S%.f %z",
    "%Y-%m-%d %H:%M:%S%.f%:z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y %z",
    "%b %d, %Y %H:%M:%S %z",
];
/// Formats without one, which are taken as UTC.
const CIVIL: [&str; 12] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%a %b %d %H:%M:%S %Y",
    "%a, %d %b %Y %H:%M:%S",
    "%b %d, %Y %H:%M:%S",
    "%b %d %Y %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
];
/// Days alone.
const DAYS: [&str; 8] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
];

/// The time that a text means; `None` if it is none that is known.
#[must_use]
pub(crate) fn rfc3339(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() < 6 || text.len() > 64 {
        return None;
    }
    parse(text).map(|time| {
        // Whole seconds: what tools write beyond that is noise of the run.
        Timestamp::from_second(time.as_second())
            .map_or_else(|_| time.to_string(), |t| t.to_string())
    })
}

fn parse(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() != 8 {
        return epoch(text.parse().ok()?);
    }
    let zoned = american(text);
    let text = zoned.as_deref().unwrap_or(text);
    // Other named zones than these and UTC are ambiguous abbreviations.
    let text = text
        .trim_end_matches(" UTC")
        .trim_end_matches(" GMT")
        .trim_end_matches('Z')
        .trim_end();
    let zoned = ZONED
        .iter()
        .find_map(|format| {
            Zoned::strptime(format, text)
                .ok()
                .map(|zoned| zoned.timestamp())
        })
        .or_else(|| {
            ZONED
                .iter()
                .find_map(|format| strtime::parse(format, text).ok()?.to_timestamp().ok())
        });
    let at_utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    zoned
        .or_else(|| {
            CIVIL
                .iter()
                .find_map(|format| at_utc(DateTime::strptime(format, text).ok()?))
        })
        .or_else(|| {
            DAYS.iter().find_map(|format| {
                at_utc(
                    Date::strptime(format, text)
                        .ok()?
                        .to_datetime(jiff::civil::Time::MIN),
                )
            })
        })
}

/// The zones of North America as offsets: they alone have a meaning in a standard (RFC 5322, section
/// 4.3).
fn american(text: &str) -> Option<String> {
    let (time, zone) = text.rsplit_once(' ')?;
    let offset = match zone {
        "EDT" => "-0400",
        "EST" | "CDT" => "-0500",
        "CST" | "MDT" => "-0600",
        "MST" | "PDT" => "-0700",
        "PST" => "-0800",
        _ => return None,
    };
    Some(format!("{time} {offset}"))
}

/// Seconds, or milliseconds and finer when the number is too large for seconds.
fn epoch(number: i64) -> Option<Timestamp> {
    match number {
        0..=99_999_999_999 => Timestamp::from_second(number).ok(),
        100_000_000_000..=99_999_999_999_999 => Timestamp::from_millisecond(number).ok(),
        100_000_000_000_000..=99_999_999_999_999_999 => Timestamp::from_microsecond(number).ok(),
        _ => Timestamp::from_nanosecond(i128::from(number)).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_tools_write_them() {
        for (text, expected) in [
            ("2021-08-25T12:20:30.000000005Z", "2021-08-25T12:20:30Z"),
            ("2024-01-31T10:00:00.123+01:00", "2024-01-31T09:00:00Z"),
            ("2024-01-31T10:00:00+0100", "2024-01-31T09:00:00Z"),
            ("2019-11-05 10:44:45", "2019-11-05T10:44:45Z"),
            ("2019-11-05 10:44:45 UTC", "2019-11-05T10:44:45Z"),
            ("Tue Aug  4 11:05:21 2020", "2020-08-04T11:05:21Z"),
            ("Sat, 12 Oct 2019 17:45:00", "2019-10-12T17:45:00Z"),
            ("1602266411", "2020-10-09T18:00:11Z"),
            ("1602266411000", "2020-10-09T18:00:11Z"),
            ("2020-07-15", "2020-07-15T00:00:00Z"),
            ("20200715", "2020-07-15T00:00:00Z"),
            ("12/31/2020", "2020-12-31T00:00:00Z"),
            ("15 Jul 2020", "2020-07-15T00:00:00Z"),
            ("Jan 5, 2021 10:24:08 MST", "2021-01-05T17:24:08Z"),
            ("2016-11-05T14:52:15.748-0400", "2016-11-05T18:52:15Z"),
            ("2024-02-03 09:59:36.978", "2024-02-03T09:59:36Z"),
            ("2004/08/18", "2004-08-18T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "yesterday", "0001", "99/99/9999"] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
