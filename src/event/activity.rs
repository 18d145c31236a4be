//! What a connection is doing, for a program that looks instead of being told.

use super::RequestId;

/// What a connection is doing, for a program that looks (node-imap's `_curReq` and `_idle`). This
/// is no event, because nobody waits for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// The last request of the program that was sent; 0 before the first.
    pub begun: RequestId,
    /// What is being done to keep the connection alive.
    pub upkeep: Upkeep,
    /// How far the connection is.
    pub stage: Stage,
    /// What has passed over all connections of the session.
    pub traffic: Traffic,
}

/// How far a connection is, in the order that `src/js/observe.js` has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It is being connected, or about to be.
    #[default]
    Connecting,
    /// There is none; the next one is not due yet.
    Waiting,
    /// It is up, and the login is under way.
    LoggingIn,
    /// The mailbox of the connection before is being opened.
    Resuming,
    /// Commands are sent.
    Ready,
}

/// Bytes of the protocol, inside of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// From the server.
    pub received: u64,
    /// To the server.
    pub sent: u64,
}

/// What a connection does of its own accord, in the order that `src/js/members.js` has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Upkeep {
    /// Nothing: a command of the program is running, or there is no IDLE to send.
    #[default]
    Nothing,
    /// IDLE was sent, or will be as soon as the program has settled.
    Asking,
    /// The server idles with us.
    Idling,
    /// DONE was sent.
    Leaving,
    /// NOOP was sent.
    Polling,
    /// The next IDLE or NOOP is not due yet.
    Pausing,
}
