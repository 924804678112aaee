//! Which sockets wait for strangers, and which program of which user holds each.
//!
//! Source: proc(5), `/proc/net/{tcp,tcp6,udp,udp6,raw,raw6,packet,unix}`. Addresses are hexadecimal
//! words in the byte order of the host (little endian on all machines that we run on); an IPv6
//! address is four such words. The tables are read before the processes' open files are joined to
//! them by inode. Sorted by protocol, port, address and inode.

use super::processes::{self, Process};
use super::{Fact, Facts, read_or_limit};
use crate::check::{Limit, Skip};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Most sockets taken of each table.
const SOCKETS_MAX: usize = 200_000;

/// Protocol of a socket, both versions of IP alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// `tcp` or `udp`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Who holds a socket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Programs that hold it, sorted; the init process is left out if there is another.
    pub(crate) programs: BTreeSet<String>,
    /// Effective users of these programs.
    pub(crate) uids: BTreeSet<u32>,
    /// Systemd services of these programs.
    pub(crate) units: BTreeSet<String>,
}

impl Holder {
    fn add(&mut self, process: &Process) {
        self.programs.insert(process.program());
        self.uids.insert(process.uid);
        self.units.extend(process.unit.clone());
    }

    /// The programs in one line, or that none was seen.
    pub(crate) fn shown(&self) -> String {
        if self.programs.is_empty() {
            return "unknown program".to_owned();
        }
        let names: Vec<&str> = self.programs.iter().map(String::as_str).collect();
        names.join(", ")
    }
}

/// A TCP socket that listens, or a UDP socket that takes datagrams from anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    pub(crate) protocol: Protocol,
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
    /// User that made it.
    pub(crate) uid: u32,
    pub(crate) inode: u64,
    pub(crate) holder: Holder,
}

impl Listener {
    /// Whether it takes connections on every address of the host.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.address.is_unspecified()
    }

    /// Whether it can be reached from this host alone.
    pub(crate) fn is_loopback(&self) -> bool {
        self.address.is_loopback()
    }
}

/// A raw or packet socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raw {
    /// Table that it stands in: `raw`, `raw6` or `packet`.
    pub(crate) table: &'static str,
    /// Protocol number: of IP for raw sockets, of Ethernet for packet sockets.
    pub(crate) protocol: u32,
    pub(crate) uid: u32,
    pub(crate) holder: Holder,
}

/// A socket in the file system that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unix {
    /// Its path, absolute.
    pub(crate) path: String,
    pub(crate) holder: Holder,
}

/// All sockets that matter to checks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sockets {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) raw: Vec<Raw>,
    pub(crate) unix: Vec<Unix>,
    /// Tables that could not be read.
    pub(crate) limits: Vec<Limit>,
    /// Why some holders may be unknown.
    pub(crate) holder_limits: Vec<Limit>,
}

/// One line of an internet table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    address: IpAddr,
    port: u16,
    remote_port: u16,
    remote: IpAddr,
    state: u8,
    uid: u32,
    inode: u64,
}

/// Reads the tables and joins them to the processes.
pub(crate) fn read(facts: &Facts<'_>) -> Fact<Sockets> {
    let tables =
        ["tcp", "tcp6", "udp", "udp6", "unix"].map(|table| Path::new("/proc/net").join(table));
    if !tables.iter().any(|table| facts.exists(table)) {
        return Err(Skip::not_assessed(
            "the tree holds no /proc/net of a running system",
        ));
    }
    let mut sockets = Sockets::default();
    let listeners = listeners(facts, &mut sockets.limits);
    let raw = raw(facts, &mut sockets.limits);
    let unix = read_or_limit(facts, "/proc/net/unix", &mut sockets.limits).unwrap_or_default();
    let unix = parse_unix(&String::from_utf8_lossy(&unix));
    let mut holders = match facts.processes() {
        Ok(all) => {
            sockets.holder_limits.extend_from_slice(&all.limits);
            sockets
                .holder_limits
                .extend_from_slice(&all.descriptor_limits);
            by_inode(&all.list)
        }
        Err(_) => {
            let reason = "the tree holds no processes: holders of sockets are unknown".to_owned();
            let privileges = false;
            sockets.holder_limits.push(Limit { reason, privileges });
            BTreeMap::new()
        }
    };
    let missing: Vec<u64> = listeners.iter().map(|listener| listener.inode).collect();
    let missing: Vec<u64> = missing
        .into_iter()
        .filter(|i| !holders.contains_key(i))
        .collect();
    if !missing.is_empty() && facts.tree().is_live() && facts.options().uid == 0 {
        for (inode, process) in processes::holders(facts.tree(), &missing) {
            holders.entry(inode).or_default().add(&process);
        }
    }
    let take = |inode: u64| holders.get(&inode).cloned().unwrap_or_default();
    sockets.listeners = listeners;
    for listener in &mut sockets.listeners {
        listener.holder = take(listener.inode);
    }
    sockets.raw = raw
        .into_iter()
        .map(|(raw, inode)| Raw {
            holder: take(inode),
            ..raw
        })
        .collect();
    sockets.unix = unix
        .into_iter()
        .map(|(path, inode)| Unix {
            path,
            holder: take(inode),
        })
        .collect();
    drop_closed(facts, &mut sockets.listeners);
    Ok(sockets)
}

/// Leaves out what was closed since the tables were read: a listener without holder that is gone.
fn drop_closed(facts: &Facts<'_>, list: &mut Vec<Listener>) {
    let unknown = list
        .iter()
        .any(|listener| listener.holder.programs.is_empty());
    if !unknown || !facts.tree().is_live() {
        return;
    }
    let again = listeners(facts, &mut Vec::new());
    let there: BTreeSet<u64> = again.iter().map(|listener| listener.inode).collect();
    list.retain(|one| !one.holder.programs.is_empty() || there.contains(&one.inode));
}

fn by_inode(processes: &[Process]) -> BTreeMap<u64, Holder> {
    let mut holders: BTreeMap<u64, Holder> = BTreeMap::new();
    // The init process holds the sockets of services that it starts on demand: others go first.
    let (init, others): (Vec<&Process>, Vec<&Process>) =
        processes.iter().partition(|process| process.pid == 1);
    for process in others {
        for inode in &process.sockets {
            holders.entry(*inode).or_default().add(process);
        }
    }
    for process in init {
        for inode in &process.sockets {
            holders.entry(*inode).or_insert_with(|| {
                let mut holder = Holder::default();
                holder.add(process);
                holder
            });
        }
    }
    holders
}

fn listeners(facts: &Facts<'_>, limits: &mut Vec<Limit>) -> Vec<Listener> {
    const LISTEN: u8 = 0x0a;
    const UNCONNECTED: u8 = 0x07;
    let mut list = Vec::new();
    for (table, protocol, state) in [
        ("tcp", Protocol::Tcp, LISTEN),
        ("tcp6", Protocol::Tcp, LISTEN),
        ("udp", Protocol::Udp, UNCONNECTED),
        ("udp6", Protocol::Udp, UNCONNECTED),
    ] {
        let path = Path::new("/proc/net").join(table);
        let bytes = read_or_limit(facts, path, limits).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().skip(1).take(SOCKETS_MAX).filter_map(line);
        // A listener has no remote port; that is what makes it one, not a reason to leave it out.
        let waiting = lines.filter(|line| line.state == state && line.remote_port == 0);
        list.extend(waiting.map(|line| Listener {
            protocol,
            address: line.address,
            port: line.port,
            uid: line.uid,
            inode: line.inode,
            holder: Holder::default(),
        }));
    }
    list.sort_by_key(|one| (one.protocol, one.port, one.address, one.inode));
    list
}

fn line(text: &str) -> Option<Line> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [_, local, remote, state, _, _, _, uid, _, inode, ..] = fields.as_slice() else {
        return None;
    };
    let (address, port) = endpoint(local)?;
    let (remote, remote_port) = endpoint(remote)?;
    Some(Line {
        address,
        port,
        remote,
        remote_port,
        state: u8::from_str_radix(state, 16).ok()?,
        uid: uid.parse().ok()?,
        inode: inode.parse().ok()?,
    })
}

/// `0100007F:1F90`, or four words for IPv6; an IPv4 address inside an IPv6 one comes out as IPv4.
fn endpoint(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |start: usize| {
        let digits = address.get(start..start + 8)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_le_bytes)
    };
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0_u8; 16];
            for (slot, start) in bytes.chunks_mut(4).zip([0, 8, 16, 24]) {
                slot.copy_from_slice(&word(start)?);
            }
            IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical()
        }
        _ => return None,
    };
    Some((address, port))
}

fn raw(facts: &Facts<'_>, limits: &mut Vec<Limit>) -> Vec<(Raw, u64)> {
    let mut list = Vec::new();
    for table in ["raw", "raw6"] {
        let path = Path::new("/proc/net").join(table);
        let bytes = read_or_limit(facts, path, limits).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().skip(1).take(SOCKETS_MAX).filter_map(line);
        list.extend(lines.map(|line| {
            // The place of the port holds the protocol of IP.
            let protocol = u32::from(line.port);
            let (uid, holder) = (line.uid, Holder::default());
            (
                Raw {
                    table,
                    protocol,
                    uid,
                    holder,
                },
                line.inode,
            )
        }));
    }
    let bytes = read_or_limit(facts, "/proc/net/packet", limits).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    list.extend(
        text.lines()
            .skip(1)
            .take(SOCKETS_MAX)
            .filter_map(packet_line),
    );
    list
}

fn packet_line(text: &str) -> Option<(Raw, u64)> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [_, _, _, protocol, _, _, _, uid, inode] = fields.as_slice() else {
        return None;
    };
    let raw = Raw {
        table: "packet",
        protocol: u32::from_str_radix(protocol, 16).ok()?,
        uid: uid.parse().ok()?,
        holder: Holder::default(),
    };
    Some((raw, inode.parse().ok()?))
}

/// Paths and inodes of listening sockets with a path; abstract names (`@`) have no permissions.
fn parse_unix(text: &str) -> Vec<(String, u64)> {
    const ACCEPTS: u64 = 0x1_0000;
    let lines = text.lines().skip(1).take(SOCKETS_MAX);
    let mut list: Vec<(String, u64)> = lines
        .filter_map(|line| {
            let (head, path) = line.split_once(" /")?;
            let fields: Vec<&str> = head.split_whitespace().collect();
            let [_, _, _, flags, kind, _, inode] = fields.as_slice() else {
                return None;
            };
            let flags = u64::from_str_radix(flags, 16).ok()?;
            let datagram = *kind == "0002";
            let inode = inode.parse().ok()?;
            (flags & ACCEPTS != 0 || datagram).then(|| (format!("/{path}"), inode))
        })
        .collect();
    list.sort();
    list
}

/// First and last port that the kernel hands out to programs that ask for none.
pub(crate) fn ephemeral_ports(facts: &Facts<'_>) -> (u16, u16) {
    let setting = facts.value_if_there("/proc/sys/net/ipv4/ip_local_port_range");
    let text = setting.ok().flatten().unwrap_or_default();
    let mut ports = text.split_whitespace().filter_map(|port| port.parse().ok());
    // The kernel's own default (ip-sysctl).
    (
        ports.next().unwrap_or(32_768),
        ports.next().unwrap_or(60_999),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let (address, port) = endpoint(text).expect("endpoint");
        assert_eq!(
            std::net::SocketAddr::new(address, port).to_string(),
            expected
        );
    }

    #[test]
    fn words_are_little_endian() {
        check("0100007F:1F90", "127.0.0.1:8080");
        check("00000000:0016", "0.0.0.0:22");
        check("00000000000000000000000001000000:0277", "[::1]:631");
        check("B80D0120000000000000000001000000:0050", "[2001:db8::1]:80");
        check("0000000000000000FFFF00000100007F:0050", "127.0.0.1:80");
        check("00000000000000000000000000000000:0050", "[::]:80");
        assert_eq!(endpoint("0100007:50"), None);
    }

    #[test]
    fn a_listener_is_not_a_connection() {
        let text = "   0: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     \
                    0        0 1604 1 0 100 0 0 10 0";
        let line = line(text).expect("line");
        assert_eq!(
            (line.port, line.remote_port, line.state, line.inode),
            (8081, 0, 10, 1604)
        );
        assert!(line.remote.is_unspecified());
    }

    #[test]
    fn a_path_of_a_unix_socket_may_hold_blanks() {
        let text = "Num RefCount Protocol Flags Type St Inode Path\n\
                    0: 00000002 00000000 00010000 0001 01 7 /run/a b\n\
                    0: 00000002 00000000 00010000 0001 01 8 @abstract\n\
                    0: 00000003 00000000 00000000 0001 03 9 /run/connected\n";
        assert_eq!(parse_unix(text), [("/run/a b".to_owned(), 7)]);
    }

    proptest! {
        #[test]
        fn hostile_lines_never_panic(text: String) {
            line(&text);
            packet_line(&text);
            parse_unix(&text);
            endpoint(&text);
        }
    }
}
