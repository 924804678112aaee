//! `DevicePolicy=` and `DeviceAllow=`: which device nodes a service may open.

/// The policy of a unit that sets none allows everything as soon as nothing is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Policy {
    #[default]
    Auto,
    Closed,
    Strict,
}

/// Policy and whether devices are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Devices {
    policy: Policy,
    listed: bool,
}

impl Devices {
    /// Whether only listed devices may be opened (and the harmless ones, when `closed`).
    pub(super) fn is_limited(&self) -> bool {
        self.policy != Policy::Auto
    }

    /// Whether devices are listed.
    pub(super) fn has_list(&self) -> bool {
        self.listed
    }

    /// `DevicePolicy=`; other words change nothing.
    pub(super) fn set_policy(&mut self, value: &str) {
        self.policy = match value {
            "auto" => Policy::Auto,
            "closed" => Policy::Closed,
            "strict" => Policy::Strict,
            _ => self.policy,
        };
    }

    /// `DeviceAllow=` without a value.
    pub(super) fn reset(&mut self) {
        self.listed = false;
    }

    /// `DeviceAllow=`: a node below `/dev` or a group of nodes, then rights out of `rwm`.
    pub(super) fn allow(&mut self, device: &str, rights: &str) {
        let is_group = ["block-", "char-"]
            .iter()
            .any(|head| device.starts_with(head));
        if (is_group || is_node(device)) && rights.bytes().all(|byte| b"rwm".contains(&byte)) {
            self.listed = true;
        }
    }

    /// `PrivateDevices=`.
    pub(super) fn close(&mut self) {
        if self.policy == Policy::Auto {
            self.policy = Policy::Closed;
        }
    }

    /// Another setting needs a device of its own.
    pub(super) fn open(&mut self) {
        self.listed = true;
    }

    /// Images are set up through loop devices, which matters once devices are limited.
    pub(super) fn open_for_images(&mut self) {
        self.listed |= self.is_limited();
    }
}

fn is_node(path: &str) -> bool {
    let inside = ["/dev/", "/run/systemd/inaccessible/"]
        .iter()
        .any(|head| path.starts_with(head));
    inside && path.split('/').all(|part| part != "..")
}

/// `source:destination`, both absolute, the source with an optional `-`.
pub(super) fn is_mount_image(word: &str) -> bool {
    let mut parts = word.trim_start_matches('-').split(':');
    let mut is_path = || parts.next().is_some_and(|part| part.starts_with('/'));
    is_path() && is_path()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_policies() {
        for (device, rights, listed) in [
            ("/dev/null", "rw", true),
            ("char-rtc", "", true),
            ("/dev/../etc/x", "", false),
            ("/etc/x", "r", false),
            ("/dev/null", "r w", false),
        ] {
            let mut devices = Devices::default();
            devices.allow(device, rights);
            assert_eq!(devices.has_list(), listed, "{device} {rights}");
        }
        let mut devices = Devices::default();
        devices.open_for_images();
        assert!(!devices.has_list() && !devices.is_limited());
        devices.close();
        devices.set_policy("nonsense");
        devices.open_for_images();
        assert!(devices.has_list() && devices.is_limited());
        assert!(is_mount_image("-/a:/b:ro") && !is_mount_image("/a"));
    }
}
