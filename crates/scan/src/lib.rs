//! scan

pub mod systemd;
