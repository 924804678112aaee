//! Fixes of the system log and of audit.

use crate::remediate::draft::{Draft, Step, path, seen, subject};
use crate::remediate::edit::{Anchor, Edit, Style};
use crate::remediate::fix::{Fix, low, medium, person};
use casemate_schema::Finding;

const INSTALL: &str = "a new service starts; the package manager has to reach its repository";

pub(super) static FIXES: &[Fix] = &[
    medium(
        "log-auditd-config",
        "Have auditd lose no records",
        10,
        "with a full disk the host may stop, if that is what the site asks for",
        auditd,
    ),
    person(
        "log-auditd-missing",
        "Install the audit daemon",
        20,
        INSTALL,
    ),
    person(
        "log-auditd-rules",
        "Write audit rules",
        30,
        "many events cost disk and time: which ones are needed the site decides",
    ),
    low(
        "log-banner",
        "Warn at the login and name no release",
        5,
        "nothing reads these files but people",
        banner,
    ),
    person(
        "log-fail2ban-missing",
        "Shut out password guessing",
        30,
        INSTALL,
    ),
    medium(
        "log-file-permissions",
        "Close log files to other users",
        5,
        "who reads logs without being in the group adm needs that group",
        |d, f| d.close(f, 0o027),
    ),
    low(
        "log-journald-volatile",
        "Keep the journal over restarts",
        5,
        "the journal takes up to a tenth of the disk",
        |d, _| {
            d.section(
                "/etc/systemd/journald.conf.d/99-casemate.conf",
                "Journal",
                "Storage",
                "persistent",
            );
            d.then(&["systemctl", "restart", "systemd-journald.service"]);
        },
    ),
    medium(
        "log-logrotate-insecure",
        "Tighten what logrotate does",
        10,
        "programs that read the log as another user need its group",
        logrotate,
    ),
    person("log-logrotate-missing", "Rotate log files", 15, INSTALL),
    person(
        "log-no-remote",
        "Send the log to another host",
        60,
        "the receiving host has to be there and to have a certificate",
    ),
    person("log-no-syslog", "Start a system log", 20, INSTALL),
    person("log-no-time-sync", "Keep the clock right", 15, INSTALL),
    person(
        "log-process-accounting",
        "Account for processes",
        15,
        INSTALL,
    ),
    person(
        "log-remote-plain",
        "Send the log encrypted",
        60,
        "the receiving host needs a certificate first",
    ),
    medium(
        "log-rsyslog-file-mode",
        "Have rsyslog make closed log files",
        10,
        "who reads logs without being in the group adm needs that group",
        rsyslog,
    ),
    low(
        "log-wtmp-btmp-missing",
        "Record logins",
        5,
        "the files grow by some bytes a login",
        wtmp,
    ),
];

fn auditd(draft: &mut Draft, finding: &Finding) {
    let value = match subject(finding) {
        "space_left_action" => "email",
        "admin_space_left_action" => "single",
        "disk_full_action" => "halt",
        "disk_error_action" => "syslog",
        "max_log_file_action" => "keep_logs",
        "write_logs" | "local_events" => "yes",
        _ => return,
    };
    draft.setting(
        "/etc/audit/auditd.conf",
        subject(finding),
        value,
        Style::EQUALS,
    );
    draft.then(&["service", "auditd", "restart"]);
}

/// The text is replaced as a whole: each line goes, the warning comes.
fn banner(draft: &mut Draft, finding: &Finding) {
    draft.step(Step::NewFile {
        path: path(finding).to_owned(),
        content: "Authorised use only. All activity is monitored and recorded.\n".to_owned(),
        mode: "0644",
    });
}

fn logrotate(draft: &mut Draft, finding: &Finding) {
    if finding.location.line.is_none() {
        return draft.close(finding, 0o022);
    }
    let Some(seen) = seen(finding, "create") else {
        return;
    };
    let mode = seen
        .split_whitespace()
        .find(|word| word.len() >= 3 && word.bytes().all(|b| b.is_ascii_digit()));
    if let Some(mode) = mode {
        draft.replace(finding, mode, "0640");
    }
}

fn rsyslog(draft: &mut Draft, _finding: &Finding) {
    let text = "$FileCreateMode 0640".to_owned();
    draft.edit(
        "/etc/rsyslog.conf",
        Edit::Insert {
            text,
            anchor: Anchor::Top,
        },
    );
    draft.setting("/etc/rsyslog.conf", "$FileCreateMode", "0640", Style::WORDS);
    draft.check("rsyslogd -N1");
    draft.then(&["systemctl", "restart", "rsyslog.service"]);
}

fn wtmp(draft: &mut Draft, finding: &Finding) {
    let mode = if path(finding).ends_with("btmp") {
        "660"
    } else {
        "664"
    };
    let file = path(finding);
    draft.command(
        &[
            "install",
            "-m",
            mode,
            "-o",
            "root",
            "-g",
            "utmp",
            "/dev/null",
            file,
        ],
        &format!("rm {file}"),
    );
}
