//! Programs that distributions install with set-id bits on purpose, and why each needs them.
//!
//! Paths without a leading `/usr`, which merged and unmerged systems share. `*` stands for one
//! part of a path (architecture, version). A name here says nothing about the file's content:
//! package digests (surface `integrity`) do. Sources: Debian 12 and 13, Ubuntu 24.04, Fedora 41,
//! RHEL 9, openSUSE 15.6 (permissions.secure), Arch and Alpine packages.

/// Path pattern, and the reason for its bits.
pub(super) const EXPECTED: &[(&str, &str)] = &[
    ("/bin/at", "queues jobs for other times"),
    ("/bin/chage", "shows a user's own password age"),
    ("/bin/chfn", "changes a user's own entry"),
    ("/bin/chsh", "changes a user's own shell"),
    ("/bin/crontab", "edits a user's own table of jobs"),
    ("/bin/doas", "runs commands by rules"),
    ("/bin/dotlock.mailutils", "locks mail boxes"),
    ("/bin/dotlockfile", "locks mail boxes"),
    ("/bin/expiry", "checks a user's own password age"),
    ("/bin/fusermount", "mounts a user's own file systems"),
    ("/bin/fusermount3", "mounts a user's own file systems"),
    ("/bin/gpasswd", "changes groups by their administrators"),
    ("/bin/ksu", "becomes another Kerberos principal"),
    ("/bin/locate", "reads the data base of names"),
    ("/bin/mlocate", "reads the data base of names"),
    ("/bin/mount", "mounts what fstab allows to users"),
    ("/bin/newgidmap", "maps delegated groups"),
    ("/bin/newgrp", "changes the current group"),
    ("/bin/newuidmap", "maps delegated users"),
    ("/bin/ntfs-3g", "mounts disks for users"),
    ("/bin/passwd", "changes a user's own password"),
    ("/bin/ping", "sends ICMP on old kernels"),
    ("/bin/ping6", "sends ICMP on old kernels"),
    ("/bin/pkexec", "runs commands by polkit rules"),
    ("/bin/plocate", "reads the data base of names"),
    ("/bin/sg", "runs a command in another group"),
    ("/bin/ssh-agent", "keeps others from tracing the agent"),
    ("/bin/staprun", "loads probes for a group"),
    ("/bin/su", "becomes another user"),
    ("/bin/sudo", "runs commands by rules"),
    ("/bin/sudoedit", "edits files by rules"),
    ("/bin/sudoreplay", "part of sudo"),
    ("/bin/umount", "unmounts what fstab allows to users"),
    ("/bin/unix_chkpwd", "checks a user's own password"),
    ("/bin/wall", "writes to terminals"),
    ("/bin/write", "writes to terminals"),
    ("/bin/write.ul", "writes to terminals"),
    ("/bin/bsd-write", "writes to terminals"),
    ("/bin/mail-lock", "locks mail boxes"),
    ("/bin/mail-touchlock", "locks mail boxes"),
    ("/bin/mail-unlock", "locks mail boxes"),
    ("/bin/screen", "shares terminals"),
    (
        "/bin/vmware-user-suid-wrapper",
        "starts the guest's file sharing",
    ),
    ("/sbin/grub2-set-bootflag", "marks a good start"),
    ("/sbin/lockdev", "locks serial lines"),
    ("/sbin/exim4", "delivers local mail"),
    ("/sbin/mount.cifs", "mounts what fstab allows to users"),
    ("/sbin/mount.ecryptfs_private", "mounts a user's own folder"),
    ("/sbin/mount.nfs", "mounts what fstab allows to users"),
    (
        "/sbin/pam_extrausers_chkpwd",
        "checks a user's own password",
    ),
    (
        "/sbin/pam_timestamp_check",
        "checks a user's own time stamp",
    ),
    ("/sbin/postdrop", "queues mail"),
    ("/sbin/postqueue", "shows the queue of mail"),
    ("/sbin/pppd", "dials for a group"),
    ("/sbin/sendmail.sendmail", "queues mail"),
    ("/sbin/unix2_chkpwd", "checks a user's own password"),
    ("/sbin/unix_chkpwd", "checks a user's own password"),
    ("/sbin/userhelper", "runs tools of the desktop"),
    ("/sbin/usernetctl", "switches interfaces for users"),
    ("/lib/authbind/helper", "binds low ports by rules"),
    (
        "/lib/dbus-1.0/dbus-daemon-launch-helper",
        "starts services of the system bus",
    ),
    (
        "/lib/*/dbus-1.0/dbus-daemon-launch-helper",
        "starts services of the system bus",
    ),
    (
        "/libexec/dbus-1/dbus-daemon-launch-helper",
        "starts services of the system bus",
    ),
    ("/lib/eject/dmcrypt-get-device", "finds an encrypted device"),
    ("/lib/mc/cons.saver", "saves a console"),
    ("/lib/openssh/ssh-keysign", "signs with the host key"),
    ("/lib/ssh/ssh-keysign", "signs with the host key"),
    ("/libexec/openssh/ssh-keysign", "signs with the host key"),
    (
        "/lib/policykit-1/polkit-agent-helper-1",
        "checks a password for polkit",
    ),
    (
        "/lib/polkit-1/polkit-agent-helper-1",
        "checks a password for polkit",
    ),
    (
        "/libexec/polkit-agent-helper-1",
        "checks a password for polkit",
    ),
    ("/lib/snapd/snap-confine", "sets up the sandbox of snaps"),
    (
        "/libexec/snapd/snap-confine",
        "sets up the sandbox of snaps",
    ),
    (
        "/lib/spice-gtk/spice-client-glib-usb-acl-helper",
        "lends USB devices",
    ),
    ("/lib/utempter/utempter", "records terminals"),
    ("/lib/*/utempter/utempter", "records terminals"),
    ("/libexec/utempter/utempter", "records terminals"),
    (
        "/lib/vmware-tools/bin64/vmware-user-suid-wrapper",
        "starts the guest's file sharing",
    ),
    ("/lib/xorg/Xorg.wrap", "starts the X server"),
    ("/libexec/Xorg.wrap", "starts the X server"),
    ("/libexec/cockpit-session", "logs in for the web console"),
    (
        "/lib/cockpit/cockpit-session",
        "logs in for the web console",
    ),
    ("/libexec/qemu-bridge-helper", "joins bridges by rules"),
    ("/lib/qemu/qemu-bridge-helper", "joins bridges by rules"),
    ("/libexec/sssd/krb5_child", "logs in at a directory"),
    ("/libexec/sssd/ldap_child", "logs in at a directory"),
    ("/libexec/sssd/proxy_child", "logs in at a directory"),
    ("/libexec/sssd/selinux_child", "logs in at a directory"),
    ("/libexec/camel-lock-helper-1.2", "locks mail boxes"),
    ("/lib/*/camel-lock-helper-1.2", "locks mail boxes"),
    (
        "/lib/chromium/chrome-sandbox",
        "sets up the browser's sandbox",
    ),
    (
        "/lib/*/gstreamer1.0/gstreamer-1.0/gst-ptp-helper",
        "opens the PTP ports",
    ),
    ("/lib/pt_chown", "owns terminals on old systems"),
];

/// Programs that are expected where vendors install them, outside of the distribution.
pub(super) const VENDORS: &[(&str, &str)] = &[
    (
        "/opt/google/chrome/chrome-sandbox",
        "sets up the browser's sandbox",
    ),
    (
        "/opt/brave.com/brave/chrome-sandbox",
        "sets up the browser's sandbox",
    ),
    (
        "/opt/microsoft/msedge/msedge-sandbox",
        "sets up the browser's sandbox",
    ),
];

/// Whether a program is expected at this path.
pub(super) fn is_expected(path: &[u8]) -> bool {
    let short = path.strip_prefix(b"/usr").unwrap_or(path);
    let fits = |(pattern, _): &(&str, &str), path: &[u8]| {
        let mut parts = path.split(|byte| *byte == b'/');
        let all = pattern.split('/').all(|part| {
            parts
                .next()
                .is_some_and(|given| part == "*" || part.as_bytes() == given)
        });
        all && parts.next().is_none()
    };
    EXPECTED.iter().any(|entry| fits(entry, short)) || VENDORS.iter().any(|entry| fits(entry, path))
}

#[cfg(test)]
mod tests {
    use super::is_expected;

    #[test]
    fn the_whole_path_decides() {
        assert!(is_expected(b"/usr/bin/su"));
        assert!(is_expected(b"/bin/su"));
        assert!(is_expected(b"/usr/lib/x86_64-linux-gnu/utempter/utempter"));
        assert!(!is_expected(b"/usr/local/bin/su"));
        assert!(!is_expected(b"/home/a/bin/su"));
        assert!(!is_expected(b"/usr/bin/su/x"));
    }
}
