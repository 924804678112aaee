#!/usr/bin/env python3
"""Records the exposure scores of systemd 252 as a fixture for crates/scan.

Needs a machine with systemd 252 (x86-64, libseccomp 2.5.4); nothing is started, only
`systemd-analyze security --offline=true --root=DIR` is run on files in a temporary folder.

    systemd_exposure.py CRATES_SCAN/tests/fixtures/systemd/exposure.json
    systemd_exposure.py --host OUT.json     # the services of this machine, not for the repository

The generated units are random but seeded: the same systemd gives the same file. A part of them
repeats the directives of the services of this machine, without their other text.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

SEED = 252
ETC = "/etc/systemd/system/"
USR = "/usr/lib/systemd/system/"
FOLDERS = [ETC, USR, "/run/systemd/system/", "/usr/local/lib/systemd/system/"]

FLAGS = """DynamicUser LockPersonality MemoryDenyWriteExecute NoNewPrivileges PrivateDevices
PrivateMounts PrivateNetwork PrivateTmp PrivateUsers ProtectClock ProtectControlGroups
ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables RemoveIPC
RestrictRealtime RestrictSUIDSGID""".split()
BOOLS = "yes no true false on off 1 0 Yes t f y n".split()
CAPS = """CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID
CAP_SETUID CAP_SETPCAP CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN
CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE
CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE CAP_SYS_RESOURCE CAP_SYS_TIME
CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_SETFCAP
CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ
CAP_PERFMON CAP_BPF CAP_CHECKPOINT_RESTORE""".split()
GROUPS = """@default @aio @basic-io @chown @clock @cpu-emulation @debug @file-system @io-event @ipc
@keyring @memlock @module @mount @network-io @obsolete @pkey @privileged @process @raw-io @reboot
@resources @setuid @signal @swap @sync @system-service @timer @known""".split()
CALLS = "mount umount2 chown reboot swapon ptrace setns clone3 modify_ldt iopl nosuchcall".split()
FAMILIES = "AF_INET AF_INET6 AF_UNIX AF_NETLINK AF_PACKET AF_CAN AF_VSOCK af_unix AF_LOCAL AF_X".split()
SPACES = "user mnt ipc pid cgroup net uts time".split()
ADDRESSES = """any localhost link-local multicast 127.0.0.1 127.0.0.0/8 ::1 10.0.0.0/8 0.0.0.0/0 ::/0
192.168.1.1/33 x.localhost fe80::/10 bogus 127.0.0.1/1""".split()
DEVICES = ["/dev/null rw", "char-rtc r", "/etc/passwd", "block-*", "/dev/sda q", "/dev/../x", "foo", '"/dev/tty" m']
ACCOUNTS = ["daemon", "root", "0", "nobody", "65534", "www-data", "%p", "%i", "%u", "x y", "a.b", "%N"]
BAD_ACCOUNTS = ["a:b", "65535", "../x", "-1", "4294967295"]


def some(rng, words, most=4):
    return rng.sample(words, rng.randint(1, min(most, len(words))))


def tilde(rng, text, odds=0.5):
    return ("~" if rng.random() < odds else "") + text


def choice(key, *words):
    return lambda rng: f"{key}={rng.choice(words)}"


def syscall_filter(rng):
    words = some(rng, GROUPS, 6) + (some(rng, CALLS, 2) if rng.random() < 0.4 else [])
    if rng.random() < 0.3:
        words[0] += rng.choice([":EPERM", ":kill", ":5", ":ENOPE", ":4096", ":"])
    return "SystemCallFilter=" + tilde(rng, " ".join(words))


MAKERS = [
    syscall_filter,
    syscall_filter,
    lambda rng: "CapabilityBoundingSet=" + tilde(rng, " ".join(some(rng, CAPS, 12)), 0.6),
    lambda rng: "CapabilityBoundingSet=" + rng.choice(["", "~", "CAP_NOPE", "cap_kill 27", "~cap_bpf 39", "40 63"]),
    lambda rng: "AmbientCapabilities=" + tilde(rng, " ".join(some(rng, CAPS, 3)), 0.2),
    choice("AmbientCapabilities", "", "CAP_NOPE"),
    lambda rng: "RestrictAddressFamilies=" + tilde(rng, " ".join(some(rng, FAMILIES, 5)), 0.4),
    choice("RestrictAddressFamilies", "", "none", "~AF_UNIX"),
    lambda rng: "RestrictNamespaces=" + tilde(rng, " ".join(some(rng, SPACES, 5))),
    choice("RestrictNamespaces", "yes", "no", "", "user bogus", "~"),
    lambda rng: "IPAddressDeny=" + rng.choice(["any", "any", "0.0.0.0/0", "::/0", "", "any any"]),
    lambda rng: "IPAddressAllow=" + " ".join(some(rng, ADDRESSES, 3)),
    choice("IPIngressFilterPath", "/sys/fs/bpf/a", "a", ""),
    choice("IPEgressFilterPath", "/sys/fs/bpf/a", ""),
    lambda rng: "DeviceAllow=" + rng.choice(DEVICES + [""]),
    choice("DevicePolicy", "auto", "closed", "strict", "bogus", ""),
    choice("ProtectHome", "yes", "no", "read-only", "tmpfs", "bogus", ""),
    choice("ProtectSystem", "yes", "no", "full", "strict", "bogus", ""),
    choice("ProtectProc", "noaccess", "invisible", "ptraceable", "default", "bogus", ""),
    choice("ProcSubset", "all", "pid", ""),
    choice("KeyringMode", "inherit", "private", "shared", "bogus"),
    choice("NotifyAccess", "none", "main", "exec", "all", "bogus", ""),
    choice("UMask", "0077", "0027", "0022", "0002", "0000", "77", "7777", "10000", "0026", "bogus", ""),
    choice("Delegate", "yes", "no", "", "cpu memory", "bogus"),
    choice("SystemCallArchitectures", "native", "native", "x86-64", "native x86", "bogus", ""),
    lambda rng: "User=" + rng.choice(ACCOUNTS),
    lambda rng: "User=" + rng.choice(ACCOUNTS + [""]),
    lambda rng: "SupplementaryGroups=" + rng.choice(["audio video", "", "%p", '"a b"']),
    choice("RootDirectory", "/srv/x", "/", "//", "", "%t/x"),
    choice("RootImage", "/srv/x.raw", ""),
    choice("MountImages", "/a.raw:/b", "/a.raw", "-/a.raw:/b", ""),
    choice("LoadCredentialEncrypted", "a:/etc/a", "b", "", ":x"),
    choice("SetCredentialEncrypted", "a: aGVsbG8=", "a:???", ""),
    choice("LoadCredential", "a:/etc/a", ""),
]


def directive(rng):
    if rng.random() < 0.4:
        return f"{rng.choice(FLAGS)}={rng.choice(BOOLS if rng.random() < 0.9 else ['', 'maybe', 'yes # x'])}"
    if rng.random() < 0.005:
        return f"{rng.choice(['User', 'Group', 'SupplementaryGroups'])}={rng.choice(BAD_ACCOUNTS)}"
    return rng.choice(MAKERS)(rng)


def section(rng, count):
    lines = ["[Service]"]
    for _ in range(count):
        line = directive(rng)
        kind = rng.random()
        if kind < 0.04 and " " in line:
            head, tail = line.split(" ", 1)
            line = f"{head} \\\n# in between\n  {tail}"
        elif kind < 0.06:
            line = "# " + line
        elif kind < 0.08:
            key, value = line.split("=", 1)
            line = f"  {key} = {value} "
        elif kind < 0.09:
            line = line + "\r"
        elif kind < 0.10:
            line = "[Unit]\n" + line + "\n[Service]"
        lines.append(line)
    return "\n".join(lines) + "\n"


def generated(rng, number):
    name = rng.choice(["web.service", "web-app.service", "web-app@one.service", "web--x.service", "nobody.service"])
    base = re.sub("@.*", "@.service", name)
    folder = rng.choice([ETC, USR])
    unit = "[Unit]\nDefaultDependencies=no\n" if rng.random() < 0.15 else ""
    commands = "ExecStart=/bin/true\n"
    odd = rng.random()
    if odd < 0.02:
        commands = rng.choice(["", "ExecStart=bin/x\n", "ExecStart=/bin/a\nExecStart=/bin/b\n", "ExecStop=/bin/a\n"])
    elif odd < 0.05:
        commands = rng.choice([
            "Type=oneshot\nExecStart=/bin/a\nExecStart=/bin/b\n",
            "ExecStart=/bin/a\nExecStart=\nExecStart=-@/bin/b b ; \n",
            "Type=oneshot\nRemainAfterExit=yes\nExecStop=/bin/a\n",
            "Type=oneshot\nExecStart=/bin/a ; /bin/b\n",
        ])
    files = {folder + base: unit + section(rng, rng.choice([0, 2, 5, 9, 15, 30])) + "[Service]\n" + commands}
    if number % 2:
        shapes = [name, base, "service", "web-.service", "web-@.service", "other.service"]
        for _ in range(rng.randint(1, 4)):
            path = f"{rng.choice(FOLDERS)}{rng.choice(shapes)}.d/{rng.choice('abc')}.conf"
            if rng.random() < 0.1:
                files[path] = {"link": "/dev/null"}
            else:
                files[path] = section(rng, rng.randint(1, 5)) + ("[broken\nPrivateTmp=yes\n" if rng.random() < 0.03 else "")
        if rng.random() < 0.3 and "@" not in name:
            files[ETC + "alias.service"] = {"link": folder + base}
            files[USR + "alias.service.d/b.conf"] = section(rng, 3)
            if rng.random() < 0.3:
                name = "alias.service"
    return {"unit": name, "files": files}


def sockets(rng):
    text = section(rng, 9).replace("[Service]", "[Socket]") + "[Socket]\nListenStream=/run/x\n"
    return {"unit": "x.socket", "files": {ETC + "x.socket": text, ETC + "x.service": "[Service]\nExecStart=/bin/true\n"}}


KEPT = set(FLAGS) | {line.split("=")[0] for line in (
    "ProtectHome= ProtectSystem= ProtectProc= ProcSubset= KeyringMode= NotifyAccess= UMask= Delegate= User= Type= "
    "SystemCallFilter= SystemCallArchitectures= SupplementaryGroups= RestrictAddressFamilies= RestrictNamespaces= "
    "CapabilityBoundingSet= AmbientCapabilities= IPAddressDeny= IPAddressAllow= DeviceAllow= DevicePolicy= "
    "RootDirectory= DefaultDependencies= BusName=").split()}


def distilled():
    """The directives that matter, of the services of this machine."""
    seen = set()
    for path in sorted(pathlib.Path(USR).glob("*.service")):
        if path.is_symlink():
            continue
        lines = path.read_text(errors="replace").replace("\\\n", " ").splitlines()
        kept = [line.strip() for line in lines if line.split("=")[0].strip() in KEPT or line.startswith("[")]
        kept = [line for line in kept if not line.startswith(("[Install]", "[X-"))]
        text = "\n".join(kept) + "\n[Service]\nExecStart=/bin/true\n"
        if text not in seen:
            seen.add(text)
            yield {"unit": "x@y.service", "files": {USR + "x@.service": text}}


def analyze(root, unit, *more):
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", *root, *more, unit]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SYSTEMD_ANALYZE_DEBUG": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/").stdout


def record(case):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in case["files"].items():
            target = pathlib.Path(folder + path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, dict):
                target.symlink_to(text["link"])
            else:
                target.write_bytes(text.encode())
        return outcome(["--root=" + folder], case["unit"])


def outcome(root, unit):
    summary = re.search(r"Overall exposure level for .*: (\S+ [A-Z]+)", analyze(root, unit))
    if not summary:
        return None
    rows = json.loads(analyze(root, unit, "--json=short"))
    return summary[1], {row["json_field"]: row for row in rows}


def letters(order, rows):
    def letter(badness):
        return "-" if badness > 10 else "A" if badness == 10 else str(badness)

    return "".join(letter(rows[key]["badness"]) for key in order)


def table_order():
    """The order of the project's own table."""
    here = pathlib.Path(__file__).resolve().parents[2]
    text = (here / "crates/scan/src/systemd/exposure/table.rs").read_text()
    return re.findall(r'row\(\s*"([^"]+)"', text)


def write_fixture(target):
    rng = random.Random(SEED)
    cases = [generated(rng, number) for number in range(480)]
    cases += [sockets(rng) for _ in range(20)] + list(distilled())
    order = table_order()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(record, cases))
    sample = next(one for one in outcomes if one)[1]
    assert sorted(order) == sorted(sample), "the table of the project has other rows"
    for case, one in zip(cases, outcomes):
        case["score"] = one and one[0]
        if one:
            case["badness"] = letters(order, one[1])
    version = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True).stdout
    rows = [[key, sample[key]["name"], sample[key]["weight"], sample[key]["range"]] for key in order]
    head = json.dumps({"systemd": version.split("\n")[0], "rows": rows}, ensure_ascii=False)
    body = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    pathlib.Path(target).write_text(f'{head[:-1]}, "cases": [\n{body}\n]}}\n')
    refused = sum(one is None for one in outcomes)
    print(f"{len(cases)} cases, {refused} refused, {os.path.getsize(target)} bytes")


def write_host(target):
    order = table_order()
    found = {}
    for path in sorted(pathlib.Path(USR).glob("*.service")):
        unit = path.name.replace("@.", "@test-instance.")
        one = outcome([], str(path) if "@" not in unit else str(path.with_name(unit)))
        found[unit] = one and {"score": one[0], "badness": letters(order, one[1])}
    pathlib.Path(target).write_text(json.dumps(found, indent=1))
    print(f"{len(found)} services, {sum(one is None for one in found.values())} refused")


if __name__ == "__main__":
    if sys.argv[1] == "--host":
        write_host(sys.argv[2])
    else:
        write_fixture(sys.argv[1])
