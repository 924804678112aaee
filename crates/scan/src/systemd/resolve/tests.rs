//! Traps of resolving units: drop-ins, masks, aliases, templates.

use super::*;
use crate::systemd::files::MemoryFiles;

const ETC: &str = "/etc/systemd/system";
const USR: &str = "/usr/lib/systemd/system";
const START: &str = "[Service]\nExecStart=/bin/true\n";

fn tree(files: &[(&str, &str)]) -> MemoryFiles {
    files.iter().fold(MemoryFiles::new(), |tree, (path, text)| {
        let path = path.replace("ETC", ETC).replace("USR", USR);
        match text.strip_prefix("-> ") {
            Some(target) => tree.with_link(&path, &target.replace("USR", USR)),
            None => tree.with_file(&path, text),
        }
    })
}

fn units(files: &[(&str, &str)]) -> Units<MemoryFiles> {
    Units::open(tree(files))
}

fn names(units: &Units<MemoryFiles>) -> Vec<String> {
    units.names().iter().map(ToString::to_string).collect()
}

/// The UMask in force and where it stands.
fn umask(unit: &Unit) -> Option<(String, String)> {
    let one = unit.value("Service", "UMask")?;
    let place = format!("{}:{}", one.file.display(), one.line);
    Some((
        one.value.clone(),
        place.replace(ETC, "ETC").replace(USR, "USR"),
    ))
}

fn check_umask(files: &[(&str, &str)], name: &str, expected: (&str, &str)) {
    let unit = units(files).load(name).unwrap();
    assert_eq!(
        umask(&unit),
        Some((expected.0.to_owned(), expected.1.to_owned()))
    );
}

#[test]
fn d7_units_behind_a_linked_lib_are_counted_once() {
    let units = units(&[
        ("/lib", "-> usr/lib"),
        ("USR/a.service", START),
        ("USR/b.timer", ""),
    ]);
    assert_eq!(names(&units), ["a.service", "b.timer"]);
    assert_eq!(units.dirs(), [PathBuf::from(USR)]);
}

#[test]
fn a_split_lib_is_walked_too() {
    let units = units(&[
        ("/lib/systemd/system/a.service", START),
        ("USR/b.service", START),
    ]);
    assert_eq!(names(&units), ["a.service", "b.service"]);
}

#[test]
fn etc_hides_usr_and_masks() {
    let files = [
        ("ETC/a.service", "[Service]\nUMask=1\n"),
        ("USR/a.service", "[Service]\nUMask=2\n"),
        ("ETC/b.service", "-> /dev/null"),
        ("USR/b.service", START),
        ("/run/systemd/system/c.service", ""),
        ("USR/c.service", START),
        ("USR/b.service.d/x.conf", "[Service]\nUMask=3\n"),
    ];
    check_umask(&files, "a.service", ("1", "ETC/a.service:2"));
    let units = units(&files);
    for (name, masked) in [
        ("a.service", false),
        ("b.service", true),
        ("c.service", true),
    ] {
        assert_eq!(units.load(name).unwrap().masked, masked, "{name}");
    }
    assert!(units.load("b.service").unwrap().settings.is_empty());
}

#[test]
fn an_alias_is_not_a_second_unit() {
    let units = units(&[
        ("/lib", "-> usr/lib"),
        ("USR/ssh.service", START),
        ("ETC/sshd.service", "-> /lib/systemd/system/ssh.service"),
        ("ETC/secure.service", "-> sshd.service"),
        ("ETC/ssh.service", "-> USR/ssh.service"),
        ("ETC/wrong.timer", "-> USR/ssh.service"),
        ("ETC/gone.service", "-> USR/nothing.service"),
        ("ETC/loop.service", "-> loop2.service"),
        ("ETC/loop2.service", "-> loop.service"),
    ]);
    assert_eq!(names(&units), ["ssh.service"]);
    let unit = units.load("secure.service").unwrap();
    assert_eq!(unit.name.as_str(), "ssh.service");
    let aliases: Vec<_> = unit.aliases.iter().map(UnitName::as_str).collect();
    assert_eq!(aliases, ["secure.service", "sshd.service"]);
    assert!(units.load("gone.service").is_none());
    assert!(units.load("loop.service").is_none());
}

#[test]
fn a_link_to_the_outside_is_a_unit_of_its_own() {
    let files = [
        ("/opt/x/a.service", "[Service]\nUMask=7\n"),
        ("ETC/b.service", "-> /opt/x/a.service"),
    ];
    check_umask(&files, "b.service", ("7", "ETC/b.service:2"));
}

#[test]
fn drop_ins_merge_by_file_name() {
    let base = [("USR/a-b.service", START)];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let one = "[Service]\nUMask=1\n";
    let two = "[Service]\n\nUMask=2\n";
    // Later names win over earlier ones, wherever they stand.
    let files = with(&[
        ("USR/a-b.service.d/1.conf", one),
        ("USR/service.d/9.conf", two),
    ]);
    check_umask(&files, "a-b.service", ("2", "USR/service.d/9.conf:3"));
    // The same name in a higher folder hides the lower one, even from a more general name.
    let files = with(&[
        ("USR/a-b.service.d/1.conf", one),
        ("ETC/a-.service.d/1.conf", two),
    ]);
    check_umask(&files, "a-b.service", ("2", "ETC/a-.service.d/1.conf:3"));
    // But the folder of all services is always last.
    let files = with(&[
        ("USR/a-b.service.d/1.conf", one),
        ("ETC/service.d/1.conf", two),
    ]);
    check_umask(&files, "a-b.service", ("1", "USR/a-b.service.d/1.conf:2"));
    // A null link hides, and only .conf counts.
    let files = with(&[
        ("USR/a-b.service.d/1.conf", one),
        ("USR/a-b.service.d/2.conf", two),
        ("ETC/a-b.service.d/2.conf", "-> /dev/null"),
        ("ETC/a-b.service.d/3.conf.bak", two),
        ("ETC/a-b.service.d/.4.conf", two),
        ("ETC/a-c.service.d/5.conf", two),
    ]);
    check_umask(&files, "a-b.service", ("1", "USR/a-b.service.d/1.conf:2"));
    assert!(
        units(&files)
            .load("a-b.service")
            .unwrap()
            .problems
            .is_empty()
    );
}

#[test]
fn drop_ins_of_an_alias_apply() {
    let files = [
        ("USR/a.service", START),
        ("ETC/b.service", "-> USR/a.service"),
        ("USR/b.service.d/1.conf", "[Service]\nUMask=1\n"),
    ];
    check_umask(&files, "a.service", ("1", "USR/b.service.d/1.conf:2"));
}

#[test]
fn instances_come_from_templates() {
    let files = [
        (
            "USR/getty@.service",
            "[Service]\nUMask=1\nUser=%i\n[Install]\nWantedBy=getty.target\n",
        ),
        ("ETC/autovt@.service", "-> USR/getty@.service"),
        (
            "ETC/getty.target.wants/getty@tty1.service",
            "-> USR/getty@.service",
        ),
        (
            "ETC/getty.target.wants/autovt@tty2.service",
            "-> USR/getty@.service",
        ),
        ("USR/getty@tty1.service.d/a.conf", "[Service]\nUMask=2\n"),
        ("USR/getty@.service.d/b.conf", "[Service]\nNice=2\n"),
    ];
    let units = units(&files);
    assert_eq!(
        names(&units),
        ["getty@.service", "getty@tty1.service", "getty@tty2.service"],
    );
    check_umask(
        &files,
        "getty@tty1.service",
        ("2", "USR/getty@tty1.service.d/a.conf:2"),
    );
    check_umask(
        &files,
        "autovt@tty1.service",
        ("2", "USR/getty@tty1.service.d/a.conf:2"),
    );
    let unit = units.load("getty@tty1.service").unwrap();
    assert_eq!(unit.expand("%i").as_deref(), Ok("tty1"));
    assert_eq!(
        unit.aliases,
        [UnitName::parse("autovt@tty1.service").unwrap()]
    );
    assert!(unit.is_enabled());
    assert!(!units.load("getty@.service").unwrap().is_enabled());
    assert!(units.load("other@x.service").is_none());
}

#[test]
fn enablement_names_its_entry_and_can_be_undone() {
    let units = units(&[
        ("USR/a.service", START),
        ("USR/b.service", START),
        ("USR/m.target", ""),
        ("USR/m.target.wants/a.service", "-> ../a.service"),
        ("USR/m.target.wants/b.service", "-> ../b.service"),
        ("ETC/m.target.wants/b.service", "-> /dev/null"),
        ("ETC/n.target.requires/a.service", "-> USR/a.service"),
        (
            "ETC/n.target.wants/nothing.service",
            "-> USR/nothing.service",
        ),
    ]);
    let unit = units.load("a.service").unwrap();
    let by: Vec<_> = unit
        .enabled_by
        .iter()
        .map(|one| (one.by.as_str(), one.requirement))
        .collect();
    assert_eq!(
        by,
        [
            ("m.target", Requirement::Wants),
            ("n.target", Requirement::Requires)
        ]
    );
    assert!(unit.is_enabled());
    assert!(units.load("b.service").unwrap().enabled_by.is_empty());
    assert_eq!(names(&units), ["a.service", "b.service", "m.target"]);
}

#[test]
fn resets_and_last_values() {
    let units = units(&[
        (
            "USR/a.service",
            "[Service]\nExecStart=/bin/a\nReadWritePaths=/a \"/b c\"\nPrivateTmp=yes\nUser=x\n",
        ),
        (
            "ETC/a.service.d/o.conf",
            "[Service]\nExecStart=\nExecStart=-/bin/b $X\nReadWritePaths=/d\nPrivateTmp=\nUser=\n",
        ),
    ]);
    let unit = units.load("a.service").unwrap();
    let commands = unit.commands("Service", "ExecStart");
    assert_eq!(commands.len(), 1);
    assert_eq!(
        commands[0].0.as_ref().unwrap().program,
        PathBuf::from("/bin/b")
    );
    assert_eq!(commands[0].1.line, 3);
    let words: Vec<_> = unit
        .words("Service", "ReadWritePaths")
        .into_iter()
        .map(|(word, _)| word)
        .collect();
    assert_eq!(words, ["/a", "/b c", "/d"]);
    assert_eq!(
        unit.flag("Service", "PrivateTmp")
            .map(|(on, one)| (on, one.line)),
        Some((true, 4))
    );
    assert_eq!(unit.value("Service", "User"), None);
}

#[test]
fn unreadable_files_are_named() {
    let units = units(&[
        ("USR/a.service", START),
        ("ETC/a.service.d/gone.conf", "-> /nowhere"),
        ("ETC/b.service", "-> /nowhere/b.service"),
    ]);
    let unit = units.load("a.service").unwrap();
    assert!(unit.complete);
    assert_eq!(unit.problems.len(), 1);
    assert_eq!(unit.problems[0].kind, ProblemKind::Unreadable);
    assert!(!units.load("b.service").unwrap().complete);
}

#[test]
fn too_many_drop_ins_are_said() {
    let mut tree = MemoryFiles::new().with_file("/etc/systemd/system/a.service", START);
    for number in 0..=DROP_INS_MAX {
        let path = format!("/etc/systemd/system/a.service.d/{number:05}.conf");
        tree = tree.with_file(&path, "[Service]\nUMask=1\n");
    }
    let unit = Units::open(tree).load("a.service").unwrap();
    assert_eq!(unit.drop_ins.len(), DROP_INS_MAX);
    assert_eq!(unit.problems[0].kind, ProblemKind::TooManyDropIns);
}
