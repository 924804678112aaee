//! Made-up reports of any size for the benchmarks, the same bytes each time.

use crate::tool;
use anyhow::Result;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// A SARIF log of that many results, about 1 kB each, with 200 rules.
pub(crate) fn sarif(n_results: usize) -> Result<PathBuf> {
    made(&format!("results-{n_results}.sarif"), |out| {
        write!(
            out,
            "{{\"version\":\"2.1.0\",\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\
             \"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"Made\",\"version\":\"1.0\",\"rules\":["
        )?;
        for rule in 0..200 {
            let comma = if rule > 0 { "," } else { "" };
            write!(
                out,
                "{comma}{{\"id\":\"made/rule-{rule}\",\"name\":\"Rule{rule}\",\"shortDescription\":{{\
                 \"text\":\"Value reaches sink {rule}\"}},\"fullDescription\":{{\"text\":\"A value that \
                 a user controls reaches sink {rule} without a check.\"}},\"helpUri\":\
                 \"https://example.com/rules/{rule}\",\"properties\":{{\"tags\":[\"security\",\
                 \"external/cwe/cwe-{}\"],\"security-severity\":\"{}.5\"}}}}",
                20 + rule,
                1 + rule % 9
            )?;
        }
        write!(out, "]}}}},\"results\":[")?;
        for n in 0..n_results {
            let comma = if n > 0 { "," } else { "" };
            let (rule, file, line) = (n % 200, n % 5000, 1 + n % 3001);
            write!(
                out,
                "{comma}\n{{\"ruleId\":\"made/rule-{rule}\",\"ruleIndex\":{rule},\"level\":\"error\",\
                 \"message\":{{\"text\":\"The value read at line {line} reaches sink {rule}; call {n} \
                 passes it on without looking at it.\"}},\"locations\":[{{\"physicalLocation\":{{\
                 \"artifactLocation\":{{\"uri\":\"src/module{}/file{file}.c\",\"uriBaseId\":\
                 \"%SRCROOT%\",\"index\":{file}}},\"region\":{{\"startLine\":{line},\"startColumn\":{},\
                 \"endLine\":{line},\"endColumn\":{},\"snippet\":{{\"text\":\"  strcpy(buffer_{n}, \
                 argument_{n});\"}}}},\"contextRegion\":{{\"startLine\":{line},\"endLine\":{},\
                 \"snippet\":{{\"text\":\"int f_{n}(char *argument_{n}) {{\\n  char buffer_{n}[16];\\n  \
                 strcpy(buffer_{n}, argument_{n});\\n  return use(buffer_{n});\\n}}\"}}}}}},\
                 \"logicalLocations\":[{{\"fullyQualifiedName\":\"module{}::f_{n}\"}}]}}],\
                 \"partialFingerprints\":{{\"primaryLocationLineHash\":\"{:016x}:1\"}},\"properties\":\
                 {{\"precision\":\"high\",\"batch\":{}}}}}",
                file % 40,
                1 + n % 60,
                20 + n % 60,
                line + 5,
                file % 40,
                (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
                n / 1000
            )?;
        }
        write!(out, "]}}]}}")
    })
}

/// A Trivy report of that many vulnerabilities in packages of one image, about 1.6 kB each.
pub(crate) fn trivy(n_vulnerabilities: usize) -> Result<PathBuf> {
    made(&format!("image-{n_vulnerabilities}.trivy.json"), |out| {
        write!(
            out,
            "{{\"SchemaVersion\":2,\"CreatedAt\":\"2026-01-01T00:00:00Z\",\"ArtifactName\":\
             \"registry.example.com/made:1\",\"ArtifactType\":\"container_image\",\"Metadata\":{{\"OS\":{{\
             \"Family\":\"debian\",\"Name\":\"12\"}}}},\"Results\":[{{\"Target\":\"made:1 (debian 12)\",\
             \"Class\":\"os-pkgs\",\"Type\":\"debian\",\"Vulnerabilities\":["
        )?;
        for n in 0..n_vulnerabilities {
            let comma = if n > 0 { "," } else { "" };
            let (package, cve) = (n % 2000, n / 2000);
            let severity = ["LOW", "MEDIUM", "HIGH", "CRITICAL"][cve % 4];
            write!(
                out,
                "{comma}{{\"VulnerabilityID\":\"CVE-2025-{}\",\"PkgID\":\"lib{package}@1.{package}-1\",\
                 \"PkgName\":\"lib{package}\",\"PkgIdentifier\":{{\"PURL\":\
                 \"pkg:deb/debian/lib{package}@1.{package}-1?arch=amd64&distro=debian-12\",\"UID\":\
                 \"{n:016x}\"}},\"InstalledVersion\":\"1.{package}-1\",\"FixedVersion\":\"1.{package}-2\",\
                 \"Status\":\"fixed\",\"Layer\":{{\"DiffID\":\"sha256:{:064x}\"}},\"SeveritySource\":\
                 \"nvd\",\"PrimaryURL\":\"https://avd.example.com/nvd/cve-2025-{cve}\",\"DataSource\":{{\
                 \"ID\":\"debian\",\"Name\":\"Debian Security Tracker\"}},\"Title\":\"parser: a \
                 length is not checked ({cve})\",\"Description\":\"In the parser of the library a length \
                 that an attacker controls is used before it is checked, so that a crafted file makes it \
                 write behind the end of a buffer. Flaw {cve} of this kind; versions before the fixed one \
                 are affected when they read untrusted files. A program that links against the library and \
                 hands it files from the network is affected too.\",\"Severity\":\"{severity}\",\
                 \"CweIDs\":[\"CWE-787\",\"CWE-20\"],\"VendorSeverity\":{{\"nvd\":3,\"redhat\":2}},\
                 \"CVSS\":{{\"nvd\":{{\"V3Vector\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H\",\
                 \"V3Score\":8.8}},\"redhat\":{{\"V3Vector\":\
                 \"CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H\",\"V3Score\":5.5}}}},\"References\":[\
                 \"https://example.com/advisories/{cve}\",\"https://example.com/commits/{cve:040x}\"],\
                 \"PublishedDate\":\"2025-03-04T05:06:07.89Z\",\"LastModifiedDate\":\
                 \"2025-04-04T05:06:07.89Z\"}}",
                1000 + cve,
                n % 12
            )?;
        }
        write!(out, "]}}]}}")
    })
}

/// The real scan with 2,681 findings, from the data folder.
pub(crate) fn sys_scan() -> Result<PathBuf> {
    let beside = || tool::root().join("../shared/data");
    let folder = std::env::var_os("CASEMATE_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join("sys_scan_v6/sysscan-full.json.gz");
    anyhow::ensure!(
        path.is_file(),
        "{} is not there; set CASEMATE_DATA",
        path.display()
    );
    Ok(path.canonicalize()?)
}

/// Writes a file under the target folder once.
fn made(
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<PathBuf> {
    let folder = tool::target().join("bench-data");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(name);
    if path.is_file() {
        return Ok(path);
    }
    let unfinished = folder.join(format!("{name}.part"));
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
    write(&mut out)?;
    out.flush()?;
    drop(out);
    std::fs::rename(&unfinished, &path)?;
    Ok(path)
}
