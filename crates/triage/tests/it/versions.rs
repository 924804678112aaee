//! Version orders: every vector of the real data, and what makes an order.

use crate::real;
use casemate_triage::{MAX_LENGTH, Nevra, Scheme};
use proptest::prelude::*;
use std::cmp::Ordering;

/// Checks `a <op> b` lines both ways; gives their number.
fn check(name: &str, compare: impl Fn(&str, &str) -> Option<Ordering>) -> usize {
    let Some(text) = real::text(&format!("version_vectors/{name}")) else {
        return 0;
    };
    let mut wrong = Vec::new();
    let mut n_lines = 0;
    for line in text.lines().filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.split('\t').collect();
        let [a, op, b] = parts.as_slice() else {
            wrong.push(format!("no vector: {line}"));
            continue;
        };
        n_lines += 1;
        let holds = |order: Ordering| match *op {
            "<" => order.is_lt(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            _ => order.is_eq(),
        };
        let both = (compare(a, b), compare(b, a).map(Ordering::reverse));
        if both.0 != both.1 || !both.0.is_some_and(holds) {
            wrong.push(format!("{a} {op} {b}: {both:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{name}: {} of {n_lines}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    n_lines
}

#[test]
fn every_vector_holds() {
    let files = [
        ("alpine_apk-tools.tsv", Scheme::Apk),
        ("alpine_go-apk-version.tsv", Scheme::Apk),
        ("alpine_scalibr.tsv", Scheme::Apk),
        ("alpine_scalibr_generated.tsv.zst", Scheme::Apk),
        ("debian_dpkg.tsv", Scheme::Dpkg),
        ("debian_go-deb-version.tsv", Scheme::Dpkg),
        ("debian_scalibr.tsv", Scheme::Dpkg),
        ("debian_scalibr_generated.tsv.zst", Scheme::Dpkg),
        ("other_cran_scalibr.tsv", Scheme::Cran),
        ("other_hackage_scalibr.tsv", Scheme::Hackage),
        ("other_maven_scalibr.tsv", Scheme::Maven),
        ("other_nuget_scalibr.tsv", Scheme::Nuget),
        ("other_packagist_scalibr.tsv", Scheme::Packagist),
        ("other_pub_scalibr.tsv", Scheme::Pub),
        ("other_pypi_scalibr.tsv", Scheme::Pypi),
        ("other_rubygems_scalibr.tsv", Scheme::Rubygems),
        ("other_semver_scalibr.tsv", Scheme::Semver),
        ("redhat_scalibr.tsv", Scheme::Rpm),
        ("rpm_claircore_rpmvercmp.tsv", Scheme::Rpm),
        ("rpm_rpmvercmp.tsv", Scheme::Rpm),
    ];
    let counts = files.map(|(name, scheme)| check(name, |a, b| scheme.compare(a, b).ok()));
    let nevra = check("rpm_claircore_nevra.tsv", |a, b| {
        Some(Nevra::parse(a)?.order(&Nevra::parse(b)?))
    });
    println!("vectors: {}", counts.iter().sum::<usize>() + nevra);
}

#[test]
fn alpine_knows_its_own_grammar() {
    let Some(valid) = real::text("version_vectors/alpine_valid.txt") else {
        return;
    };
    let invalid = real::text("version_vectors/alpine_invalid.txt").unwrap_or_default();
    let versions = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    for version in versions(&valid) {
        assert!(Scheme::Apk.is_valid(&version), "{version}");
    }
    for version in versions(&invalid) {
        assert!(!Scheme::Apk.is_valid(&version), "{version}");
    }
}

#[test]
fn packages_of_rpm_are_taken_apart() {
    let Some(text) = real::text("version_vectors/rpm_claircore_parse.txt") else {
        return;
    };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [input, rest @ ..] = words.as_slice() else {
            continue;
        };
        let read = Nevra::parse(input).expect("a package");
        let epoch = read.epoch.as_deref().unwrap_or_default();
        let parts = [&read.name, epoch, &read.version, &read.release, &read.arch];
        let wanted: Vec<&str> = rest
            .iter()
            .map(|word| word.trim_matches(['\'', '"']))
            .collect();
        assert_eq!(parts.as_slice(), wanted.as_slice(), "{input}");
    }
}

#[test]
fn what_the_manuals_say_holds() {
    let chains: [(Scheme, &[&str]); 9] = [
        // deb-version(7): tilde before the end, letters before all else.
        (
            Scheme::Dpkg,
            &["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a", "1.0+b", "1:0.1"],
        ),
        // rpm-version(7).
        (
            Scheme::Rpm,
            &["1.0~rc1", "1.0", "1.0^git1", "1.0.1", "1.1", "1:0.5"],
        ),
        // vercmp(8).
        (
            Scheme::Alpm,
            &[
                "1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1",
            ],
        ),
        // apk-package(5).
        (
            Scheme::Apk,
            &[
                "1_alpha", "1_beta", "1_pre", "1_rc", "1", "1_cvs", "1_svn", "1_git", "1_hg",
                "1_p", "1.0",
            ],
        ),
        // PEP 440.
        (
            Scheme::Pypi,
            &[
                "1.dev0",
                "1.0.dev456",
                "1.0a1",
                "1.0a2.dev456",
                "1.0a12.dev456",
                "1.0a12",
                "1.0b1.dev456",
                "1.0b2",
                "1.0b2.post345.dev456",
                "1.0b2.post345",
                "1.0rc1.dev456",
                "1.0rc1",
                "1.0",
                "1.0+abc.5",
                "1.0+abc.7",
                "1.0+5",
                "1.0.post456.dev34",
                "1.0.post456",
                "1.0.15",
                "1.1.dev1",
            ],
        ),
        // semver.org, item 11.
        (
            Scheme::Semver,
            &[
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
            ],
        ),
        // go.dev/ref/mod, pseudo-versions.
        (
            Scheme::Go,
            &[
                "v0.0.0-20191109021931-daa7c04131f5",
                "v0.0.0-20200101000000-000000000000",
                "v1.2.3",
                "v1.2.4-0.20191109021931-daa7c04131f5",
                "v1.2.4",
                "v2.0.0+incompatible",
            ],
        ),
        // Maven's version order specification.
        (
            Scheme::Maven,
            &[
                "1-alpha",
                "1-beta",
                "1-milestone",
                "1-rc",
                "1-snapshot",
                "1",
                "1-sp",
                "1-foo",
                "1-1",
                "1.1",
            ],
        ),
        // Gem::Version.
        (
            Scheme::Rubygems,
            &["1.0.a", "1.0.b1", "1.0", "1.0.1", "1.1.rc1", "1.1"],
        ),
    ];
    for (scheme, chain) in chains {
        for (at, one) in chain.iter().enumerate() {
            for (other_at, other) in chain.iter().enumerate() {
                let order = scheme.compare(one, other).expect("versions");
                assert_eq!(order, at.cmp(&other_at), "{scheme}: {one} {other}");
            }
        }
    }
    assert!(Scheme::Dpkg.compare("a:1", "1").is_err());
    assert!(Scheme::Semver.compare("latest", "1.0.0").is_err());
    assert!(Scheme::Rpm.compare(&"1.".repeat(MAX_LENGTH), "1").is_err());
    assert_eq!(Scheme::of_ecosystem("Alpine:v3.18"), Some(Scheme::Apk));
    assert_eq!(Scheme::of_ecosystem("plan9:4"), None);
}

/// Texts that look like versions, so that comparisons go deep.
fn version() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "0", "1", "2", "10", "01", "00", "9", ".", ".", "-", "_", "~", "^", "+", ":", "!", "a",
        "b", "rc", "alpha", "beta", "pre", "post", "dev", "p", "pl", "x", "foo", "r1", "-r0",
        "_p1", "ga", "final", "sp", "snapshot", "RC", "A", "é", " ", "1.0", "0.0",
    ]);
    prop::collection::vec(piece, 1..7).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn every_scheme_is_an_order(a in version(), b in version(), c in version()) {
        for scheme in Scheme::ALL {
            if scheme.compare(&a, &a).is_ok() {
                prop_assert_eq!(scheme.compare(&a, &a), Ok(Ordering::Equal));
            }
            let (Ok(ab), Ok(bc), Ok(ac)) =
                (scheme.compare(&a, &b), scheme.compare(&b, &c), scheme.compare(&a, &c))
            else {
                continue;
            };
            prop_assert_eq!(scheme.compare(&b, &a), Ok(ab.reverse()), "{} {} {}", scheme, &a, &b);
            if ab == bc {
                prop_assert_eq!(ac, ab, "{}: {} {} {}", scheme, &a, &b, &c);
            }
            if ab.is_eq() {
                prop_assert_eq!(ac, bc, "{}: {} = {}, {}", scheme, &a, &b, &c);
            }
            if bc.is_eq() {
                prop_assert_eq!(ac, ab, "{}: {}, {} = {}", scheme, &a, &b, &c);
            }
        }
    }

    #[test]
    fn any_bytes_end_as_an_answer(a in prop::collection::vec(any::<u8>(), 0..40), b in "\\PC{0,40}") {
        let a = String::from_utf8_lossy(&a);
        for scheme in Scheme::ALL {
            let valid = scheme.is_valid(&a);
            let one = scheme.compare(&a, &b);
            let other = scheme.compare(&b, &a);
            prop_assert_eq!(one.is_ok(), other.is_ok());
            prop_assert!(!valid || scheme.compare(&a, &a).is_ok());
        }
        drop(Nevra::parse(&b));
    }
}
