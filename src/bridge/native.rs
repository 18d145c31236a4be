//! The object behind the JavaScript class: one for each `connect()`.

use std::cell::RefCell;
use std::num::NonZero;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_util::FutureExt;
use napi::Env;
use napi::bindgen_prelude::{BufferSlice, Function, Object, Uint32ArraySlice};
use napi_derive::napi;
use tokio::runtime::{Builder, Runtime};

use crate::chunk;
use crate::clock;
use crate::connection::{Control, NoToken, Token};
use crate::error::code;
use crate::event::Activity;
use crate::net;
use crate::options::{Options, Secret};
use crate::session;
use crate::wire::argument::{ArgumentError, Fault};
use crate::wire::request::{self, Compiled, Request};

use super::doorbell::Doorbells;
use super::driven::Driven;
use super::frame::Frame;
use super::octets::{LENT_BYTES, Part};
use super::options::refused_option;
use super::outbox::{Inbox, Shown, outbox};

/// Threads of the one runtime of the process, at the most.
const MOST_WORKERS: usize = 2;
/// Processors for each of them. Threads that have little to do cost more than they bring: they wake
/// each other for what one could do.
const PROCESSORS_PER_WORKER: usize = 4;

static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let workers = (processors / PROCESSORS_PER_WORKER).clamp(1, MOST_WORKERS);
    let runtime = builder
        .worker_threads(workers)
        .thread_name("everimap")
        .enable_all()
        .build()
        .ok()?;
    runtime.spawn(clock::watch());
    Some(runtime)
});

/// A session, as JavaScript holds it.
#[napi]
pub struct NativeSession {
    controls: UnboundedSender<Control>,
    /// What goes out together at the end of the tick.
    held: RefCell<Vec<Control>>,
    driven: Arc<Driven>,
    inbox: Inbox,
}

#[napi]
impl NativeSession {
    /// Begins to connect. `options` is the JSON of the configuration; `ring` is called with
    /// `number` when there is something to pull, by way of the environment's `doorbells`. The
    /// session holds the process until its last event.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        options: String,
        doorbells: &Doorbells,
        ring: Function<'_, u32, ()>,
        number: u32,
    ) -> napi::Result<NativeSession> {
        let options = Options::from_json(&options).map_err(refused_option)?;
        let runtime = RUNTIME.as_ref().ok_or_else(|| {
            napi::Error::from_reason("everimap cannot start its threads; are there too many?")
        })?;
        let bell = doorbells.bell(&ring, number)?;
        let (sink, inbox) = outbox(bell.clone());
        inbox.want_lines(options.debug);
        let (controls, receiver) = unbounded();
        let emergency = inbox.clone();
        let session = session::run(options, receiver, Box::new(sink));
        let work = AssertUnwindSafe(session)
            .catch_unwind()
            .map(move |outcome| {
                if let Err(panic) = outcome {
                    session::abandon(panic_text(panic.as_ref()), &mut emergency.outbox(bell));
                }
            });
        Ok(NativeSession {
            controls,
            held: RefCell::default(),
            driven: Driven::spawn(runtime.handle(), work),
            inbox,
        })
    }

    /// Takes a command, for the next [`NativeSession::flush`]. `request` is its JSON
    /// (`wire::request::Request`), `data` the message of an append; `alone` keeps it back until
    /// everything before it is answered. Throws when an argument cannot be sent.
    #[napi(catch_unwind)]
    pub fn submit(
        &self,
        id: u32,
        request: String,
        data: Option<&[u8]>,
        alone: Option<bool>,
    ) -> napi::Result<()> {
        let mut compiled = compile(&request, data)?;
        compiled.alone = alone.unwrap_or_default();
        self.held.borrow_mut().push(Control::Submit {
            request: id,
            compiled: Box::new(compiled),
        });
        Ok(())
    }

    /// Sends what was taken. With `here` this thread does what there is to do for it, and for what the
    /// server has said meanwhile: some reads at the most, so that no server keeps it. That is best where
    /// little is to come, and much data of the program's is not to be written.
    #[napi(catch_unwind)]
    pub fn flush(&self, here: bool) {
        match here {
            true => self.driven.drive(|| self.send_held()),
            false => self.send_held(),
        }
    }

    /// The next frame of events: `{ text, text16, words, bytes }`, or `null`.
    #[napi(catch_unwind)]
    pub fn pull<'env>(&self, env: &'env Env) -> napi::Result<Option<Object<'env>>> {
        self.inbox
            .pull()
            .map(|frame| object(env, frame))
            .transpose()
    }

    /// JavaScript has dealt with this many completions; for the next [`NativeSession::flush`].
    #[napi(catch_unwind)]
    pub fn settled(&self, completions: f64) {
        self.held.borrow_mut().push(Control::Settled {
            completions: completions as u64,
        });
    }

    /// The program's answer to the question for a token: the token and for how many milliseconds it
    /// is good, or why there is none, and whether what the program gave cannot be used.
    #[napi(catch_unwind)]
    pub fn token(
        &self,
        token: Option<String>,
        lasts: Option<f64>,
        why: Option<String>,
        is_unusable: bool,
    ) {
        let token = token.map(|token| Token {
            secret: Secret::new(token),
            lasts: lasts.map(|milliseconds| Duration::from_millis(milliseconds as u64)),
        });
        let none = match is_unusable {
            true => NoToken::Unusable,
            false => NoToken::Missing,
        };
        self.control(Control::Token {
            token: token.ok_or_else(|| none(why.unwrap_or_default())),
        });
    }

    /// Moves the session to another connection.
    #[napi(catch_unwind)]
    pub fn rotate(&self) {
        self.control(Control::Rotate);
    }

    /// The reader of a body took bytes.
    #[napi(catch_unwind)]
    pub fn credit(&self, body: u32, bytes: f64) {
        self.control(Control::Credit {
            body,
            bytes: bytes as u64,
        });
    }

    /// Nobody wants this body.
    #[napi(catch_unwind)]
    pub fn discard(&self, body: u32) {
        self.control(Control::Discard { body });
    }

    /// What is being done: the last request that was sent, [`Upkeep`](crate::event::Upkeep) as a
    /// number, the time of the last `+` to IDLE in milliseconds since 1970;
    /// [`Stage`](crate::event::Stage) as a number, bytes received and sent, and 1 if not all that
    /// came of them has been pulled.
    #[napi(catch_unwind)]
    pub fn activity(&self) -> Vec<f64> {
        let Shown {
            activity,
            idling_since,
            is_pulling,
        } = self.inbox.shown();
        let Activity {
            begun,
            upkeep,
            stage,
            traffic,
        } = activity;
        vec![
            f64::from(begun),
            f64::from(upkeep as u8),
            idling_since,
            f64::from(stage as u8),
            traffic.received as f64,
            traffic.sent as f64,
            f64::from(is_pulling),
        ]
    }

    /// Whether debug lines are wanted from now on.
    #[napi(catch_unwind)]
    pub fn trace(&self, wanted: bool) {
        self.inbox.want_lines(wanted);
    }

    /// Closes at once.
    #[napi(catch_unwind)]
    pub fn destroy(&self) {
        self.control(Control::Destroy);
    }

    fn control(&self, control: Control) {
        self.held.borrow_mut().push(control);
        self.send_held();
    }

    fn send_held(&self) {
        for control in self.held.take() {
            // A session that is over needs nothing any more; its last event says so.
            let _ = self.controls.unbounded_send(control);
        }
    }
}

/// Throws what [`NativeSession::submit`] would throw, for requests without a session to send them.
/// Gives the first line of the command, without its tag and CRLF.
#[napi(catch_unwind)]
pub fn check(request: String, data: Option<&[u8]>) -> napi::Result<String> {
    compile(&request, data).map(|compiled| compiled.command.first_line())
}

/// Sets the certificates that are trusted where `tlsOptions.ca` is not given: PEM texts.
#[napi(catch_unwind)]
pub fn trust_roots(pem: Vec<String>) -> u32 {
    net::tls::trust_roots(&pem) as u32
}

fn compile(request: &str, data: Option<&[u8]>) -> napi::Result<Compiled> {
    let request: Request = serde_json::from_str(request).map_err(|error| {
        napi::Error::from_reason(format!("everimap does not know this request: {error}"))
    })?;
    request::compile(request, data.map(<[u8]>::to_vec)).map_err(refused_argument)
}

pub(super) fn object<'env>(env: &'env Env, frame: Frame) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("text", env.create_string_latin1(&frame.text)?)?;
    if !frame.text16.is_empty() {
        object.set("text16", env.create_string_utf16(&frame.text16)?)?;
    }
    object.set("words", Uint32ArraySlice::copy_from(env, &frame.words)?)?;
    let (copied, part) = frame.octets.into_parts();
    if !copied.is_empty() {
        let bytes = match copied.len() < LENT_BYTES {
            true => BufferSlice::copy_from(env, copied.as_slice())?,
            false => lent(env, copied.into())?,
        };
        object.set("bytes", bytes)?;
    }
    if let Some(part) = part {
        object.set("chunk", lent(env, part)?)?;
    }
    Ok(object)
}

/// A part of a chunk as a buffer of JavaScript, which gives it back when nobody holds it any more.
/// Where memory cannot be lent, as in Electron, it is a copy.
fn lent<'env>(env: &'env Env, part: Part) -> napi::Result<BufferSlice<'env>> {
    let bytes = part.bytes();
    let garbage = garbage(bytes.len(), chunk::lend(bytes.len()));
    env.run_in_scope(|| litter(env, garbage))?;
    let (bytes, length) = (bytes.as_ptr().cast_mut(), bytes.len());
    let give_back = |_, part| {
        drop(part);
        chunk::give_back();
    };
    // SAFETY: the bytes stay where they are while the chunk lives, which is until JavaScript has
    // given it back. Until then, nothing but JavaScript looks at them: who has read into the chunk
    // is done with it before the frame is sent, and the parts of the frames do not overlap.
    unsafe { BufferSlice::from_external(env, bytes, length, part, give_back) }
}

/// How much garbage is to go with so many bytes that are lent.
///
/// V8 finds out that nobody holds a buffer when its space for young objects is full, which has 1 to
/// 16 MiB; how much memory the buffers take does not count. So that space is filled, the faster the
/// more is lent: then about 4 MiB are lent at once where it is small, and 16 where it is large.
fn garbage(bytes: usize, lent: usize) -> usize {
    const LENT_BYTES_OF_FULL_SPEED: usize = 8 * 1024 * 1024;
    let lent = lent.min(LENT_BYTES_OF_FULL_SPEED);
    bytes * lent / LENT_BYTES_OF_FULL_SPEED
}

/// Makes so many bytes of arrays that nobody wants: of all objects, V8 makes these the fastest.
fn litter(env: &Env, mut garbage: usize) -> napi::Result<()> {
    // Larger objects have a space of their own.
    const PIECE_BYTES: usize = 64 * 1024;
    const ITEM_BYTES: usize = 8;
    while garbage > 0 {
        let piece = garbage.min(PIECE_BYTES);
        env.create_array((piece / ITEM_BYTES) as u32)?;
        garbage -= piece;
    }
    Ok(())
}

pub(super) fn refused_argument(error: ArgumentError) -> napi::Error {
    let (name, code) = match error.fault {
        Fault::Type => ("TypeError", "ERR_INVALID_ARG_TYPE"),
        Fault::Value => ("Error", code::ARGUMENT),
        Fault::Unsupported => ("Error", code::UNSUPPORTED),
    };
    thrown(serde_json::json!({ "name": name, "message": error.message, "code": code }))
}

/// The `reason` is JSON that `src/js/errors.js` makes a real error of.
pub(super) fn thrown(facts: serde_json::Value) -> napi::Error {
    napi::Error::from_reason(facts.to_string())
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text")
}
