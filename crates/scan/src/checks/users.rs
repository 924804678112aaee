//! Checks of accounts, groups, homes and password rules.

mod dotfiles;
mod duplicate_gid;
mod duplicate_name;
mod duplicate_uid;
mod empty_password;
mod hash_in_passwd;
mod home_missing;
mod home_owner;
mod home_permissions;
mod hosts_equiv;
mod legacy_entry;
mod locked_account;
mod login_defs;
mod malformed_entry;
mod password_age;
mod privileged_group_members;
mod root_path;
mod second_uid_0;
mod shadow_permissions;
mod system_account_with_shell;
mod umask;
mod unknown_group;
mod weak_hash;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &dotfiles::CHECK,
    &duplicate_gid::CHECK,
    &duplicate_name::CHECK,
    &duplicate_uid::CHECK,
    &empty_password::CHECK,
    &hash_in_passwd::CHECK,
    &home_missing::CHECK,
    &home_owner::CHECK,
    &home_permissions::CHECK,
    &hosts_equiv::CHECK,
    &legacy_entry::CHECK,
    &locked_account::CHECK,
    &login_defs::CHECK,
    &malformed_entry::CHECK,
    &password_age::CHECK,
    &privileged_group_members::CHECK,
    &root_path::CHECK,
    &second_uid_0::CHECK,
    &shadow_permissions::CHECK,
    &system_account_with_shell::CHECK,
    &umask::CHECK,
    &unknown_group::CHECK,
    &weak_hash::CHECK,
];
