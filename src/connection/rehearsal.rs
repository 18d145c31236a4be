//! A connection without a socket, a clock and a login: what properties and fuzz targets drive.
//!
//! The bytes of a server go in cut in any way, and the caller says what time it is; events come out
//! of the sink. It is the same framer and the same protocol that a real connection has.

use std::time::Duration;

use tokio::time::Instant;

use crate::event::EventSink;
use crate::options::Options;
use crate::wire::framer::Framer;

use super::legacy::Legacy;
use super::link::understand;
use super::protocol::Protocol;
use super::{Control, Exit};

/// See the module. It begins where the login has ended.
pub struct Rehearsal {
    framer: Framer,
    protocol: Protocol,
    now: Instant,
}

impl Rehearsal {
    /// A connection that was logged in, with these options, and tells the sink its events.
    pub fn new(options: &Options, sink: Box<dyn EventSink>) -> Rehearsal {
        let now = Instant::now();
        let mut protocol = Protocol::new(options, Legacy::new(sink), now);
        protocol.open(now);
        Rehearsal {
            framer: Framer::new(options.limits),
            protocol,
            now,
        }
    }

    /// JavaScript wants something.
    pub fn control(&mut self, control: Control) {
        self.protocol.control(control, self.now);
    }

    /// Bytes of the server arrive, in one piece.
    pub fn receive(&mut self, bytes: &[u8]) {
        understand(&mut self.framer, bytes, &mut self.protocol, self.now);
    }

    /// Lets the connection do what it can do now, and gives what it writes.
    pub fn act(&mut self) -> Vec<u8> {
        self.protocol.timeout(self.now);
        self.protocol.advance(self.now);
        self.protocol.outgoing().drain(..).flatten().collect()
    }

    /// So much time goes by.
    pub fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// Whether a response has begun that has not ended.
    pub fn is_within_response(&self) -> bool {
        !self.framer.unread().is_empty()
    }

    /// How the connection ended, once it has.
    pub fn exit(&self) -> Option<&Exit> {
        self.protocol.exit()
    }
}
