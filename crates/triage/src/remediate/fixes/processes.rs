//! Fixes of running programs.

use crate::remediate::fix::{Fix, medium, person};

const WHO: &str =
    "who started it, and whether it is wanted, only a person can say; keep a copy first";
const OWNER: &str = "whoever maintains it under another account can no longer write it";

pub(super) static FIXES: &[Fix] = &[
    person(
        "proc-deleted-exe",
        "Find out about programs whose file is gone",
        20,
        WHO,
    ),
    person(
        "proc-deleted-file-open",
        "Restart programs that hold deleted files",
        10,
        "the service is away for a moment",
    ),
    person(
        "proc-deleted-library",
        "Restart programs that run replaced libraries",
        10,
        "the service is away for a moment",
    ),
    person(
        "proc-exe-in-temporary-folder",
        "Find out about programs in temporary folders",
        20,
        WHO,
    ),
    medium(
        "proc-exe-writable-by-others",
        "Close running programs to others",
        5,
        OWNER,
        |d, f| d.close(f, 0o022),
    ),
    person(
        "proc-fake-kernel-thread",
        "Find out about programs with the name of a kernel thread",
        30,
        WHO,
    ),
    person(
        "proc-ld-so-preload",
        "Find out what every program loads",
        30,
        WHO,
    ),
    person(
        "proc-many-capabilities",
        "Take capabilities from programs",
        30,
        "the program may need one of them",
    ),
    person(
        "proc-memfd-exe",
        "Find out about programs in memory",
        30,
        WHO,
    ),
    person("proc-preload", "Take out preloaded libraries", 30, WHO),
    medium(
        "proc-script-writable",
        "Close running scripts to others",
        5,
        OWNER,
        |d, f| d.close(f, 0o022),
    ),
    person(
        "proc-secret-in-arguments",
        "Give secrets in files, not in arguments",
        30,
        "the secret was readable and has to be changed where it is used",
    ),
    person("proc-traced", "Find out who traces a program", 20, WHO),
];
