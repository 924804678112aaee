#!/usr/bin/env python3
"""Records which lines of sudoers visudo takes and which it refuses.

Usage: sudoers_lines.py VISUDO OUTPUT.json     (VISUDO: path of sudo's own visudo, 1.9)

The scanner's own parser must agree on every line (crates/scan/src/facts/sudoers/parse.rs).
"""

import json
import os
import subprocess
import sys
import tempfile

LINES = r'''
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) NOPASSWD: ALL
Defaults:%users,!ann env_keep+="A B" , insults
"%domain users@ad" ALL=ALL
ann , %wheel,!bob  web, !db = (root, app : adm) NOPASSWD: SETENV: /bin/a x\,y, PASSWD:!/bin/b : mail = ALL
"%domain users",%a\ b ALL=CWD=/tmp TIMEOUT=5m /bin/ls, /bin/x ^a,b:c$
ann ALL=(root ALL
ann ALL = ls
ann ALL=
User_Alias x = a
User_Alias X = a, %b, !c : Y = d
Runas_Alias OP = root, operator
Defaults Foo
ann ALL
ann = ALL
= ALL
ann ALL ALL = ALL
Host_Alias NET = 10.0.0.0/8, 2001:db8::1 : WEB = web1
Host_Alias NET = 192.168.1.0/255.255.255.0
%#100 ALL=ALL
#1000 ALL=ALL
# 1000 ALL=ALL
#comment with = and (
ann ALL=(ALL) ALL, ! /bin/sh
ann ALL = /bin/a x=y
ann ALL = /bin/a x\=y
ann ALL = /bin/a x:y
ann ALL = /bin/a x\:y
ann ALL = /usr/bin/apt "", /usr/bin/less *
Defaults timestamp_timeout = -1
Defaults timestamp_timeout=5, !visiblepw
Defaults:ann, bob !authenticate
Defaults secure_path="/a:/b", !visiblepw
Defaults secure_path=/a:/b
Defaults env_keep = A B
Defaults env_keep += A
Defaults env_keep -= "A B"
Defaults!/bin/x noexec
Defaults>root noexec
Defaults@web noexec
Defaults logfile=/var/log/sudo.log
Defaults
ann ALL = /usr/sbin/, /opt/*/run, list
Cmnd_Alias B = ALL, !/bin/b
Cmnd_Alias C = /bin/a, /bin/b -x : D = /bin/d
Cmnd_Alias = /bin/a
Cmnd_Alias E =
ann ALL = NOPASSWD: ALL, (root) PASSWD: /bin/x
ann ALL = (ALL) (root) ALL
ann ALL = (:adm) /bin/x
ann ALL = () /bin/x
ann ALL,!x = ALL
ann,bob ALL=ALL # c \
ann ALL = ALL,
ann, ALL = ALL
ann ALL = ROLE=x NOPASSWD: ALL
bob ALL= NOPASSWD : ALL
bob ALL= NOPASSWD:NOEXEC:SETENV: /bin/x
bob ALL= NOPASSWD /bin/x
bob ALL= FOO: /bin/x
ann ALL=(ALL)ALL
ann ALL=(ALL)NOPASSWD:ALL
ann ALL=sudoedit /etc/motd
ann ALL=/usr/bin/vi
+netgroup +hosts=ALL
ann !web=ALL
ALL ALL=ALL
'''


def main():
    visudo, output = sys.argv[1:]
    texts = [line for line in LINES.split("\n") if line.strip()]
    texts += ["ann ALL = \\\n  /bin/a, \\\n  /bin/b\n", "Defaults \\\n !authenticate\n", "# c \\\nann ALL=ALL\n"]
    recorded = []
    for text in texts:
        with tempfile.NamedTemporaryFile("w", suffix=".sudoers", delete=False) as file:
            file.write(text.rstrip("\n") + "\n")
        os.chmod(file.name, 0o440)
        done = subprocess.run([visudo, "-c", "-q", "-f", file.name], capture_output=True, text=True)
        os.unlink(file.name)
        recorded.append([text, done.returncode == 0])
    with open(output, "w") as file:
        json.dump(recorded, file, indent=0)
        file.write("\n")


if __name__ == "__main__":
    main()
