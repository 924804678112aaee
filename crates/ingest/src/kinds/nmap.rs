//! Nmap's XML, which masscan writes too: open ports, and what scripts found there.

use super::nse::{self, Place};
use super::ports::Port;
use super::words;
use crate::collector::Collector;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::ItemPath;
use serde_json::Value;

/// Longest output of a script that is kept as evidence, in characters.
const OUTPUT_CHARACTERS: usize = 8000;

/// Reads a scan.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = ItemPath::parse("nmaprun.host[]").map_err(|reason| ImportError::Mapping {
        name: "nmap".to_owned(),
        reason,
    })?;
    let around = items::around(input, Family::Xml, &path)?;
    let Some(run) = around.get("nmaprun") else {
        return Err(ImportError::NotThisKind {
            kind: "nmap".to_owned(),
            reason: "there is no `nmaprun`".to_owned(),
        });
    };
    match field::text(run, "@scanner").as_str() {
        "" | "nmap" => {}
        "masscan" => out.tool("Masscan"),
        other => out.tool(other),
    }
    out.tool_version(&field::text(run, "@version"));
    out.scanned_at(&field::text(run, "@start"));
    let mut n_hosts = 0_u64;
    items::each(input, Family::Xml, &path, &[], &mut |scope| {
        n_hosts += 1;
        host(scope.item, out);
        Ok(())
    })?;
    let finished = field::at(run, "runstats.finished");
    if field::text(finished, "@exit") == "error" {
        let reason = field::first(finished, ["@errormsg", "@summary"]);
        if n_hosts == 0 {
            return Err(ImportError::ToolFailed { reason });
        }
        out.note(format!("the scan ended with an error: {reason}"));
    }
    Ok(())
}

fn host(host: &Value, out: &mut Collector) {
    let addresses = || field::list(host, "address").iter();
    let of_type = |kinds: &[&str]| {
        addresses()
            .find(|one| kinds.contains(&field::text(one, "@addrtype").as_str()))
            .map(|one| field::text(one, "@addr"))
    };
    let address = of_type(&["ipv4"])
        .or_else(|| of_type(&["ipv6", ""]))
        .or_else(|| of_type(&["mac"]));
    let mut names: Vec<String> = Vec::new();
    for name in field::list(host, "hostnames.hostname") {
        let name = field::text(name, "@name");
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    let address = address
        .or_else(|| names.first().cloned())
        .unwrap_or_default();
    let mut about = vec![("mac", of_type(&["mac"]).unwrap_or_default())];
    if let Some(system) = field::list(host, "os.osmatch").iter().next() {
        let (name, accuracy) = (
            field::text(system, "@name"),
            field::text(system, "@accuracy"),
        );
        about.push(("operating system", format!("{name} ({accuracy} %)")));
    }
    for port in field::list(host, "ports.port") {
        if field::text(port, "state.@state") == "open" {
            open_port(port, &address, &names, &about, host, out);
        }
    }
    for script in field::list(host, "hostscript.script") {
        let place = Place {
            host: &address,
            subject: "",
            component: None,
        };
        nse::script(script, &place, out);
    }
}

fn open_port(
    port: &Value,
    address: &str,
    names: &[String],
    about: &[(&str, String)],
    host: &Value,
    out: &mut Collector,
) {
    let service = |name: &str| field::text(port, ["service", name]);
    let known = Port {
        host: address.to_owned(),
        names: names.to_vec(),
        number: field::text(port, "@portid"),
        protocol: field::text(port, "@protocol"),
        service: match service("@tunnel").as_str() {
            "ssl" => format!("ssl/{}", service("@name")),
            _ => service("@name"),
        },
        product: service("@product"),
        version: service("@version"),
        // Masscan writes what the service said as `banner`.
        extra: [service("@extrainfo"), service("@banner")]
            .join(" ")
            .trim()
            .to_owned(),
        cpes: field::texts(port, "service.cpe"),
        reason: field::text(port, "state.@reason"),
        tls: None,
        seen_at: field::text(host, "@endtime"),
    };
    let mut draft = known.draft();
    for (name, value) in about {
        draft.see(name, value);
    }
    for script in field::list(port, "script") {
        let (id, output) = (field::text(script, "@id"), field::text(script, "@output"));
        if !nse::finds(&id, script) {
            draft.see(
                &format!("script {id}"),
                words::cut(&output, OUTPUT_CHARACTERS),
            );
        }
    }
    let (subject, component) = (draft.subject.clone(), draft.component.clone());
    out.finding(draft);
    let place = Place {
        host: address,
        subject: &subject,
        component,
    };
    for script in field::list(port, "script") {
        nse::script(script, &place, out);
    }
}
