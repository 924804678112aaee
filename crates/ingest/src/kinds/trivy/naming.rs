//! How Trivy names things, for all of its formats.

/// Families of operating systems, as in the type of a result.
const OPERATING_SYSTEMS: [&str; 40] = [
    "activestate",
    "alma",
    "almalinux",
    "alpine",
    "amazon",
    "azurelinux",
    "bottlerocket",
    "cbl-mariner",
    "centos",
    "chainguard",
    "coreos",
    "debian",
    "echo",
    "fedora",
    "mageia",
    "mariner",
    "minimos",
    "openeuler",
    "opensuse",
    "opensuse-leap",
    "opensuse-tumbleweed",
    "opensuse.leap",
    "opensuse.tumbleweed",
    "oracle",
    "photon",
    "rancher",
    "redhat",
    "rhel",
    "rocky",
    "root",
    "seal",
    "slem",
    "sle-micro",
    "sles",
    "suse",
    "suse linux enterprise micro",
    "suse linux enterprise server",
    "ubuntu",
    "windows",
    "wolfi",
];

/// Whether the type of a result is an operating system.
pub(in crate::kinds) fn is_system(kind: &str) -> bool {
    OPERATING_SYSTEMS.contains(&kind.trim().to_lowercase().as_str())
}

/// Whether a target is an operating system: `image:tag (alpine 3.10.2)`.
pub(in crate::kinds) fn is_system_target(target: &str) -> bool {
    target
        .trim_end()
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
        .map(|(_, inner)| inner.rsplit_once(' ').unwrap_or((inner, "")))
        .is_some_and(|(family, _)| is_system(family))
}

/// The artifact of a target that is an operating system.
pub(in crate::kinds) fn artifact(target: &str) -> &str {
    if is_system_target(target) {
        target.rsplit_once(" (").map_or(target, |(name, _)| name)
    } else {
        target
    }
}

/// Where a vulnerable package is: nowhere for one of the operating system, else its own path or
/// that of its list.
pub(in crate::kinds) fn package_path<'a>(
    class: &str,
    kind: &str,
    target: &'a str,
    own_path: &'a str,
) -> &'a str {
    let of_system = match class {
        "os-pkgs" => true,
        "" => is_system(kind) || is_system_target(target),
        _ => false,
    };
    match (of_system, own_path.is_empty()) {
        (true, _) => "",
        (false, false) => own_path,
        (false, true) => target,
    }
}

/// Where a license is: the file, or the list of the packages that has it. Some targets are no
/// files.
pub(in crate::kinds) fn license_path<'a>(target: &'a str, file: &'a str) -> &'a str {
    match (file, target) {
        ("", "OS Packages" | "Loose File License(s)") => "",
        ("", target) => target,
        (file, _) => file,
    }
}

/// The type of a package URL for the type of a result.
pub(in crate::kinds) fn package_type(kind: &str) -> &'static str {
    match kind.trim().to_lowercase().as_str() {
        "npm" | "yarn" | "pnpm" | "bun" | "node-pkg" | "nodejs" => "npm",
        "pip" | "pipenv" | "poetry" | "uv" | "pylock" | "python-pkg" | "python" => "pypi",
        "jar" | "pom" | "gradle" | "gradle-lockfile" | "sbt" | "sbt-lockfile" | "java" => "maven",
        "gomod" | "gobinary" | "go" | "golang" => "golang",
        "cargo" | "rustbinary" | "rust-binary" => "cargo",
        "bundler" | "gemspec" => "gem",
        "composer" | "composer-vendor" => "composer",
        "nuget" | "dotnet-core" | "packages-props" | "nuget-config" => "nuget",
        "hex" | "mix" => "hex",
        "pub" => "pub",
        "swift" => "swift",
        "cocoapods" => "cocoapods",
        "conan" => "conan",
        "conda" | "conda-pkg" | "conda-environment" => "conda",
        "julia" => "julia",
        "alpine" | "wolfi" | "chainguard" | "minimos" => "apk",
        "debian" | "ubuntu" | "echo" | "activestate" => "deb",
        other if is_system(other) && other != "windows" => "rpm",
        _ => "",
    }
}

/// A title that says what is where, with Trivy's words behind it.
pub(in crate::kinds) fn title(id: &str, package: &str, version: &str, words: &str) -> String {
    let mut out = format!("{id} in {package} {version}").trim_end().to_owned();
    if package.is_empty() {
        id.clone_into(&mut out);
    }
    let words = words.trim();
    if !words.is_empty() && words != id {
        out.push_str(": ");
        out.push_str(words);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_a_system_have_no_path() {
        let place = |class, kind, target| package_path(class, kind, target, "");
        assert_eq!(place("os-pkgs", "alpine", "a (alpine 3.1)"), "");
        assert_eq!(
            place("", "", "a.tar (suse linux enterprise server 15.1)"),
            ""
        );
        assert_eq!(place("", "npm", "package-lock.json"), "package-lock.json");
        assert_eq!(
            package_path("lang-pkgs", "jar", "Java", "app/a.jar"),
            "app/a.jar"
        );
        assert_eq!(artifact("a:1 (debian 10.1)"), "a:1");
        assert_eq!(artifact("notes (draft)"), "notes (draft)");
    }
}
