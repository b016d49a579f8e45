//! Whose words are they? Cleaning, step by step and as a whole.

#![allow(clippy::unwrap_used, clippy::panic)]

mod command;
#[path = "../common/mod.rs"]
mod common;
mod language;
mod marked;
mod properties;
mod redaction;
mod spans;
mod threads;
