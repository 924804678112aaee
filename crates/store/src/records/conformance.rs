//! What every implementation of [`Records`](super::Records) has to do.
