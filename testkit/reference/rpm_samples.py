#!/usr/bin/env python3
"""What does rpm itself say about the packages of a small database?

Builds a few packages, enters them in a database of their own (`--justdb`: nothing is installed),
and makes the fixtures of crates/scan/tests/fixtures/rpm: the database, and rpm's own answers as
packages.tsv and files.tsv.
Digests and times of the build make other bytes in each run.

Needs rpm and rpmbuild from 4.16 on, and the zstd command.
Usage: rpm_samples.py OUTPUT_FOLDER
"""

import pathlib
import subprocess
import sys
import tempfile

SPECS = {
    "plain": """
Name: plain-tool
Version: 1.2.3
Release: 4.el9
Summary: A tool
License: GPL-2.0-or-later AND MIT
Vendor: Example Project
Packager: Example Packager <packager@example.org>
BuildArch: noarch
%description
Plain.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/plain.d %{buildroot}/usr/share/doc/plain
echo tool > %{buildroot}/usr/bin/plain
ln -s plain %{buildroot}/usr/bin/plain-link
echo a=1 > %{buildroot}/etc/plain.conf
echo b=2 > %{buildroot}/etc/plain.d/keep.conf
echo read > %{buildroot}/usr/share/doc/plain/README
echo licence > %{buildroot}/usr/share/doc/plain/COPYING
%files
%attr(4755,root,root) /usr/bin/plain
/usr/bin/plain-link
%config /etc/plain.conf
%dir %attr(0750,root,adm) /etc/plain.d
%config(noreplace) %attr(0640,root,adm) /etc/plain.d/keep.conf
%doc /usr/share/doc/plain/README
%license /usr/share/doc/plain/COPYING
%ghost /var/log/plain.log
%verify(not md5 size mtime) %attr(0600,daemon,daemon) /var/lib/plain.state
%changelog
""",
    "epoch": """
Name: epoch-lib
Epoch: 2
Version: 0.9~rc1
Release: 1
Summary: A library
License: BSD
ModularityLabel: stream:1:20240101:abcdef
BuildArch: noarch
%description
Epoch.
%package -n other-name
Summary: Built from the same source
Epoch: 0
Version: 7
%description -n other-name
Other.
%install
mkdir -p "%{buildroot}/usr/lib/with space"
echo x > "%{buildroot}/usr/lib/with space/öä.txt"
%files
"/usr/lib/with space/öä.txt"
%files -n other-name
""",
    "old": """
Name: old-digests
Version: 1
Release: 1
Summary: MD5 digests
License: MIT
BuildArch: noarch
%description
Old.
%install
mkdir -p %{buildroot}/opt/old
for n in $(seq 1 40); do echo $n > %{buildroot}/opt/old/file$n; done
%files
/opt/old
""",
}

PACKAGES = (
    "%{NAME}\\t%{EVR}\\t%|EPOCH?{%{EPOCH}}:{}|\\t%{ARCH}\\t%{SOURCERPM}\\t%{LICENSE}\\t"
    "%|VENDOR?{%{VENDOR}}:{}|\\t%|PACKAGER?{%{PACKAGER}}:{}|\\t"
    "%|MODULARITYLABEL?{%{MODULARITYLABEL}}:{}|\\t%{INSTALLTIME}\\n"
)
FILES = (
    "[%{=NAME}\\t%{FILENAMES}\\t%{FILEDIGESTS}\\t%{FILEMODES}\\t%{FILEUSERNAME}\\t"
    "%{FILEGROUPNAME}\\t%{FILESIZES}\\t%{FILEMTIMES}\\t%{FILEFLAGS}\\t%{FILELINKTOS}\\t"
    "%{FILEVERIFYFLAGS}\\t%{FILESTATES}\\n]"
)


def build(folder):
    for name, text in SPECS.items():
        spec = folder / f"{name}.spec"
        if name == "plain":
            text = text.replace(
                "%files\n",
                "mkdir -p %{buildroot}/var/log %{buildroot}/var/lib\n"
                "touch %{buildroot}/var/log/plain.log %{buildroot}/var/lib/plain.state\n%files\n", 1)
        spec.write_text(text)
        digest = "1" if name == "old" else "8"
        subprocess.run(
            ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}/top", "--define", f"_dbpath {folder}/unused",
             "--define", f"_binary_filedigest_algorithm {digest}",
             "--define", "_buildhost build.example.org", spec],
            check=True)
    return sorted(map(str, (folder / "top/RPMS").rglob("*.rpm")))


def main():
    output = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        packages = build(folder)
        database = folder / "database"
        rpm = ["rpm", "--dbpath", str(database), "--define", "_db_backend sqlite"]
        enter = [*rpm, "-i", "--justdb", "--nodeps", "--noscripts", "--nosignature"]
        subprocess.run([*rpm, "--initdb"], check=True)
        subprocess.run([*enter, *packages], check=True)
        # One is erased and entered again, so that the header numbers have a gap.
        subprocess.run([*rpm, "-e", "--justdb", "--nodeps", "other-name"], check=True)
        again = [path for path in packages if "other-name" in path]
        subprocess.run([*enter, *again], check=True)
        for what, query in (("packages", PACKAGES), ("files", FILES)):
            answer = subprocess.run(
                [*rpm, "-qa", "--qf", query], check=True, capture_output=True, text=True).stdout
            lines = sorted(answer.splitlines())
            (output / f"{what}.tsv").write_text("".join(f"{line}\n" for line in lines))
        subprocess.run(
            ["zstd", "-q", "-f", "-19", database / "rpmdb.sqlite",
             "-o", output / "rpmdb.sqlite.zst"],
            check=True)


if __name__ == "__main__":
    main()
