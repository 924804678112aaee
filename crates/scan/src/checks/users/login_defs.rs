//! Rules for new accounts and passwords.

use crate::check::{Cx, Hit, Skip, check};
use crate::facts::users::{Users, Value};
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// Keys of `/etc/login.defs` (the last line of a key counts) and `INACTIVE` of
    /// `/etc/default/useradd`: `PASS_MAX_DAYS` at most 365, `PASS_MIN_DAYS` at least 1,
    /// `PASS_WARN_AGE` at least 7, `UMASK` 027 or stricter, `ENCRYPT_METHOD` yescrypt, bcrypt, or SHA
    /// with `SHA_CRYPT_MIN_ROUNDS` of at least 65536, `INACTIVE` between 0 and 45.
    ///
    /// # Why it matters
    /// These values are copied into each account that is made from now on. Without a maximum age a
    /// stolen password works for years; without a minimum age a user cycles back to the old one at
    /// once; more rounds slow down whoever guesses from a stolen file.
    ///
    /// # Example
    /// `PASS_MAX_DAYS 99999` (the default of most distributions)
    ///
    /// # Instead
    /// In `/etc/login.defs`: `PASS_MAX_DAYS 365`, `PASS_MIN_DAYS 1`, `PASS_WARN_AGE 7`, `UMASK 027`,
    /// `ENCRYPT_METHOD YESCRYPT`. Then `useradd -D -f 45`. Accounts that exist keep their values:
    /// `chage -M 365 -m 1 NAME`.
    id: "user-login-defs",
    surface: Users,
    title: "Rule for new accounts is weak",
    severity: Low,
    references: [Cwe "CWE-262", Cwe "CWE-276", Cis "Debian 12 5.4.1.1", Url "https://cisofy.com/lynis/controls/AUTH-9286/", Man "login.defs(5)"],
}

const FILE: &str = "/etc/login.defs";

/// A key with a number: name, what counts when it is missing, whether a value is fine, what to set.
type NumberRule = (&'static str, Option<i64>, fn(i64) -> bool, &'static str);

const NUMBERS: [NumberRule; 3] = [
    (
        "PASS_MAX_DAYS",
        Some(99_999),
        |days| (1..=365).contains(&days),
        "365",
    ),
    ("PASS_MIN_DAYS", Some(0), |days| days >= 1, "1"),
    ("PASS_WARN_AGE", None, |days| days >= 7, "7"),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let users = cx.facts.users()?;
    cx.limits(&users.limits);
    if users.login_defs.is_none() {
        return Err(Skip::not_applicable("there is no /etc/login.defs"));
    }
    for (key, missing, fine, wanted) in NUMBERS {
        let value = users.login_def(key);
        let number = value.map_or(missing, |value| value.text.parse().ok());
        if (value.is_some() || missing.is_some()) && !number.is_some_and(fine) {
            report(cx, key, value, wanted);
        }
    }
    umask(cx, users);
    method(cx, users);
    inactive(cx, users);
    Ok(())
}

fn umask(cx: &mut Cx<'_>, users: &Users) {
    let value = users.login_def("UMASK");
    let mask = value.map_or(Some(0o022), |value| {
        u32::from_str_radix(&value.text, 8).ok()
    });
    if mask.is_none_or(|mask| mask & 0o027 != 0o027) {
        report(cx, "UMASK", value, "027");
    }
}

fn method(cx: &mut Cx<'_>, users: &Users) {
    let value = users.login_def("ENCRYPT_METHOD");
    let method = value
        .map_or("DES", |value| value.text.as_str())
        .to_ascii_uppercase();
    match method.as_str() {
        "YESCRYPT" | "BCRYPT" => {}
        "SHA512" | "SHA256" => {
            let rounds = users.login_def("SHA_CRYPT_MIN_ROUNDS");
            let number = rounds
                .and_then(|value| value.text.parse().ok())
                .unwrap_or(5000);
            if number < 65_536_u32 {
                report(cx, "SHA_CRYPT_MIN_ROUNDS", rounds, "65536");
            }
        }
        _ => report(cx, "ENCRYPT_METHOD", value, "YESCRYPT"),
    }
}

fn inactive(cx: &mut Cx<'_>, users: &Users) {
    let value = users.useradd.get("INACTIVE");
    let days = value.map_or(Some(-1), |value| value.text.parse().ok());
    if !days.is_some_and(|days: i64| (0..=45).contains(&days)) {
        const USERADD: &str = "/etc/default/useradd";
        let shown = value.map_or("not set", |value| value.text.as_str());
        let mut hit = Hit::new(format!(
            "New accounts stay usable after their password ended (INACTIVE: {shown})"
        ))
        .path(USERADD)
        .subject("INACTIVE")
        .severity(Severity::Info)
        .evidence("value", shown)
        .evidence("expected", "0 to 45")
        .instead("`useradd -D -f 45`; for accounts that exist `chage -I 45 NAME`.");
        if let Some(value) = value {
            hit = hit.line(value.line);
        }
        cx.hit(hit);
    }
}

fn report(cx: &mut Cx<'_>, key: &str, value: Option<&Value>, wanted: &str) {
    let shown = value.map_or("not set", |value| value.text.as_str());
    let severity = match key {
        "ENCRYPT_METHOD" => Severity::Medium,
        "PASS_WARN_AGE" | "PASS_MIN_DAYS" => Severity::Info,
        _ => Severity::Low,
    };
    let mut hit = Hit::new(format!("`{key}` in {FILE} is weak: {shown}"))
        .path(FILE)
        .subject(key)
        .severity(severity)
        .evidence("value", shown)
        .evidence("expected", wanted)
        .instead(format!("Set `{key} {wanted}` in {FILE}; it counts for accounts and passwords made from then on."));
    if let Some(value) = value {
        hit = hit.line(value.line);
    }
    cx.hit(hit);
}
