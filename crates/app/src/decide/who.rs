//! Who decides: the operating system's user, until there are logins.
//!
//! The name comes from `/etc/passwd` by the real user id, never from the environment, which its
//! owner can set. SUDO_USER is noted beside it. For an approval a person counts as the same when
//! either name is: an approval too few is asked for again, one too many cannot be taken back.

use crate::config::Environment;
use casemate_base::{Timestamp, bytes};
use casemate_schema::{Decision, Text};
use casemate_store::records::Author;

/// Largest user database that is read.
const PASSWD_BYTES_MAX: u64 = 64 << 20;

/// The person who runs this process.
#[must_use]
pub fn author(environment: &Environment, when: Timestamp) -> Author {
    let uid = rustix::process::getuid().as_raw();
    let passwd = std::fs::File::open("/etc/passwd")
        .ok()
        .and_then(|file| bytes::read_capped(file, PASSWD_BYTES_MAX).ok())
        .unwrap_or_default();
    Author {
        who: name_of(&String::from_utf8_lossy(&passwd), uid)
            .unwrap_or_else(|| format!("uid {uid}"))
            .into(),
        sudo_user: environment.value("SUDO_USER").map(Text::from),
        when,
    }
}

/// The first name of a user id in the text of `/etc/passwd`; users of a directory service have
/// none there and are shown by number.
fn name_of(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let number: u32 = fields.nth(1)?.parse().ok()?;
        (number == uid).then(|| name.to_owned())
    })
}

/// Whether the person who approves may be the one who decided.
pub(super) fn is_same_person(author: &Author, decision: &Decision) -> bool {
    let theirs = [Some(&decision.who), decision.sudo_user.as_ref()];
    let mine = [Some(&author.who), author.sudo_user.as_ref()];
    mine.iter()
        .flatten()
        .any(|name| theirs.iter().flatten().any(|other| name == other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_comes_from_the_user_database() {
        let passwd = "root:x:0:0::/root:/bin/sh\nbroken\nalice:x:1000:1000::/home/alice:/bin/sh\n";
        assert_eq!(name_of(passwd, 1000).as_deref(), Some("alice"));
        assert_eq!(name_of(passwd, 7), None);
    }

    #[test]
    fn another_sudo_user_does_not_make_another_person() {
        let author = |who: &str, sudo: Option<&str>| Author {
            who: who.into(),
            sudo_user: sudo.map(Into::into),
            when: Timestamp::UNIX_EPOCH,
        };
        let decision = Decision {
            who: "root".into(),
            sudo_user: Some("alice".into()),
            ..Decision::default()
        };
        assert!(is_same_person(&author("root", Some("bob")), &decision));
        assert!(is_same_person(&author("alice", None), &decision));
        assert!(!is_same_person(&author("bob", None), &decision));
    }
}
