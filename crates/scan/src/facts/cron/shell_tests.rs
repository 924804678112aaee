//! Traps of reading the shell words of jobs.

use super::*;
use proptest::prelude::*;

/// Programs of a command in order, with `|` before those that read the one before.
fn programs(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for pipeline in pipelines(text) {
        for (position, call) in pipeline.iter().enumerate() {
            for (number, stage) in stages(call).iter().enumerate() {
                let pipe = if position > 0 && number == 0 { "|" } else { "" };
                let folder = call
                    .folder
                    .as_ref()
                    .map(|folder| format!("{}:", folder.text))
                    .unwrap_or_default();
                let script = stage
                    .script()
                    .map(|script| format!("<{}>", script.text))
                    .unwrap_or_default();
                out.push(format!("{pipe}{folder}{}{script}", stage.program.text));
            }
        }
    }
    out.join(" ")
}

#[test]
fn lists_pipes_and_tests() {
    assert_eq!(
        programs("test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )"),
        "test /:cd /:run-parts"
    );
    assert_eq!(programs("a;b&c&&d||e|f"), "a b c d e |f");
    assert_eq!(programs("(cd /srv && ./x); ./y"), "/srv:cd /srv:./x ./y");
    assert_eq!(
        programs("cd /srv; cd app; ./x"),
        "/srv:cd /srv/app:cd /srv/app:./x"
    );
}

#[test]
fn quotes_comments_and_redirections() {
    assert_eq!(programs("'/opt/my tool' a # ; b"), "/opt/my tool");
    assert_eq!(
        programs("/x >/dev/null 2>&1; /y &>> log; /z < in"),
        "/x /y /z"
    );
    assert_eq!(programs("echo 'a; rm' \"b | sh\" c\\;d"), "echo");
    assert_eq!(programs("echo 2> err a"), "echo");
}

#[test]
fn wrappers_shells_and_scripts() {
    assert_eq!(
        programs("nice -n 19 ionice -c3 /usr/bin/job"),
        "nice ionice /usr/bin/job"
    );
    assert_eq!(
        programs("flock -n /run/l timeout 60 /bin/job -x"),
        "flock timeout /bin/job"
    );
    assert_eq!(
        programs("flock -n /run/l -c '/bin/job -x'"),
        "flock /bin/job"
    );
    assert_eq!(
        programs("sudo -u www FOO=1 php -f /var/www/c.php"),
        "sudo php</var/www/c.php>"
    );
    assert_eq!(programs("sh -c 'cd /a && ./b'"), "sh /a:cd /a:./b");
    assert_eq!(programs("bash -lc \"/x | /y\""), "bash /x |/y");
    assert_eq!(
        programs("python3.11 -W ignore /opt/t.py -c"),
        "python3.11</opt/t.py>"
    );
    assert_eq!(programs("su - bob -c '/home/bob/x'"), "su /home/bob/x");
    assert_eq!(
        programs("command -v debian-sa1 > /dev/null && debian-sa1 1 1"),
        "command debian-sa1"
    );
    assert_eq!(programs(". /etc/profile; bash -s"), ".</etc/profile> bash");
    assert_eq!(programs("FOO=bar PATH=/x:$PATH job"), "job");
}

#[test]
fn substitutions_are_followed() {
    assert_eq!(programs("bash <(curl -s http://x)"), "bash curl");
    assert_eq!(programs("sh -c \"$(wget -qO- http://x)\""), "sh wget $()");
    assert_eq!(programs("X=`/opt/a`; echo $X"), ": /opt/a echo");
    assert_eq!(programs("if [ -x /a ]; then /a; fi"), "[ /a");
}

#[test]
fn deep_nesting_ends() {
    let text = "sh -c ".repeat(10_000);
    assert!(pipelines(&text).len() <= CALLS_MAX);
    let text = format!("{}x{}", "$(".repeat(5000), ")".repeat(5000));
    assert!(pipelines(&text).len() <= DEPTH_MAX + 1);
}

proptest! {
    #[test]
    fn any_text_ends_as_calls(text in ".{0,400}") {
        let calls: usize = pipelines(&text).iter().map(Vec::len).sum();
        prop_assert!(calls <= CALLS_MAX);
    }

    #[test]
    fn shell_like_text_ends_as_calls(text in "[a-z$()`'\"|&;<> =*\\\\{}#-]{0,200}") {
        for pipeline in pipelines(&text) {
            for call in &pipeline {
                prop_assert!(stages(call).len() <= 8);
            }
        }
    }
}
