//! Tests of this crate through its public face.

// `cfg(test)` tells clippy that helpers in these files are tests too.
#[cfg(test)]
mod faults;
#[cfg(test)]
mod power_loss;
#[cfg(test)]
mod protocols;
