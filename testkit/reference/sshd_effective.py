#!/usr/bin/env python3
"""Records what OpenSSH's own sshd makes of configurations.

Usage: sshd_effective.py OUTPUT.json      (needs /usr/sbin/sshd and a host key; run as root)

Each configuration is a set of files under /etc/ssh. They are written to a temporary folder, paths in
Include lines are moved there, and `sshd -T -C user=...` prints the effective values. The scanner's
own resolver must give the same for every keyword and user (crates/scan/src/facts/sshd/tests.rs).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

KEYWORDS = [
    "permitrootlogin", "passwordauthentication", "kbdinteractiveauthentication",
    "pubkeyauthentication", "permitemptypasswords", "x11forwarding", "allowtcpforwarding",
    "allowagentforwarding", "permittunnel", "gatewayports", "maxauthtries", "maxsessions",
    "logingracetime", "clientaliveinterval", "clientalivecountmax", "loglevel", "strictmodes",
    "ignorerhosts", "hostbasedauthentication", "permituserenvironment", "banner", "usepam",
    "ciphers", "macs", "kexalgorithms", "hostkeyalgorithms", "authorizedkeysfile",
    "allowusers", "denyusers", "allowgroups", "acceptenv", "forcecommand",
]
LISTS = {"allowusers", "denyusers", "allowgroups", "acceptenv"}
USERS = ["root", "ann", "bob"]
MAIN = "/etc/ssh/sshd_config"
D = "/etc/ssh/sshd_config.d/"

CASES = [
    ("empty", {MAIN: "\n"}),
    ("first wins", {MAIN: "PermitRootLogin no\nPermitRootLogin yes\nX11Forwarding yes\nX11Forwarding no\n"}),
    ("comments", {MAIN: "#PermitRootLogin yes\nX11Forwarding yes # no\n  # MaxAuthTries 1\nBanner /a#b\n"}),
    ("case and equals", {MAIN: "permitROOTlogin=no\nX11FORWARDING = YES\nMaxAuthTries\t\t3\n\"LogLevel\" verbose\n"}),
    ("quotes", {MAIN: "Banner \"/etc/a b\"\nAllowUsers \"ann\" 'bob'\n"}),
    ("trailing blanks", {MAIN: "PermitRootLogin no   \t\nX11Forwarding yes\r\n"}),
    ("lists add up", {MAIN: "AllowUsers ann\nAllowUsers bob root\nDenyUsers x\nAcceptEnv LANG LC_*\nAcceptEnv A\nAllowGroups g\n"}),
    ("include first", {MAIN: "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n", D + "50.conf": "PermitRootLogin yes\n"}),
    ("include last", {MAIN: "PermitRootLogin no\nInclude /etc/ssh/sshd_config.d/*.conf\n", D + "50.conf": "PermitRootLogin yes\nX11Forwarding yes\n"}),
    ("include order", {MAIN: "Include /etc/ssh/sshd_config.d/*.conf\n", D + "10.conf": "X11Forwarding yes\n", D + "20.conf": "X11Forwarding no\n", D + "05.bak": "X11Forwarding no\n", D + ".00.conf": "X11Forwarding no\n"}),
    ("two patterns", {MAIN: "Include /etc/ssh/b.conf /etc/ssh/a.conf\n", "/etc/ssh/a.conf": "MaxAuthTries 1\n", "/etc/ssh/b.conf": "MaxAuthTries 2\n"}),
    ("nested include", {MAIN: "Include /etc/ssh/a.conf\n", "/etc/ssh/a.conf": "Include /etc/ssh/b.conf\nMaxAuthTries 4\n", "/etc/ssh/b.conf": "MaxAuthTries 5\n"}),
    ("missing include", {MAIN: "Include /etc/ssh/none/*.conf\nMaxAuthTries 4\n"}),
    ("match user", {MAIN: "X11Forwarding no\nMatch User ann\n  X11Forwarding yes\n  PasswordAuthentication no\n"}),
    ("match patterns", {MAIN: "Match User a*,!ann\nX11Forwarding yes\nMatch User *,!root\nMaxAuthTries 2\nMatch User b?b\nBanner /b\n"}),
    ("first match wins", {MAIN: "Match User ann\nMaxAuthTries 1\nMatch User a*\nMaxAuthTries 2\nMaxSessions 3\n"}),
    ("match all", {MAIN: "PermitRootLogin no\nMatch User ann\nX11Forwarding yes\nMatch all\nPermitRootLogin yes\nX11Forwarding no\n"}),
    ("match all first", {MAIN: "Match all\nX11Forwarding yes\nMatch User ann\nX11Forwarding no\n"}),
    ("match case", {MAIN: "match USER ann\n\tx11forwarding yes\nMATCH ALL\nmaxauthtries 2\n"}),
    ("include in match", {MAIN: "X11Forwarding no\nMatch User ann\nInclude /etc/ssh/a.conf\nMaxAuthTries 2\n", "/etc/ssh/a.conf": "X11Forwarding yes\n"}),
    ("match in include", {MAIN: "Include /etc/ssh/a.conf\nMaxAuthTries 2\n", "/etc/ssh/a.conf": "Match User ann\nMaxAuthTries 1\nX11Forwarding yes\n"}),
    ("match in include in match", {MAIN: "Match User ann,bob\nInclude /etc/ssh/a.conf\nMaxSessions 3\n", "/etc/ssh/a.conf": "MaxAuthTries 5\nMatch User ann,root\nMaxAuthTries 1\nBanner /x\n"}),
    ("lists in match", {MAIN: "AllowUsers ann\nAcceptEnv A\nMatch User ann\nAllowUsers x\nAllowUsers y\nAcceptEnv B\nMatch User a*\nAllowUsers z\n"}),
    ("include after match", {MAIN: "Match User bob\nMaxAuthTries 3\nInclude /etc/ssh/sshd_config.d/*.conf\n", D + "50.conf": "PermitRootLogin yes\nPasswordAuthentication no\n"}),
    ("aliases", {MAIN: "ChallengeResponseAuthentication no\nPubkeyAcceptedKeyTypes +ssh-rsa\n"}),
    ("root words", {MAIN: "PermitRootLogin prohibit-password\nMatch User root\nPermitRootLogin without-password\nMatch User ann\nPermitRootLogin forced-commands-only\n"}),
    ("times", {MAIN: "LoginGraceTime 1m30\nClientAliveInterval 1h\n"}),
    ("time none", {MAIN: "LoginGraceTime 0\nClientAliveInterval 90s\n"}),
    ("algorithms added", {MAIN: "Ciphers +3des-cbc,aes128-cbc\nMACs ^hmac-sha2-512\nKexAlgorithms -curve25519*,sntrup*\nHostKeyAlgorithms +ssh-rsa\n"}),
    ("algorithms replaced", {MAIN: "Ciphers aes256-ctr\nMACs hmac-sha2-256,hmac-sha1\nKexAlgorithms diffie-hellman-group14-sha1\n"}),
    ("algorithms removed", {MAIN: "MACs -umac-64*,hmac-sha1*\nCiphers -chacha20*\n"}),
    ("forwarding words", {MAIN: "AllowTcpForwarding local\nPermitTunnel point-to-point\nGatewayPorts clientspecified\nAllowAgentForwarding no\n"}),
    ("other switches", {MAIN: "X11Forwarding yes\nPermitEmptyPasswords yes\nStrictModes no\nIgnoreRhosts shosts-only\n"}),
    ("keys file", {MAIN: "AuthorizedKeysFile /etc/keys/%u .ssh/authorized_keys\nForceCommand /bin/echo \"a b\"\n"}),
    ("match twice the same", {MAIN: "Match User ann\nMaxAuthTries 1\nMatch User bob\nMaxAuthTries 2\nMatch User ann\nMaxAuthTries 3\nX11Forwarding yes\n"}),
]


def effective(folder, config, key, user):
    command = ["/usr/sbin/sshd", "-T", "-f", str(config), "-h", str(key),
               "-C", f"user={user},host=client.example,addr=192.0.2.7"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{config}: {done.stderr}")
    values = {keyword: [] for keyword in KEYWORDS}
    for line in done.stdout.splitlines():
        keyword, _, value = line.partition(" ")
        if keyword in values:
            values[keyword].append(value.replace(str(folder), ""))
    # Keywords that sshd does not print are not set.
    return {k: " ".join(v) for k, v in values.items() if v or k in LISTS}


def main():
    recorded = []
    for name, files in CASES:
        with tempfile.TemporaryDirectory() as folder:
            key = Path(folder) / "key"
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
            for path, content in files.items():
                place = Path(folder + path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.replace("/etc/ssh/", folder + "/etc/ssh/").encode())
            config = Path(folder + MAIN)
            users = {user: effective(folder, config, key, user) for user in USERS}
            # Only what differs from an empty configuration, and a few defaults, is kept small here.
            recorded.append({"name": name, "files": files, "users": users})
    base = recorded[0]["users"]["root"]
    for case in recorded[1:]:
        for user, values in case["users"].items():
            long = {k for k, v in values.items() if len(v) > 80 and v == base.get(k)}
            case["users"][user] = {k: v for k, v in values.items() if k not in long}
    Path(sys.argv[1]).write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
