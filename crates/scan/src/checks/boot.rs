//! Checks of boot loader, secure boot and what happens before login.

mod ctrl_alt_delete;
mod debug_shell;
mod efi;
mod grub;
mod grub_config_permissions;
mod grub_password;
mod kernel_image_permissions;
mod secure_boot;
mod setup_mode;
mod single_user;
mod unit;

use crate::check::Check;

pub(crate) static FAMILY: &[&Check] = &[
    &ctrl_alt_delete::CHECK,
    &debug_shell::CHECK,
    &grub_config_permissions::CHECK,
    &grub_password::CHECK,
    &kernel_image_permissions::CHECK,
    &secure_boot::CHECK,
    &setup_mode::CHECK,
    &single_user::CHECK,
];
