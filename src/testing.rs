//! What the tests of the core share: a program that records events, and a server in memory. Both
//! live in a clock that stands still until everybody waits for it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::connection::Control;
use crate::event::{BodyId, Event, EventSink, RequestId};
use crate::net::{Dialer, Stream};
use crate::options::Options;
use crate::wire::request;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A test's own patience, which costs nothing.
pub(crate) const EVER: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What is on its way between the two at the most.
const PIPE_BYTES: usize = 64 * 1024;

/// Options of a connection that does one thing after the other, at once, unless they say otherwise.
pub(crate) fn lock_step(json: &str) -> Options {
    let mut options = Options::from_json(json).unwrap();
    options.pipeline = json.contains(r#""pipeline":true"#);
    options
}

/// What the program sees: it settles at once unless told otherwise.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) seen: Arc<Mutex<Seen>>,
    pub(crate) controls: UnboundedSender<Control>,
    pub(crate) settles: bool,
    pub(crate) is_full: Arc<AtomicBool>,
    pub(crate) space: Arc<Notify>,
}

#[derive(Default)]
pub(crate) struct Seen {
    /// All events but chunks of bodies, as `Debug` shows them.
    pub(crate) events: Vec<String>,
    pub(crate) completions: u64,
    pub(crate) body: Option<BodyId>,
    pub(crate) body_bytes: usize,
    /// The bytes themselves, as long as they are few.
    pub(crate) bytes: Vec<u8>,
}

/// No test looks at more bytes than these.
const KEPT_BYTES: usize = 1024 * 1024;

impl Program {
    pub(crate) fn new(settles: bool) -> (Program, UnboundedReceiver<Control>) {
        let (controls, receiver) = unbounded();
        let program = Program {
            seen: Arc::default(),
            controls,
            settles,
            is_full: Arc::default(),
            space: Arc::default(),
        };
        (program, receiver)
    }

    pub(crate) fn control(&self, control: Control) {
        self.controls.unbounded_send(control).unwrap();
    }

    pub(crate) fn submit(&self, request: RequestId, json: &str) {
        let compiled = request::compile(serde_json::from_str(json).unwrap(), None).unwrap();
        let compiled = Box::new(compiled);
        self.control(Control::Submit { request, compiled });
    }

    pub(crate) fn raw(&self, request: RequestId, text: &str) {
        self.submit(request, &format!(r#"{{"kind":"raw","text":"{text}"}}"#));
    }

    pub(crate) fn saw(&self, what: &str) -> bool {
        self.count(what) > 0
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.events
            .iter()
            .filter(|event| event.contains(what))
            .count()
    }

    /// The bytes of all streamed bodies, one after the other.
    pub(crate) fn body(&self) -> Vec<u8> {
        self.seen.lock().unwrap().bytes.clone()
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.seen.lock().unwrap().body_bytes
    }
}

impl EventSink for Program {
    fn emit(&mut self, event: &Event<'_>) {
        let mut seen = self.seen.lock().unwrap();
        if event.is_completion() {
            seen.completions += 1;
        }
        match event {
            Event::BodyBegin { body, .. } => seen.body = Some(*body),
            Event::BodyChunk { bytes, .. } => {
                seen.body_bytes += bytes.0.len();
                if seen.bytes.len() < KEPT_BYTES {
                    seen.bytes.extend_from_slice(bytes.0);
                }
            }
            _ => {}
        }
        if !matches!(event, Event::BodyChunk { .. }) {
            seen.events.push(format!("{event:?}"));
        }
        if self.settles {
            let completions = seen.completions;
            let _ = self
                .controls
                .unbounded_send(Control::Settled { completions });
        }
    }

    fn flush(&mut self) {}

    fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    fn space(&self) -> Arc<Notify> {
        self.space.clone()
    }
}

/// The server's end of a connection.
pub(crate) struct Peer {
    pub(crate) stream: BufReader<DuplexStream>,
}

impl Peer {
    /// Both ends of a connection.
    pub(crate) fn pair() -> (Peer, Stream) {
        let (ours, theirs) = duplex(PIPE_BYTES);
        let stream = BufReader::new(theirs);
        (Peer { stream }, Stream::Memory(ours))
    }

    pub(crate) async fn say(&mut self, text: &str) {
        let stream = self.stream.get_mut();
        stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The client's next line, whenever it comes; empty when it closed its half.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = timeout(EVER, self.stream.read_line(&mut line)).await;
        read.expect("the client says nothing").unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) async fn expect(&mut self, expected: &str) {
        assert_eq!(self.line().await, expected);
    }

    /// How long it takes until the client says this.
    pub(crate) async fn after(&mut self, expected: &str) -> Duration {
        let began = Instant::now();
        self.expect(expected).await;
        began.elapsed()
    }

    /// Lets the client in; tags up to A1 are used.
    pub(crate) async fn let_in(&mut self, capabilities: &str) {
        self.say("* PREAUTH hello\r\n").await;
        self.expect("A0 CAPABILITY").await;
        let answer = format!("* CAPABILITY IMAP4rev1 {capabilities}\r\nA0 OK done\r\n");
        self.say(&answer).await;
        self.expect("A1 LIST \"\" \"\"").await;
        self.say("A1 OK done\r\n").await;
    }
}

/// The peers of a session's connections, as it dials them.
pub(crate) struct Peers {
    dialled: UnboundedReceiver<Peer>,
}

impl Peers {
    /// Options whose connections go to these peers. Without a `host` they have one of their own:
    /// the limits of a host are the process's.
    pub(crate) fn of(options: &str) -> (Peers, Options) {
        static HOSTS: AtomicU32 = AtomicU32::new(0);
        let is_named = options.contains("\"host\"");
        let mut options = lock_step(options);
        if !is_named {
            let number = HOSTS.fetch_add(1, Ordering::Relaxed);
            options.host = format!("{number}.test");
        }
        let (sender, dialled) = unbounded();
        options.dialer = Some(Dialer(Arc::new(move || {
            let (peer, stream) = Peer::pair();
            let _ = sender.unbounded_send(peer);
            Ok(stream)
        })));
        (Peers { dialled }, options)
    }

    /// The next one that is dialled, and how long that takes.
    pub(crate) async fn next(&mut self) -> (Peer, Duration) {
        let began = Instant::now();
        let peer = timeout(EVER, self.dialled.next()).await;
        let peer = peer.expect("nobody dials").expect("the session is over");
        (peer, began.elapsed())
    }
}
