//! What sshd does when its configuration says nothing: sshd_config(5) of OpenSSH 9.2, with the
//! older releases where they differ in what the checks look at.

use crate::facts::text::wildcard;

/// Default of a keyword; empty for "none" and for keywords that no check reads.
pub(super) fn value(keyword: &str, version: Option<(u32, u32)>) -> &'static str {
    let before = |release: (u32, u32)| version.is_some_and(|version| version < release);
    match keyword {
        "permitrootlogin" if before((7, 0)) => "yes",
        "permitrootlogin" => "prohibit-password",
        "passwordauthentication"
        | "kbdinteractiveauthentication"
        | "pubkeyauthentication"
        | "strictmodes"
        | "ignorerhosts"
        | "allowtcpforwarding"
        | "allowagentforwarding"
        | "allowstreamlocalforwarding"
        | "x11uselocalhost"
        | "permittty"
        | "printmotd"
        | "tcpkeepalive" => "yes",
        "usepam"
        | "permitemptypasswords"
        | "x11forwarding"
        | "hostbasedauthentication"
        | "permituserenvironment"
        | "gatewayports"
        | "permittunnel"
        | "ignoreuserknownhosts"
        | "disableforwarding"
        | "gssapiauthentication"
        | "kerberosauthentication" => "no",
        "maxauthtries" => "6",
        "maxsessions" => "10",
        "logingracetime" => "120",
        "clientaliveinterval" => "0",
        "clientalivecountmax" => "3",
        "maxstartups" => "10:30:100",
        "loglevel" => "INFO",
        "banner" | "chrootdirectory" | "forcecommand" | "authorizedkeyscommand" => "none",
        "authenticationmethods" => "any",
        "authorizedkeysfile" => ".ssh/authorized_keys .ssh/authorized_keys2",
        "hostkey" => {
            "/etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key"
        }
        "ciphers" => CIPHERS,
        "macs" => MACS,
        "kexalgorithms" if before((8, 2)) => KEX_OLD,
        "kexalgorithms" => KEX,
        "hostkeyalgorithms" | "pubkeyacceptedalgorithms" if before((8, 8)) => KEYS_OLD,
        "hostkeyalgorithms" | "pubkeyacceptedalgorithms" => KEYS,
        "casignaturealgorithms" => CA_KEYS,
        _ => "",
    }
}

/// Keywords whose lines add up.
pub(super) fn is_list(keyword: &str) -> bool {
    matches!(
        keyword,
        "port"
            | "listenaddress"
            | "hostkey"
            | "acceptenv"
            | "allowusers"
            | "denyusers"
            | "allowgroups"
            | "denygroups"
    )
}

const CIPHERS: &str = "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com";
const MACS: &str = "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1";
const KEX: &str = "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256";
/// Before 8.2 the group of 2048 bits with SHA-1 was offered too.
const KEX_OLD: &str = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1";
const CA_KEYS: &str = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";
const KEYS: &str = "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256";
/// Before 8.8 RSA with SHA-1 was accepted.
const KEYS_OLD: &str = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256,ssh-rsa";

/// The algorithms that a value stands for: `+` adds to the default, `-` takes away by pattern, `^`
/// puts first, anything else replaces.
pub(crate) fn algorithms(keyword: &str, text: &str) -> Vec<String> {
    let default = || value(keyword, None).split(',').map(str::to_owned);
    let named = |text: &str| -> Vec<String> {
        let names = text.split(',').map(str::trim);
        names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut all: Vec<String> = Vec::new();
    let parts: Vec<String> = if let Some(added) = text.strip_prefix('+') {
        default().chain(named(added)).collect()
    } else if let Some(first) = text.strip_prefix('^') {
        named(first).into_iter().chain(default()).collect()
    } else if let Some(removed) = text.strip_prefix('-') {
        let patterns = named(removed);
        let gone = |name: &String| {
            patterns
                .iter()
                .any(|pattern| wildcard(pattern.as_bytes(), name.as_bytes()))
        };
        default().filter(|name| !gone(name)).collect()
    } else {
        named(text)
    };
    for name in parts {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}
