//! The settings of a unit that the score looks at, in force after all files are read.
//!
//! Each setting follows its own rule for values that are empty or wrong: yes/no values and words
//! from a fixed list keep what they had, lists are reset, and a few wrong values make systemd
//! refuse the unit (in a drop-in: the rest of that drop-in). After that the implications apply:
//! `DynamicUser=` brings a sandbox, `PrivateDevices=` and the `Protect*=` settings take
//! capabilities, and images and credentials open devices.

use std::collections::{BTreeMap, BTreeSet};

use super::Refusal;
use super::capability::{self, set_of};
use super::devices::{Devices, is_mount_image};
use super::network::{Addresses, Families};
use super::syscalls::Filter;
use super::values::{
    ARCHITECTURES, CHOICES, FLAGS, NAMESPACES, UMASK_DEFAULT, is_account, is_base64, is_credential,
    octal,
};
use crate::systemd::exec;
use crate::systemd::name::UnitKind;
use crate::systemd::parse::Setting;
use crate::systemd::unit::Unit;
use crate::systemd::words::{Rules, boolean, next_word, words};

/// Everything that the score looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sandbox {
    pub(super) default_dependencies: bool,
    pub(super) user: Option<String>,
    pub(super) groups: bool,
    pub(super) bounding: capability::Set,
    pub(super) ambient: capability::Set,
    pub(super) umask: u32,
    pub(super) delegates: bool,
    pub(super) root: Option<String>,
    pub(super) image: Option<String>,
    /// The namespaces that the service may make; `None` when nothing restricts.
    pub(super) namespaces: Option<BTreeSet<&'static str>>,
    pub(super) architectures: BTreeSet<&'static str>,
    pub(super) filter: Option<Filter>,
    pub(super) families: Families,
    pub(super) addresses: Addresses,
    pub(super) has_address_programs: bool,
    pub(super) devices: Devices,
    flags: BTreeSet<&'static str>,
    choices: BTreeMap<&'static str, String>,
    programs: BTreeMap<&'static str, usize>,
    mount_images: usize,
    credentials: BTreeMap<(bool, String), bool>,
    commands: BTreeMap<&'static str, usize>,
    ends_machine: bool,
    has_bus_name: bool,
}

impl Sandbox {
    /// The sandbox of a unit.
    pub(super) fn of(unit: &Unit) -> Result<Self, Refusal> {
        let mut sandbox = Self::initial();
        if unit.kind == UnitKind::Service {
            sandbox.choices.insert("KeyringMode", "private".to_owned());
        }
        let mut skipped = None;
        for setting in &unit.settings {
            if skipped.as_ref() == Some(&setting.file) {
                continue;
            }
            if let Err(refusal) = sandbox.assign(unit, setting) {
                if !unit.is_drop_in(&setting.file) {
                    return Err(refusal);
                }
                skipped = Some(setting.file.clone());
            }
        }
        sandbox.check_commands(unit)?;
        sandbox.imply(unit);
        Ok(sandbox)
    }

    fn initial() -> Self {
        Self {
            default_dependencies: true,
            user: None,
            groups: false,
            bounding: capability::ALL,
            ambient: 0,
            umask: UMASK_DEFAULT,
            delegates: false,
            root: None,
            image: None,
            namespaces: None,
            architectures: BTreeSet::new(),
            filter: None,
            families: Families::default(),
            addresses: Addresses::default(),
            has_address_programs: false,
            devices: Devices::default(),
            flags: BTreeSet::new(),
            choices: BTreeMap::new(),
            programs: BTreeMap::new(),
            mount_images: 0,
            credentials: BTreeMap::new(),
            commands: BTreeMap::new(),
            ends_machine: false,
            has_bus_name: false,
        }
    }

    /// Whether a yes/no setting is on.
    pub(super) fn is_on(&self, key: &str) -> bool {
        self.flags.contains(key)
    }

    /// The word of a setting with a fixed list; `yes` and `no` for yes/no words.
    pub(super) fn choice(&self, key: &str) -> Option<&str> {
        self.choices.get(key).map(String::as_str)
    }

    /// Whether the processes run as root.
    pub(super) fn is_privileged(&self) -> bool {
        match self.user.as_deref() {
            Some("0" | "root") => true,
            Some(_) => false,
            None => !self.is_on("DynamicUser"),
        }
    }

    fn assign(&mut self, unit: &Unit, setting: &Setting) -> Result<(), Refusal> {
        let own = unit.own_section();
        let (key, value) = (setting.key.as_str(), setting.value.as_str());
        if &*setting.section == "Unit" {
            match key {
                "DefaultDependencies" => {
                    self.default_dependencies = boolean(value).unwrap_or(self.default_dependencies);
                }
                "SuccessAction" => self.ends_machine = !matches!(value, "" | "none"),
                _ => {}
            }
            return Ok(());
        }
        if own.is_empty() || *setting.section != *own {
            return Ok(());
        }
        if unit.kind.executes() {
            self.assign_word(unit.kind, key, value);
            self.assign_list(unit, key, value);
            self.assign_strict(unit, setting)?;
        }
        if unit.kind.executes() || matches!(unit.kind, UnitKind::Slice | UnitKind::Scope) {
            self.assign_resource(unit, key, value);
        }
        Ok(())
    }

    /// Yes/no words and words of a fixed list: what does not fit changes nothing.
    fn assign_word(&mut self, kind: UnitKind, key: &str, value: &str) {
        if let (Some(flag), Some(on)) =
            (FLAGS.into_iter().find(|flag| *flag == key), boolean(value))
        {
            if on {
                self.flags.insert(flag);
            } else {
                self.flags.remove(flag);
            }
        }
        let Some((key, takes_boolean, list)) = CHOICES
            .into_iter()
            .find(|(name, ..)| *name == key && *name != "DevicePolicy")
        else {
            return;
        };
        if matches!(key, "NotifyAccess" | "Type") && kind != UnitKind::Service {
            return;
        }
        if list.contains(&value) {
            self.choices.insert(key, value.to_owned());
        } else if let Some(on) = boolean(value).filter(|_| takes_boolean) {
            self.choices
                .insert(key, if on { "yes" } else { "no" }.to_owned());
        }
    }

    /// Lists and sets of systemd.exec(5).
    fn assign_list(&mut self, unit: &Unit, key: &str, value: &str) {
        match key {
            "CapabilityBoundingSet" => {
                self.bounding = capability::assign(self.bounding, capability::ALL, value);
            }
            "AmbientCapabilities" => self.ambient = capability::assign(self.ambient, 0, value),
            "UMask" => self.umask = octal(value).unwrap_or(self.umask),
            "SystemCallFilter" => self.filter = Filter::assign(self.filter.take(), value),
            "SystemCallArchitectures" if value.is_empty() => self.architectures.clear(),
            "SystemCallArchitectures" => {
                let known = words(value, Rules::QUOTED);
                let known = ARCHITECTURES
                    .into_iter()
                    .filter(|name| known.iter().any(|k| k == name));
                self.architectures.extend(known);
            }
            "RestrictAddressFamilies" => self.families.assign(value),
            "RestrictNamespaces" => self.assign_namespaces(value),
            "MountImages" if value.is_empty() => self.mount_images = 0,
            "MountImages" => {
                let images = words(value, Rules::QUOTED);
                let images = images.iter().filter(|word| is_mount_image(word)).count();
                self.mount_images = self.mount_images.saturating_add(images);
            }
            "LoadCredential"
            | "LoadCredentialEncrypted"
            | "SetCredential"
            | "SetCredentialEncrypted" => self.assign_credential(unit, key, value),
            _ => {}
        }
    }

    fn assign_namespaces(&mut self, value: &str) {
        if value.is_empty() {
            self.namespaces = None;
            return;
        }
        if let Some(on) = boolean(value) {
            let all = NAMESPACES.into_iter().filter(|_| !on);
            self.namespaces = Some(all.collect());
            return;
        }
        let (takes, list) = match value.strip_prefix('~') {
            Some(list) => (true, list),
            None => (false, value),
        };
        let named = words(list, Rules::PLAIN);
        if named
            .iter()
            .any(|word| !NAMESPACES.contains(&word.as_str()))
        {
            return;
        }
        let start: Vec<_> = if takes && self.namespaces.is_none() {
            NAMESPACES.to_vec()
        } else {
            Vec::new()
        };
        let set = self.namespaces.get_or_insert_default();
        set.extend(start);
        for name in NAMESPACES
            .into_iter()
            .filter(|name| named.iter().any(|word| word == name))
        {
            if takes {
                set.remove(name);
            } else {
                set.insert(name);
            }
        }
    }

    /// Credentials count only for whether one of them is encrypted: those open the TPM.
    fn assign_credential(&mut self, unit: &Unit, key: &str, value: &str) {
        let loaded = key.starts_with("Load");
        let encrypted = key.ends_with("Encrypted");
        if value.is_empty() {
            self.credentials.retain(|(other, _), _| *other != loaded);
            return;
        }
        let (name, content) = match value.split_once(':') {
            Some((name, content)) => (name, Some(content)),
            None => (value, None),
        };
        let Ok(name) = unit.expand(name) else { return };
        let fits = match content {
            Some(path) if loaded => path.is_empty() || path.starts_with('/') || is_credential(path),
            None if loaded => true,
            Some(content) => !content.is_empty() && (!encrypted || is_base64(content)),
            None => false,
        };
        if fits && is_credential(&name) {
            self.credentials.insert((loaded, name), encrypted);
        }
    }

    /// Settings whose wrong values systemd does not forgive.
    fn assign_strict(&mut self, unit: &Unit, setting: &Setting) -> Result<(), Refusal> {
        let (key, value) = (setting.key.as_str(), setting.value.as_str());
        let refused = || Refusal::BadSetting {
            key: key.to_owned(),
            file: setting.file.to_path_buf(),
            line: setting.line,
        };
        let expand = |text: &str| unit.expand(text).unwrap_or_else(|_| text.to_owned());
        match key {
            "DynamicUser" if boolean(value).is_none() => return Err(refused()),
            "User" | "Group" => {
                let name = Some(expand(value)).filter(|_| !value.is_empty());
                if name.as_deref().is_some_and(|name| !is_account(name)) {
                    return Err(refused());
                }
                if key == "User" {
                    self.user = name;
                }
            }
            "SupplementaryGroups" if value.is_empty() => self.groups = false,
            "SupplementaryGroups" => {
                for word in words(value, Rules::QUOTED) {
                    if !is_account(&expand(&word)) {
                        return Err(refused());
                    }
                    self.groups = true;
                }
            }
            "RootDirectory" | "RootImage" => {
                let path = Some(expand(value)).filter(|_| !value.is_empty());
                if path.as_deref().is_some_and(|path| !path.starts_with('/')) {
                    return Err(refused());
                }
                if key == "RootDirectory" {
                    self.root = path;
                } else {
                    self.image = path;
                }
            }
            "BusName" => self.has_bus_name = !value.is_empty(),
            "ExecStart" | "ExecStop" if unit.kind == UnitKind::Service => {
                return self.assign_command(unit, setting).map_err(|()| refused());
            }
            _ => {}
        }
        Ok(())
    }

    fn assign_command(&mut self, unit: &Unit, setting: &Setting) -> Result<(), ()> {
        let key = if setting.key == "ExecStart" {
            "ExecStart"
        } else {
            "ExecStop"
        };
        let count = self.commands.entry(key).or_default();
        if setting.value.is_empty() {
            *count = 0;
            return Ok(());
        }
        match exec::parse(&setting.value, &unit.name, Some(&unit.path)) {
            Ok(commands) => *count = count.saturating_add(commands.len()),
            Err(error) if error.ignored => {}
            Err(_) => return Err(()),
        }
        Ok(())
    }

    /// Settings of systemd.resource-control(5).
    fn assign_resource(&mut self, unit: &Unit, key: &str, value: &str) {
        match key {
            "Delegate" if matches!(unit.kind, UnitKind::Service | UnitKind::Scope) => {
                self.delegates = boolean(value).unwrap_or(true);
            }
            "IPAddressDeny" => self.addresses.deny(value),
            "IPAddressAllow" => self.addresses.allow(value),
            "IPIngressFilterPath" | "IPEgressFilterPath" => {
                let key = if key == "IPIngressFilterPath" {
                    "in"
                } else {
                    "out"
                };
                let count = self.programs.entry(key).or_default();
                let path = unit.expand(value).unwrap_or_else(|_| value.to_owned());
                if value.is_empty() {
                    *count = 0;
                } else if path.starts_with('/') {
                    *count = count.saturating_add(1);
                }
            }
            "DeviceAllow" if value.is_empty() => self.devices.reset(),
            "DeviceAllow" => {
                if let Ok(Some((device, rights))) = next_word(value, Rules::QUOTED) {
                    let device = String::from_utf8_lossy(&device);
                    let device = unit.expand(&device).unwrap_or_else(|_| device.into_owned());
                    self.devices.allow(&device, rights);
                }
            }
            "DevicePolicy" => self.devices.set_policy(value),
            _ => {}
        }
    }

    /// A service must start something, more than one command only as `oneshot`, and a `dbus`
    /// service must have a name there.
    fn check_commands(&self, unit: &Unit) -> Result<(), Refusal> {
        if unit.kind != UnitKind::Service {
            return Ok(());
        }
        let count = |key: &str| self.commands.get(key).copied().unwrap_or(0);
        let (starts, stops) = (count("ExecStart"), count("ExecStop"));
        // A service without a type and without commands is taken as `oneshot`.
        let oneshot = match self.choice("Type") {
            Some(kind) => kind == "oneshot",
            None => starts == 0,
        };
        let has_nothing = starts == 0 && stops == 0 && !self.ends_machine;
        let never_stops = starts == 0 && !self.ends_machine && !self.is_on("RemainAfterExit");
        let has_no_bus = self.choice("Type") == Some("dbus") && !self.has_bus_name;
        if has_nothing || never_stops || has_no_bus || (!oneshot && starts != 1) {
            return Err(Refusal::Commands);
        }
        Ok(())
    }

    /// What settings bring with them.
    fn imply(&mut self, unit: &Unit) {
        self.has_address_programs = self.programs.values().any(|count| *count > 0);
        if !unit.kind.executes() {
            return;
        }
        for (flag, taken) in [
            ("PrivateDevices", "MKNOD SYS_RAWIO"),
            ("ProtectKernelModules", "SYS_MODULE"),
            ("ProtectKernelLogs", "SYSLOG"),
            ("ProtectClock", "SYS_TIME WAKE_ALARM"),
        ] {
            if self.is_on(flag) {
                self.bounding &= !set_of(taken);
            }
        }
        if self.is_on("DynamicUser") {
            self.imply_dynamic_user(unit);
        }
        if self.is_on("PrivateDevices") {
            self.devices.close();
        }
        if self.image.is_some() || self.mount_images > 0 {
            self.devices.open_for_images();
        }
        if self.is_on("ProtectClock") || self.credentials.values().any(|encrypted| *encrypted) {
            self.devices.open();
        }
    }

    /// A transient user must not leave its files and its number behind.
    fn imply_dynamic_user(&mut self, unit: &Unit) {
        if self.user.is_none() {
            let prefix = unit.name.prefix();
            let special = matches!(prefix, "root" | "nobody");
            self.user = Some(if special {
                prefix.to_owned()
            } else {
                "(dynamic)".to_owned()
            });
        }
        self.flags.extend([
            "PrivateTmp",
            "RemoveIPC",
            "NoNewPrivileges",
            "RestrictSUIDSGID",
        ]);
        self.choices.insert("ProtectSystem", "strict".to_owned());
        if matches!(self.choice("ProtectHome"), None | Some("no")) {
            self.choices.insert("ProtectHome", "read-only".to_owned());
        }
    }
}
