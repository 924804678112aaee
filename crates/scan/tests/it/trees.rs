//! The live tree: never left, never blocked, the same in kernel and user space.

use casemate_scan::tree::{self, Kind, LiveTree, Tree, TreeError};
use std::os::unix::fs::symlink;
use std::path::Path;

fn sample() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("folder");
    let root = dir.path();
    std::fs::create_dir_all(root.join("etc/d")).expect("folder");
    std::fs::create_dir_all(root.join("usr/lib")).expect("folder");
    for (path, text) in [
        ("etc/hostname", "inside\n"),
        ("usr/lib/os-release", "ID=x\n"),
    ] {
        let mut file = std::fs::File::options()
            .create(true)
            .truncate(true)
            .write(true)
            .open(root.join(path))
            .expect("file");
        std::io::Write::write_all(&mut file, text.as_bytes()).expect("write");
    }
    for (link, target) in [
        ("etc/os-release", "/usr/lib/os-release"),
        ("etc/up", "../../../../etc/hostname"),
        ("etc/loop", "loop"),
        ("lib", "usr/lib"),
        ("etc/out", "/proc/self/status"),
        ("etc/d/back", "../../lib/os-release"),
    ] {
        symlink(target, root.join(link)).expect("link");
    }
    rustix::fs::mknodat(
        rustix::fs::CWD,
        root.join("etc/fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from(0o644),
        0,
    )
    .expect("fifo");
    dir
}

#[test]
fn links_resolve_inside_in_kernel_and_user_space_alike() {
    let dir = sample();
    for tree in [
        LiveTree::at(dir.path()).expect("tree"),
        LiveTree::at(dir.path())
            .expect("tree")
            .resolved_in_user_space(),
    ] {
        let read =
            |path: &str| tree::read(&tree, path).map(|b| String::from_utf8(b).expect("text"));
        assert_eq!(read("/etc/os-release").expect("absolute link"), "ID=x\n");
        assert_eq!(read("/lib/os-release").expect("folder link"), "ID=x\n");
        assert_eq!(read("/etc/d/back").expect("relative link"), "ID=x\n");
        assert_eq!(read("/etc/up").expect("too many .."), "inside\n");
        assert_eq!(
            read("/../../etc/hostname").expect("path with .."),
            "inside\n"
        );
        assert!(read("/etc/out").expect_err("outside").is_not_found());
        assert!(matches!(read("/etc/loop"), Err(TreeError::Loop(_))));
        assert!(
            matches!(read("/etc/fifo"), Err(TreeError::Kind(_))),
            "a FIFO never blocks"
        );
        assert!(matches!(read("/etc"), Err(TreeError::Kind(_))));
        let link = tree
            .link_metadata(Path::new("/etc/os-release"))
            .expect("link");
        assert_eq!(link.kind, Kind::Link);
        assert_eq!(
            tree.metadata(Path::new("/lib")).expect("folder").kind,
            Kind::Directory
        );
        let target = tree
            .read_link(Path::new("/etc/os-release"))
            .expect("target");
        assert_eq!(target, Path::new("/usr/lib/os-release"));
        let names = tree::list(&tree, "/etc").expect("list");
        assert_eq!(names.len(), 7);
        let names = tree::list(&tree, "/").expect("list");
        assert_eq!(names, ["etc", "lib", "usr"]);
    }
}

#[test]
fn a_file_above_the_limit_is_refused_with_the_limit() {
    let dir = sample();
    let tree = LiveTree::at(dir.path()).expect("tree");
    let error = tree::read_up_to(&tree, Path::new("/etc/hostname"), 3).expect_err("limit");
    assert!(
        matches!(error, TreeError::TooLarge { limit: 3, .. }),
        "{error}"
    );
}
