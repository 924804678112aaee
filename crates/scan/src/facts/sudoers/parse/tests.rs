//! Lines of sudoers, one by one and against visudo.

use super::*;
use proptest::prelude::*;

type Grants = Vec<(Vec<Item>, Vec<Command>)>;

fn one(line: &str) -> (Vec<Item>, Grants) {
    match statement(line) {
        Ok(Statement::Rules(users, grants)) => (users, grants),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn rules_of_every_form() {
    let (users, grants) = one(
        "ann , %wheel,!bob  web, !db = (root, app : adm) NOPASSWD: SETENV: /bin/a x\\,y, PASSWD:!/bin/b : mail = ALL",
    );
    assert_eq!(super::super::list_text(&users), "ann, %wheel, !bob");
    assert_eq!(grants.len(), 2);
    let (hosts, commands) = &grants[0];
    assert_eq!(super::super::list_text(hosts), "web, !db");
    assert_eq!(commands[0].text, "/bin/a x,y");
    assert_eq!(commands[0].tags.nopasswd, Some(true));
    assert_eq!(commands[0].runas.as_ref().map(|r| r.groups.len()), Some(1));
    assert!(commands[1].negated);
    assert_eq!(commands[1].tags.nopasswd, Some(false));
    assert_eq!(commands[1].tags.setenv, Some(true), "tags carry over");
    assert_eq!(grants[1].1[0].text, "ALL");
    assert_eq!(
        grants[1].1[0].runas, None,
        "lists of runas do not carry over hosts"
    );
}

#[test]
fn quotes_escapes_digests_and_options() {
    let (users, grants) = one(
        "\"%domain users\",%a\\ b ALL=CWD=/tmp TIMEOUT=5m sha256:abc=, sha512:de /bin/ls, /bin/x ^a,b:c$",
    );
    assert_eq!(users[0].text, "%domain users");
    assert_eq!(users[1].text, "%a b");
    assert_eq!(grants[0].1[0].text, "/bin/ls");
    assert_eq!(grants[0].1[1].text, "/bin/x ^a,b:c$");
}

#[test]
fn comments_and_continuations() {
    let lines = logical_lines(b"# c \\\nann ALL = \\\n  ALL # x\n#1000 ALL=ALL\n%#100 ALL=ALL\n#includedir /d\n\"a#b\" ALL=ALL\n");
    let texts: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "ann ALL =  ALL",
            "#1000 ALL=ALL",
            "%#100 ALL=ALL",
            "#includedir /d",
            "\"a#b\" ALL=ALL"
        ]
    );
    assert_eq!(lines[0].0, 2);
}

#[test]
fn defaults_of_every_form() {
    let Ok(Statement::Defaults(scope, all)) = statement(
        "Defaults:ann, bob !authenticate, secure_path=\"/a:/b, c\", env_keep += \"A B\", timestamp_timeout=-1",
    ) else {
        panic!("defaults")
    };
    assert_eq!(scope, ":ann, bob");
    assert_eq!(all[0], ("authenticate".to_owned(), Change::Off));
    assert_eq!(all[1].1, Change::Set("/a:/b, c".to_owned()));
    assert_eq!(all[2].1, Change::Add("A B".to_owned()));
    assert_eq!(all[3].1, Change::Set("-1".to_owned()));
}

#[test]
fn what_sudo_refuses_is_a_problem() {
    for line in [
        "ann ALL",
        "ann = ALL",
        "ann ALL = ls",
        "ann ALL=",
        "User_Alias x = a",
        "Defaults Foo",
        "ann ALL=(root ALL",
        "@include",
    ] {
        assert!(statement(line).is_err(), "{line}");
    }
}

/// Lines, and whether visudo takes them: written by `testkit/reference/sudoers_lines.py`.
const REFERENCE: &str = include_str!("../../../../tests/fixtures/sudoers/lines.json");

#[test]
fn every_line_is_taken_or_refused_as_by_visudo() {
    let cases: Vec<(String, bool)> = serde_json::from_str(REFERENCE).expect("JSON");
    assert!(cases.len() > 50, "{}", cases.len());
    for (text, expected) in cases {
        let lines = logical_lines(text.as_bytes());
        let wrong = lines.iter().find_map(|(_, line)| statement(line).err());
        assert_eq!(wrong.is_none(), expected, "{text}: {wrong:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_statement_or_a_problem(text in "[a-zA-Z!%#@:=,()\\\\\"/^$ \t\n]{0,80}") {
        for (_, line) in logical_lines(text.as_bytes()) {
            statement(&line).ok();
        }
    }

    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        for (_, line) in logical_lines(&bytes) {
            statement(&line).ok();
        }
    }
}
