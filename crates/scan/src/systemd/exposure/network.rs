//! `RestrictAddressFamilies=`, `IPAddressAllow=` and `IPAddressDeny=`.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::systemd::words::{Rules, words};

/// The address families in the groups of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Inet,
    Unix,
    Netlink,
    Packet,
    Other,
}

/// Families that are none of the named ones, without `AF_` (address_families(7)).
const OTHERS: &str = "AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 ROSE DECNET NETBEUI SECURITY \
    KEY ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC \
    ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP";

/// The group of a family and the one name of it.
fn family(word: &str) -> Option<(Family, &'static str)> {
    let (head, name) = word.split_at_checked(3)?;
    if !head.eq_ignore_ascii_case("AF_") {
        return None;
    }
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    Some(match () {
        () if is("INET") => (Family::Inet, "INET"),
        () if is("INET6") => (Family::Inet, "INET6"),
        () if is("UNIX") || is("LOCAL") || is("FILE") => (Family::Unix, "UNIX"),
        () if is("NETLINK") || is("ROUTE") => (Family::Netlink, "NETLINK"),
        () if is("PACKET") => (Family::Packet, "PACKET"),
        () => (
            Family::Other,
            OTHERS.split_ascii_whitespace().find(|other| is(other))?,
        ),
    })
}

/// The families that a service may use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Families {
    allows: bool,
    list: Option<BTreeSet<(Family, &'static str)>>,
}

impl Families {
    /// Applies one assignment.
    pub(super) fn assign(&mut self, value: &str) {
        if value.is_empty() || value == "none" {
            *self = Self {
                allows: !value.is_empty(),
                list: None,
            };
            return;
        }
        let (takes, words_of) = match value.strip_prefix('~') {
            Some(list) => (true, list),
            None => (false, value),
        };
        if self.list.is_none() {
            self.allows = !takes;
        }
        let list = self.list.get_or_insert_default();
        for family in words(words_of, Rules::QUOTED)
            .iter()
            .filter_map(|word| family(word))
        {
            if self.allows == takes {
                list.remove(&family);
            } else {
                list.insert(family);
            }
        }
    }

    /// Whether the group is closed. One family of a group decides for the whole group.
    pub(super) fn forbids(&self, group: Family) -> bool {
        let listed = self
            .list
            .iter()
            .flatten()
            .any(|(family, _)| *family == group);
        self.allows != listed
    }
}

/// What the address lists say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Addresses {
    denied: BTreeSet<(IpAddr, u8)>,
    allowed: BTreeSet<(IpAddr, u8)>,
}

impl Addresses {
    /// Applies one assignment of `IPAddressDeny=`.
    pub(super) fn deny(&mut self, value: &str) {
        assign(&mut self.denied, value);
    }

    /// Applies one assignment of `IPAddressAllow=`.
    pub(super) fn allow(&mut self, value: &str) {
        assign(&mut self.allowed, value);
    }

    /// Every address of both families is denied.
    pub(super) fn denies_all(&self) -> bool {
        let whole = |is: fn(&IpAddr) -> bool| {
            self.denied
                .iter()
                .any(|(address, len)| *len == 0 && is(address))
        };
        whole(IpAddr::is_ipv4) && whole(IpAddr::is_ipv6)
    }

    /// An address of this host is allowed.
    pub(super) fn allows_localhost(&self) -> bool {
        self.allowed
            .iter()
            .any(|(address, _)| address.is_loopback())
    }

    /// Another address is allowed.
    pub(super) fn allows_others(&self) -> bool {
        self.allowed
            .iter()
            .any(|(address, _)| !address.is_loopback())
    }
}

fn assign(set: &mut BTreeSet<(IpAddr, u8)>, value: &str) {
    if value.is_empty() {
        set.clear();
        return;
    }
    for word in words(value, Rules::PLAIN) {
        match word.as_str() {
            "any" => set.extend(pair([0, 0, 0, 0], 0, 0, 0)),
            "link-local" => set.extend(pair([169, 254, 0, 0], 16, 0xfe80, 64)),
            "multicast" => set.extend(pair([224, 0, 0, 0], 4, 0xff00, 8)),
            name if is_localhost(name) => {
                set.insert((IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8));
                set.insert((IpAddr::V6(Ipv6Addr::LOCALHOST), 128));
            }
            other => set.extend(prefix(other)),
        }
    }
}

fn pair(v4: [u8; 4], v4_len: u8, v6_head: u16, v6_len: u8) -> [(IpAddr, u8); 2] {
    let v6 = Ipv6Addr::new(v6_head, 0, 0, 0, 0, 0, 0, 0);
    [(IpAddr::V4(v4.into()), v4_len), (IpAddr::V6(v6), v6_len)]
}

/// `localhost` with the endings that resolvers give it.
fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    let name = name.strip_suffix(".localdomain").unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// `10.0.0.0/8`, `::1`: the address with the bits behind the prefix cleared.
fn prefix(text: &str) -> Option<(IpAddr, u8)> {
    let (address, len) = match text.split_once('/') {
        Some((address, len)) => (address, Some(len.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = if address.is_ipv4() { 32 } else { 128 };
    let len = len.unwrap_or(bits);
    let behind = u32::from(bits.checked_sub(len)?);
    let masked = match address {
        IpAddr::V4(v4) => {
            IpAddr::V4((v4.to_bits() & u32::MAX.checked_shl(behind).unwrap_or(0)).into())
        }
        IpAddr::V6(v6) => {
            IpAddr::V6((v6.to_bits() & u128::MAX.checked_shl(behind).unwrap_or(0)).into())
        }
    };
    Some((masked, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_families(values: &[&str], forbidden: &[Family]) {
        let mut families = Families::default();
        values.iter().for_each(|value| families.assign(value));
        let all = [
            Family::Inet,
            Family::Unix,
            Family::Netlink,
            Family::Packet,
            Family::Other,
        ];
        let found: Vec<_> = all
            .into_iter()
            .filter(|one| families.forbids(*one))
            .collect();
        assert_eq!(found, forbidden, "{values:?}");
    }

    #[test]
    fn families_merge() {
        use Family::{Inet, Netlink, Other, Packet, Unix};
        check_families(&["~AF_INET"], &[Inet]);
        check_families(&["af_unix AF_INET6"], &[Netlink, Packet, Other]);
        check_families(
            &["AF_UNIX AF_CAN", "~AF_CAN"],
            &[Inet, Netlink, Packet, Other],
        );
        check_families(&["none"], &[Inet, Unix, Netlink, Packet, Other]);
        check_families(&["none", "~AF_LOCAL"], &[Unix]);
        check_families(&["AF_UNIX", ""], &[]);
        check_families(&["AF_NONSENSE"], &[Inet, Unix, Netlink, Packet, Other]);
    }

    fn check_addresses(deny: &[&str], allow: &[&str], expected: (bool, bool, bool)) {
        let mut addresses = Addresses::default();
        deny.iter().for_each(|value| addresses.deny(value));
        allow.iter().for_each(|value| addresses.allow(value));
        let found = (
            addresses.denies_all(),
            addresses.allows_localhost(),
            addresses.allows_others(),
        );
        assert_eq!(found, expected, "{deny:?} {allow:?}");
    }

    #[test]
    fn addresses_merge() {
        check_addresses(&["any"], &["localhost"], (true, true, false));
        check_addresses(&["0.0.0.0/0", "::/0"], &["10.0.0.0/8"], (true, false, true));
        check_addresses(&["0.0.0.0/0"], &["127.1.2.3 ::1"], (false, true, false));
        check_addresses(&["any", ""], &["127.0.0.1/0"], (false, false, true));
        check_addresses(
            &["10.0.0.1/33 x any"],
            &["a.Localhost.LOCALDOMAIN."],
            (true, true, false),
        );
    }
}
