//! A connection that is logged in while another one still serves the session, and takes its place.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::event::{Event, EventSink};
use crate::options::Options;

use super::legacy::Legacy;
use super::link::Link;
use super::login::{log_in, too_slow};
use super::protocol::Protocol;
use super::task::dial;
use super::timer::expire;
use super::{Control, Exit};

/// See the module.
pub struct Spare {
    pub(super) link: Box<Link>,
    pub(super) protocol: Box<Protocol>,
    /// The server's IP address.
    address: Option<String>,
    is_tls: bool,
    said: Said,
}

/// Connects and logs in. What the server says meanwhile is kept for the program.
///
/// # Errors
///
/// How the connection ended instead.
pub async fn prepare(options: &Options) -> Result<Spare, Exit> {
    let said = Said::default();
    let legacy = Legacy::new(Box::new(said.clone()));
    let mut protocol = Box::new(Protocol::new(options, legacy, Instant::now()));
    let stream = dial(options).await?;
    let address = stream.peer_address();
    let mut link = Box::new(Link::new(stream, options));
    let login = log_in(&mut link, &mut protocol, options);
    match timeout(options.authentication_timeout, login).await {
        Ok(result) => result?,
        Err(_) => return Err(too_slow(&link, &protocol)),
    }
    Ok(Spare {
        is_tls: link.is_tls(),
        link,
        protocol,
        address: address.map(|address| address.ip().to_string()),
        said,
    })
}

impl Spare {
    /// Waits for its end, which is not expected: the server has nothing to say now.
    pub async fn ended(&mut self) -> Exit {
        self.link.catch_up(&mut self.protocol);
        loop {
            if self.protocol.is_overdue(Instant::now()) {
                self.link.take_what_is_there(&mut self.protocol).await;
            }
            self.protocol.timeout(Instant::now());
            if let Some(exit) = self.protocol.exit() {
                return exit.clone();
            }
            let deadline = self.protocol.deadline();
            tokio::select! {
                // What has come counts, however late it is looked at.
                biased;
                _ = self.link.turn(&mut self.protocol) => {}
                () = expire(deadline) => {}
            }
        }
    }

    /// Goes on from what the other connection left. Gives what is to be submitted.
    pub(super) fn adopt(&mut self, mut legacy: Box<Legacy>) -> Vec<Control> {
        let held = std::mem::take(&mut legacy.waiting);
        self.protocol.adopt(*legacy);
        let address = self.address.take();
        let sink = self.protocol.sink.as_mut();
        sink.emit(&Event::Connected { address });
        if self.is_tls {
            sink.emit(&Event::Encrypted);
        }
        for (sent, line) in self.said.take() {
            let line = Cow::Owned(line);
            if sink.wants_lines() {
                sink.emit(&Event::Trace { sent, line });
            }
        }
        sink.emit(&Event::Capabilities(self.protocol.capabilities.clone()));
        held
    }

    /// Ends it in good order: it is not needed.
    pub fn dismiss(mut self) {
        tokio::spawn(self.link.log_out(&self.protocol.tag()));
    }
}

/// The debug lines of a login that the program does not hear about yet.
#[derive(Clone, Default)]
struct Said {
    lines: Arc<Mutex<Vec<(bool, String)>>>,
}

impl Said {
    fn take(&self) -> Vec<(bool, String)> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut lines)
    }
}

impl EventSink for Said {
    fn emit(&mut self, event: &Event<'_>) {
        if let Event::Trace { sent, line } = event {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push((*sent, line.as_ref().to_owned()));
        }
    }

    fn flush(&mut self) {}

    fn is_full(&self) -> bool {
        false
    }

    fn space(&self) -> Arc<Notify> {
        Arc::default()
    }

    /// Whether the program does is asked when it hears them.
    fn wants_lines(&self) -> bool {
        true
    }
}
