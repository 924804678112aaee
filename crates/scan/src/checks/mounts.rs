//! Checks of mounted file systems.

mod data_options;
mod fstab_credentials;
mod fstab_drift;
mod network_options;
mod nfs_exports;
mod overmount;
mod proc_hidepid;
mod removable_options;
mod separate;
mod tmp_options;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &data_options::CHECK,
    &fstab_credentials::CHECK,
    &fstab_drift::CHECK,
    &network_options::CHECK,
    &nfs_exports::CHECK,
    &overmount::CHECK,
    &proc_hidepid::CHECK,
    &removable_options::CHECK,
    &separate::CHECK,
    &tmp_options::CHECK,
];
