//! Nmap's normal and greppable output.

use super::nse::{self, Place};
use super::ports::{Port, split_software};
use super::words;
use crate::collector::Collector;
use crate::error::ImportError;
use crate::input::Input;

/// Longest output of a script that is kept as evidence, in characters.
const OUTPUT_CHARACTERS: usize = 8000;

/// A host and its open ports as they are read.
#[derive(Default)]
struct Host {
    address: String,
    names: Vec<String>,
    /// Name and words of the columns after the service.
    has_reason: bool,
    ports: Vec<(Port, Vec<Script>)>,
    scripts: Vec<Script>,
    in_host_scripts: bool,
}

#[derive(Default)]
struct Script {
    id: String,
    output: String,
}

/// Reads the normal output, from a file or a screen.
pub(super) fn read_normal(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = crate::lines::plain(&text);
    let mut host: Option<Host> = None;
    let mut ended = false;
    // Whether script lines belong to a port that is not reported.
    let mut skipped = false;
    for line in text.lines() {
        ended |= about(line, out);
        if let Some(rest) = line.strip_prefix("Nmap scan report for ") {
            if let Some(before) = host.take() {
                before.report(out);
            }
            host = Some(Host::named(rest));
            skipped = false;
            continue;
        }
        let Some(host) = &mut host else { continue };
        if line.starts_with('|') {
            if !skipped {
                host.script_line(line);
            }
        } else if line.starts_with("PORT ") {
            host.has_reason = line.contains(" REASON");
        } else if line.starts_with("Host script results:") {
            host.in_host_scripts = true;
            skipped = false;
        } else if let Some(name) = line.strip_prefix("rDNS record for ") {
            let name = name.split_once(": ").map_or(name, |(_, name)| name);
            host.names.push(name.trim().to_owned());
        } else if let Some(open) = port_line(line, host.has_reason) {
            skipped = open.is_none();
            host.ports.extend(open.map(|port| (port, Vec::new())));
        }
    }
    if let Some(host) = host {
        host.report(out);
    }
    if !ended {
        out.note("the output has no end: the scan was stopped, or the file is cut");
    }
    Ok(())
}

/// Takes what a line says of the scan; whether it says that the scan ended.
fn about(line: &str, out: &mut Collector) -> bool {
    let begins = line
        .strip_prefix("# Nmap ")
        .or_else(|| line.strip_prefix("# Masscan "));
    if let Some((version, rest)) = begins.and_then(|rest| rest.split_once(" scan initiated ")) {
        if line.starts_with("# Masscan") {
            out.tool("Masscan");
        }
        out.tool_version(version);
        out.scanned_at(rest.split(" as: ").next().unwrap_or(rest));
    } else if let Some(rest) = line.strip_prefix("Starting Nmap ") {
        out.tool_version(rest.split_whitespace().next().unwrap_or_default());
        let time = rest.split_once(" at ").map_or("", |(_, time)| time);
        out.scanned_at(time.get(..16).unwrap_or(time));
    }
    line.starts_with("# Nmap done")
        || line.starts_with("Nmap done")
        || line.starts_with("# Masscan done")
}

/// `22/tcp open ssh OpenSSH 8.9`: `Some(None)` for a port that is not open, `None` for other lines.
fn port_line(line: &str, has_reason: bool) -> Option<Option<Port>> {
    let mut rest = line;
    let mut word = || {
        rest = rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        word
    };
    let (number, protocol) = word().split_once('/')?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if word() != "open" {
        return Some(None);
    }
    // A question mark says that the service is only guessed.
    let service = word().trim_end_matches('?');
    let reason = if has_reason { word() } else { "" };
    let mut software = rest.trim();
    if has_reason && let Some(after) = software.strip_prefix("ttl ") {
        software = after
            .split_once(char::is_whitespace)
            .map_or("", |(_, after)| after.trim());
    }
    let (product, version, extra) = split_software(software);
    Some(Some(Port {
        number: number.to_owned(),
        protocol: protocol.to_owned(),
        service: service.to_owned(),
        reason: reason.to_owned(),
        product,
        version,
        extra,
        ..Port::default()
    }))
}

impl Host {
    /// `192.0.2.1` or `example.com (192.0.2.1)`, with `[host down]` behind it perhaps.
    fn named(text: &str) -> Self {
        let text = text.split(" [").next().unwrap_or(text).trim();
        let (name, address) = match text.rsplit_once(" (") {
            Some((name, address)) => (Some(name), address.trim_end_matches(')')),
            None => (None, text),
        };
        Self {
            address: address.to_owned(),
            names: name.map(str::to_owned).into_iter().collect(),
            ..Self::default()
        }
    }

    fn script_line(&mut self, line: &str) {
        let scripts = match self.ports.last_mut() {
            Some((_, scripts)) if !self.in_host_scripts => scripts,
            _ => &mut self.scripts,
        };
        let body = line.strip_prefix('|').unwrap_or(line);
        let begins = body
            .strip_prefix([' ', '_'])
            .filter(|rest| !rest.starts_with([' ', '\t']))
            .and_then(|rest| rest.split_once(':'))
            .filter(|(id, _)| {
                !id.is_empty()
                    && id
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            });
        match (begins, scripts.last_mut()) {
            (Some((id, output)), _) => scripts.push(Script {
                id: id.to_owned(),
                output: output.trim_start().to_owned(),
            }),
            (None, Some(last)) => {
                last.output.push('\n');
                last.output.push_str(body.trim_start_matches('_'));
            }
            (None, None) => {}
        }
    }

    fn report(self, out: &mut Collector) {
        for (mut port, scripts) in self.ports {
            port.host.clone_from(&self.address);
            port.names.clone_from(&self.names);
            let mut draft = port.draft();
            let place = Place {
                host: &self.address,
                subject: &port.subject(),
                component: port.component(),
            };
            for script in scripts.iter().filter(|script| !script.finds()) {
                draft.see(
                    &format!("script {}", script.id),
                    words::cut(&script.output, OUTPUT_CHARACTERS),
                );
            }
            out.finding(draft);
            for script in &scripts {
                script.take(&place, out);
            }
        }
        let place = Place {
            host: &self.address,
            subject: "",
            component: None,
        };
        for script in &self.scripts {
            script.take(&place, out);
        }
    }
}

impl Script {
    fn finds(&self) -> bool {
        self.id == "vulners" || nse::is_library_text(&self.output)
    }

    fn take(&self, place: &Place<'_>, out: &mut Collector) {
        if self.id == "vulners" {
            nse::vulners_text(&self.output, place, out);
        } else {
            nse::library_text(&self.id, &self.output, place, out);
        }
    }
}

/// Reads the greppable output, which masscan writes too.
pub(super) fn read_greppable(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    let text = crate::lines::plain(&text);
    let mut ended = false;
    for line in text.lines() {
        ended |= about(line, out);
        let mut address = String::new();
        let mut names = Vec::new();
        let mut seen_at = "";
        for field in line.split('\t') {
            if let Some(time) = field.strip_prefix("Timestamp: ") {
                seen_at = time;
            } else if let Some(host) = field.strip_prefix("Host: ") {
                let (one, name) = host.split_once(" (").unwrap_or((host, ""));
                one.trim().clone_into(&mut address);
                let name = name.trim_end_matches(')');
                names.extend((!name.is_empty()).then(|| name.to_owned()));
            } else if let Some(ports) = field.strip_prefix("Ports: ") {
                for mut port in greppable_ports(ports) {
                    port.host.clone_from(&address);
                    port.names.clone_from(&names);
                    seen_at.clone_into(&mut port.seen_at);
                    out.finding(port.draft());
                }
            }
        }
    }
    if !ended {
        out.note("the output has no end: the scan was stopped, or the file is cut");
    }
    Ok(())
}

/// The open ones of `22/open/tcp//ssh//OpenSSH 8.9/, 80/closed/tcp//http///`.
fn greppable_ports(text: &str) -> Vec<Port> {
    let mut out: Vec<Port> = Vec::new();
    let mut pieces: Vec<String> = Vec::new();
    for piece in text.split(", ") {
        let number = piece.split('/').next().unwrap_or_default().trim();
        let begins = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        match pieces.last_mut() {
            // A comma inside of the software's name.
            Some(last) if !(begins && piece.contains('/')) => {
                last.push_str(", ");
                last.push_str(piece);
            }
            _ => pieces.push(piece.to_owned()),
        }
    }
    for piece in &pieces {
        // Port, state, protocol, owner, service, RPC, version.
        let fields: Vec<&str> = piece.trim().split('/').collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or_default().trim();
        if field(1) != "open" {
            continue;
        }
        let (product, version, extra) = split_software(&field(6).replace('|', "/"));
        out.push(Port {
            number: field(0).to_owned(),
            protocol: field(2).to_owned(),
            service: field(4).trim_end_matches('?').replace('|', "/"),
            product,
            version,
            extra,
            ..Port::default()
        });
    }
    out
}
