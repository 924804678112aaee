//! A state graph: typed state, nodes, conditional edges, bounded cycles, checkpoints and events.
//!
//! Pure: nodes are functions from state to state that the caller supplies; what is to be kept or
//! drawn comes out as values. Knows no product.
