//! everimap: IMAP sessions that stay alive, for Node.js.
//!
//! This crate is the core of the addon: it speaks IMAP over its own sockets and hands what it
//! sees to JavaScript as one ordered stream of events. It is not a general IMAP library for Rust:
//! its values are those of npm `imap`, whose programs it serves.
//!
//! # Layout
//!
//! Calls run downward; events come back up as values. No room calls a room above it.
//!
//! * [`bridge`]: the only folder that knows Node-API: the native session, outbox, frame, doorbell.
//! * [`session`]: one logical session over its connections. Decides; owns no socket.
//! * [`connection`]: one physical connection: one task, command queue, IDLE, deadlines, mailbox.
//! * [`auth`]: mechanisms, and the gate under async-imap.
//! * [`net`]: TCP and TLS.
//! * [`wire`]: bytes to values and back. No I/O, no clock, no panic.
//! * [`chunk`]: the memory in which bodies travel.
//! * [`clock`]: what the machine sleeps through.
//! * [`options`], [`error`], [`event`]: the words that everyone shares.

pub mod auth;
pub mod bridge;
pub mod chunk;
pub mod clock;
pub mod connection;
pub mod error;
pub mod event;
pub mod net;
pub mod options;
pub mod session;
#[cfg(test)]
mod testing;
pub mod wire;
