//! Facts of a host, each read and parsed once and shared by all checks.
//!
//! A fact is computed when the first check asks for it. It says itself what it could not see: an
//! error ([`Skip`]) when nothing could be read, a list of [`Limit`]s beside the values otherwise.

pub(crate) mod accounts;
pub(crate) mod apt_conf;
pub(crate) mod certificates;
pub(crate) mod cmdline;
pub(crate) mod conf_dirs;
pub(crate) mod containers;
pub(crate) mod cron;
pub(crate) mod firewall;
pub(crate) mod inventory;
pub(crate) mod mac;
pub(crate) mod modinfo;
pub(crate) mod modprobe;
pub(crate) mod modules;
pub(crate) mod mounts;
pub(crate) mod os;
pub(crate) mod pam;
pub(crate) mod processes;
pub(crate) mod repositories;
pub(crate) mod rsyslog;
pub(crate) mod scripts;
pub(crate) mod secret_words;
pub(crate) mod services;
pub(crate) mod sockets;
pub(crate) mod ssh_keys;
pub(crate) mod sshd;
pub(crate) mod sudoers;
pub(crate) mod survey;
pub(crate) mod sysctl;
pub(crate) mod systemd_conf;
pub(crate) mod text;
pub(crate) mod trust;
pub(crate) mod units;
pub(crate) mod users;

use crate::check::{Limit, Skip};
use crate::run::Options;
use crate::tree::{self, Tree, TreeError};
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

/// A fact, or why there is none.
pub(crate) type Fact<T> = Result<T, Skip>;

/// Declares the facts: field, accessor, and the module's `read` function that computes it.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $read:path;)*) => {
        /// All facts of one host, computed on demand.
        pub struct Facts<'a> {
            tree: &'a dyn Tree,
            options: &'a Options,
            $($name: OnceLock<Fact<$type>>,)*
        }

        impl<'a> Facts<'a> {
            /// Facts of the given tree; nothing is read yet.
            #[must_use]
            pub fn new(tree: &'a dyn Tree, options: &'a Options) -> Self {
                Self { tree, options, $($name: OnceLock::new(),)* }
            }

            $($(#[$doc])*
            ///
            /// # Errors
            /// Why the fact could not be had.
            pub(crate) fn $name(&self) -> Result<&$type, Skip> {
                self.$name.get_or_init(|| $read(self)).as_ref().map_err(Clone::clone)
            })*
        }
    };
}

facts! {
    /// Certificates of the services of this host.
    certificates: certificates::Certificates = certificates::read;
    /// Scheduled jobs of cron, anacron and at.
    cron: cron::Cron = cron::read;
    /// Statements of rsyslog in the order in which they hold.
    rsyslog: rsyslog::Rsyslog = rsyslog::read;
    /// Services that start with the system, and programs that run.
    services: services::Services = services::read;
    /// Settings of systemd-journald.
    journald: systemd_conf::Conf = systemd_conf::journald;
    /// Name, operating system and kernel of the host.
    os: os::Os = os::read;
    /// Users and groups, as far as the files tell.
    accounts: std::sync::Arc<accounts::Accounts> = accounts::read;
    /// Running programs.
    processes: processes::Processes = processes::read;
    /// Sockets that wait for strangers.
    sockets: sockets::Sockets = sockets::read;
    /// Containers of the engines whose records can be read.
    containers: containers::Containers = containers::read;
    /// Kernel settings that files ask for.
    sysctl: sysctl::Sysctl = sysctl::read;
    /// Mounts of the running system.
    mounts: mounts::Mounts = mounts::read;
    /// Mounts that fstab asks for.
    fstab: Vec<mounts::Entry> = mounts::read_fstab;
    /// Module files of the running kernel.
    modules: modules::Modules = modules::read;
    /// Modules that may not be loaded.
    modprobe: modprobe::Modprobe = modprobe::read;
    /// Stacks of PAM.
    pam: pam::Pam = pam::read;
    /// Configuration of the SSH server.
    sshd: sshd::Sshd = sshd::read;
    /// Rules of sudo.
    sudoers: sudoers::Sudoers = sudoers::read;
    /// Accounts, groups and password rules.
    users: users::Users = users::read;
    /// Units of systemd.
    units: units::Units = units::read;
    /// What one walk over the files found.
    survey: survey::Survey = survey::read;
    /// Packet filters.
    firewall: firewall::Firewall = firewall::read;
    /// Installed packages of dpkg, rpm and apk.
    inventory: inventory::Inventory = inventory::read;
    /// Settings of apt.
    apt_conf: apt_conf::AptConf = apt_conf::read;
    /// Package sources of apt, dnf and zypper.
    repositories: repositories::Repositories = repositories::read;
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts")
            .field("tree", &self.tree)
            .finish_non_exhaustive()
    }
}

impl Facts<'_> {
    /// The tree itself.
    pub(crate) fn tree(&self) -> &dyn Tree {
        self.tree
    }

    /// How the scan was asked for.
    pub(crate) fn options(&self) -> &Options {
        self.options
    }

    /// Reads a file that must be there to say anything.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, Skip> {
        tree::read(self.tree, path).map_err(Skip::from)
    }

    /// Reads a file that may be missing: `None` if so.
    pub(crate) fn read_if_there(&self, path: impl AsRef<Path>) -> Result<Option<Vec<u8>>, Skip> {
        if_there(tree::read(self.tree, path))
    }

    /// Reads a one-line file such as those of `/proc/sys`, trimmed; `None` if it is missing.
    pub(crate) fn value_if_there(&self, path: impl AsRef<Path>) -> Result<Option<String>, Skip> {
        let bytes = self.read_if_there(path)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()))
    }

    /// Names in a folder, sorted; empty if the folder is missing.
    pub(crate) fn list_if_there(&self, path: impl AsRef<Path>) -> Result<Vec<OsString>, Skip> {
        Ok(if_there(tree::list(self.tree, path))?.unwrap_or_default())
    }

    /// Whether something stands at the path (links followed inside the tree).
    pub(crate) fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.tree.metadata(path.as_ref()).is_ok()
    }

    /// Fails as not assessed when the tree has no `/proc` of a running system.
    pub(crate) fn need_proc(&self) -> Result<(), Skip> {
        if self.exists("/proc/sys") || self.exists("/proc/self") || self.exists("/proc/1") {
            return Ok(());
        }
        Err(Skip::not_assessed(
            "the tree holds no /proc of a running system",
        ))
    }
}

/// Turns "not there" into `None`, every other failure into a skip.
fn if_there<T>(result: Result<T, TreeError>) -> Result<Option<T>, Skip> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reads a file for a fact that goes on without it: a failure other than "not there" is a limit.
pub(crate) fn read_or_limit(
    facts: &Facts<'_>,
    path: impl AsRef<Path>,
    limits: &mut Vec<Limit>,
) -> Option<Vec<u8>> {
    match tree::read(facts.tree, path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            if !error.is_not_found() {
                limits.push(Limit::from_error(&error));
            }
            None
        }
    }
}
