//! Naabu's JSON lines.

use super::ports::Port;
use crate::collector::Collector;
use crate::error::ImportError;
use crate::field;
use crate::input::Input;
use crate::items::{self, Family};
use crate::path::ItemPath;

/// Reads one port per record.
pub(super) fn read(input: &Input<'_>, out: &mut Collector) -> Result<(), ImportError> {
    let path = ItemPath::parse("[]").map_err(|reason| ImportError::Mapping {
        name: "naabu".to_owned(),
        reason,
    })?;
    items::each(input, Family::Json, &path, &[], &mut |scope| {
        let record = scope.item;
        let (name, address) = (field::text(record, "host"), field::text(record, "ip"));
        // Some versions write the port as an object, with its protocol as a number.
        let inner = record.get("port").filter(|port| port.is_object());
        let number = inner.map_or_else(
            || field::text(record, "port"),
            |port| field::first(port, ["Port", "port"]),
        );
        let protocol = inner.map_or_else(
            || field::text(record, "protocol"),
            |port| match field::first(port, ["Protocol", "protocol"]).as_str() {
                "1" => "udp".to_owned(),
                "0" => "tcp".to_owned(),
                word => word.to_owned(),
            },
        );
        if number.is_empty() || (name.is_empty() && address.is_empty()) {
            out.reject(scope.place, "it names no host or no port");
            return Ok(());
        }
        let tls = inner.map_or_else(
            || field::flag(record, "tls"),
            |port| field::flag(port, "TLS").or_else(|| field::flag(port, "tls")),
        );
        let known = Port {
            host: if address.is_empty() {
                name.clone()
            } else {
                address
            },
            names: (!name.is_empty()).then_some(name).into_iter().collect(),
            number,
            protocol,
            tls,
            seen_at: field::text(record, "timestamp"),
            ..Port::default()
        };
        out.finding(known.draft());
        Ok(())
    })
}
