//! Packs from the outside: what goes in comes out, and nothing else is taken for it.

mod packs;
