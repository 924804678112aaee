//! Masscan's JSON, its JSON lines and its plain list.

use super::loose_json::repaired;
use super::ports::Port;
use crate::collector::Collector;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use serde_json::Value;

/// Reads the list of hosts, or one record per line.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let sound: Value;
    let records = match input.json() {
        Ok(records) => records,
        Err(error) => {
            // Versions before 1.3 end the list with a comma or with `{finished: 1}`.
            let text = input.text()?.replace("{finished: 1}", "");
            sound = serde_json::from_str(&repaired(&text)).map_err(|_| error)?;
            &sound
        }
    };
    for (index, record) in field::each(records).iter().enumerate() {
        let address = field::text(record, "ip");
        if address.is_empty() {
            if field::text(record, "finished").is_empty() {
                out.reject(format!("[{index}]"), "it has no address");
            }
        } else if record.get("ports").is_some() {
            for port in field::list(record, "ports") {
                one(&address, record, port, port, out);
            }
        } else {
            let data = record.get("data").unwrap_or(record);
            one(&address, record, record, data, out);
        }
    }
    Ok(())
}

/// One port; `data` is what is known of it, which JSON lines keep apart.
fn one(address: &str, record: &Value, port: &Value, data: &Value, out: &mut Collector) {
    let state = field::text(data, "status");
    if !(state.is_empty() || state.eq_ignore_ascii_case("open")) {
        return;
    }
    let of_service = |name: &str| field::text(data, ["service", name]);
    let known = Port {
        host: address.to_owned(),
        number: field::text(port, "port"),
        protocol: field::text(port, "proto"),
        service: [of_service("name"), field::text(data, "service_name")].concat(),
        extra: [of_service("banner"), field::text(data, "banner")].concat(),
        reason: field::text(data, "reason"),
        seen_at: field::text(record, "timestamp"),
        ..Port::default()
    };
    if known.number.is_empty() {
        out.reject(address, "it names no port");
    } else {
        out.finding(known.draft());
    }
}

/// Reads `open tcp 80 192.0.2.1 1460000000`, one port per line.
pub(super) fn read_list(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let text = input.text()?;
    for (index, line) in crate::lines::plain(&text).lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            ["open", protocol, port, address, rest @ ..] => out.finding(
                Port {
                    host: (*address).to_owned(),
                    number: (*port).to_owned(),
                    protocol: (*protocol).to_owned(),
                    seen_at: rest.first().copied().unwrap_or_default().to_owned(),
                    ..Port::default()
                }
                .draft(),
            ),
            ["banner", protocol, port, address, _, service, banner @ ..] => out.finding(
                Port {
                    host: (*address).to_owned(),
                    number: (*port).to_owned(),
                    protocol: (*protocol).to_owned(),
                    service: (*service).to_owned(),
                    extra: banner.join(" "),
                    ..Port::default()
                }
                .draft(),
            ),
            ["closed", ..] => {}
            _ => out.reject(format!("line {}", index + 1), "it is no line of a port"),
        }
    }
    Ok(())
}
