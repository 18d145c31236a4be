//! Plays a script to a connection: the same bytes, cut in different ways, must give the same events.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use everimap::bridge::frame::Frame;
use everimap::connection::{Control, Rehearsal};
use everimap::error::code;
use everimap::event::{Event, EventSink};
use everimap::options::Options;
use everimap::wire::request::{self, Request};
use everimap::wire::value::Bytes;
use tokio::sync::Notify;

/// What happens to a connection.
pub(crate) struct Script {
    /// As JSON.
    pub(crate) options: String,
    pub(crate) steps: Vec<Step>,
}

/// A request, and what the server says then.
pub(crate) struct Step {
    /// As JSON.
    pub(crate) request: Option<&'static str>,
    pub(crate) says: Vec<u8>,
    /// What goes by before.
    pub(crate) time: Duration,
}

/// What a program could have seen.
#[derive(Default)]
pub(crate) struct Record {
    /// All events, with bodies put together: whether they come in pieces depends on the cuts.
    frame: Frame,
    /// All that was sent.
    written: Vec<u8>,
    /// How the connection ended.
    exit: String,
    /// Whether it ended in the middle of a response, of which a body may have been seen.
    within: bool,
    /// An event that cannot cross into JavaScript: a fault of ours.
    fault: Option<String>,
    completions: u64,
    body: Option<Body>,
}

struct Body {
    request: u32,
    seqno: u32,
    which: String,
    bytes: Vec<u8>,
}

impl Record {
    /// Why this is not what another run of the same script may show, if it is not.
    pub(crate) fn differs(&self, other: &Record) -> Option<String> {
        if let Some(fault) = self.fault.as_ref().or(other.fault.as_ref()) {
            return Some(fault.clone());
        }
        let differs = |what: &str, ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
            Some(format!("{what}:\n  {ours:?}\n  {theirs:?}"))
        };
        if self.exit != other.exit {
            return differs("the end", &self.exit, &other.exit);
        }
        if self.written != other.written {
            return differs("what was sent", &self.text(), &other.text());
        }
        // A connection that has ended leaves unread what came in one piece with its end.
        if self.exit == "None" && self.within != other.within {
            return differs("where it ended", &self.within, &other.within);
        }
        let (short, long) = match self.frame.events <= other.frame.events {
            true => (&self.frame, &other.frame),
            false => (&other.frame, &self.frame),
        };
        let is_prefix = long.words.starts_with(&short.words)
            && long.text.starts_with(&short.text)
            && long.text16.starts_with(&short.text16)
            && long.octets.copied().starts_with(short.octets.copied());
        match is_prefix && (self.within || short.events == long.events) {
            true => None,
            false => differs("the events", &self.frame, &other.frame),
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }

    fn push(&mut self, event: &Event<'_>) {
        if let Err(error) = self.frame.push(event) {
            self.fault = Some(error.to_string());
        }
    }

    fn push_body(&mut self) {
        if let Some(body) = self.body.take() {
            self.push(&Event::Body {
                request: body.request,
                seqno: body.seqno,
                which: body.which.into(),
                bytes: Bytes(&body.bytes),
            });
        }
    }

    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Fetched {
                request,
                seqno,
                attributes,
            } => {
                let (request, seqno, attributes) = (*request, *seqno, *attributes);
                self.push(&Event::Message { request, seqno });
                self.push(&Event::Attributes {
                    request,
                    seqno,
                    attributes,
                });
            }
            Event::BodyBegin {
                request,
                seqno,
                which,
                ..
            } => {
                self.body = Some(Body {
                    request: *request,
                    seqno: *seqno,
                    which: which.clone().into_owned(),
                    bytes: Vec::new(),
                });
            }
            Event::BodyChunk { bytes, .. } => {
                if let Some(body) = &mut self.body {
                    body.bytes.extend_from_slice(bytes.0);
                }
            }
            Event::BodyEnd { .. } => self.push_body(),
            event => self.push(event),
        }
        if let Event::Ready | Event::Done { .. } | Event::Failed { .. } = event {
            self.completions += 1;
        }
    }
}

/// Plays the script; `cut` gives the size of the next piece when so many bytes are left.
pub(crate) fn play(script: &Script, mut cut: impl FnMut(usize) -> usize) -> Record {
    let shared = Arc::new(Mutex::new(Record::default()));
    let options = Options::from_json(&script.options).expect("options");
    let mut connection = Rehearsal::new(&options, Box::new(Sink(shared.clone())));
    for (id, step) in (1..).zip(&script.steps) {
        connection.pass(step.time);
        if let Some(request) = step.request {
            let request: Request = serde_json::from_str(request).expect("a request");
            let data = Some(b"a message\r\n".to_vec());
            let compiled = request::compile(request, data).expect("a request");
            connection.control(Control::Submit {
                request: id,
                compiled: Box::new(compiled),
            });
        }
        act(&mut connection, &shared);
        let mut rest = &step.says[..];
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(cut(rest.len()).clamp(1, rest.len()));
            connection.receive(piece);
            rest = later;
        }
        if connection.is_within_response() {
            // It would go on while another command runs: to which of them it belongs would depend
            // on whether its body was handed over before.
            break;
        }
        act(&mut connection, &shared);
    }
    let mut record = std::mem::take(&mut *lock(&shared));
    record.push_body();
    record.exit = format!("{:?}", connection.exit());
    record.within = connection.is_within_response() || record.exit.contains(code::LIMIT);
    record
}

/// Lets the connection send what it wants, and answers what is not of the script: the server's part
/// of our own IDLE and NOOP, and `+`.
fn act(connection: &mut Rehearsal, shared: &Mutex<Record>) {
    for _ in 0..8 {
        let completions = lock(shared).completions;
        connection.control(Control::Settled { completions });
        let written = connection.act();
        let answer: &[u8] = match &written[..] {
            [] => return,
            line if line.ends_with(b"}\r\n") => b"+ go on\r\n",
            b"IDLE IDLE\r\n" => b"+ idling\r\n",
            b"DONE\r\n" => b"IDLE OK done\r\n",
            b"NOOP NOOP\r\n" => b"NOOP OK done\r\n",
            _ => b"",
        };
        connection.receive(answer);
        lock(shared).written.extend(written);
    }
}

fn lock(shared: &Mutex<Record>) -> MutexGuard<'_, Record> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Sink(Arc<Mutex<Record>>);

impl EventSink for Sink {
    fn emit(&mut self, event: &Event<'_>) {
        lock(&self.0).take(event);
    }

    fn flush(&mut self) {}

    fn is_full(&self) -> bool {
        false
    }

    fn space(&self) -> Arc<Notify> {
        Arc::default()
    }
}
