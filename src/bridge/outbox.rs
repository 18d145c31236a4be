//! Events on their way to JavaScript: the connection's task fills frames, JavaScript pulls them.
//!
//! The doorbell carries nothing. It is rung when something is ready and nothing was waiting, once
//! for each read of the socket at the most; JavaScript then pulls until there is nothing left. Not
//! pulling is the backpressure: the sink calls itself full, and the task stops reading.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use crate::event::{Activity, Event, EventSink, Upkeep};

use super::frame::Frame;

/// A frame is sealed when it holds this many events.
const SEAL_EVENTS: usize = 128;
/// A frame is sealed when its content takes this many bytes.
const SEAL_BYTES: usize = 64 * 1024;
/// Above this many bytes waiting, the connection stops reading.
const FULL_BYTES: usize = 1024 * 1024;

/// Rings at JavaScript's door.
pub trait Doorbell: Send {
    /// Tells JavaScript to pull, soon.
    fn ring(&self);
}

/// The end that the connection's task writes to.
pub struct Outbox<D> {
    shared: Arc<Shared>,
    open: Frame,
    doorbell: D,
}

/// The end that JavaScript pulls from.
#[derive(Clone)]
pub struct Inbox {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    space: Arc<Notify>,
    shown: Mutex<Shown>,
    wants_lines: AtomicBool,
}

/// What a connection is doing, and since when the server idles with it.
#[derive(Clone, Copy, Default)]
pub struct Shown {
    /// See [`Activity`].
    pub activity: Activity,
    /// Milliseconds since 1970 at the last `+` to IDLE; 0 before the first.
    pub idling_since: f64,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    bytes: usize,
}

/// An outbox and its inbox.
pub fn outbox<D: Doorbell>(doorbell: D) -> (Outbox<D>, Inbox) {
    let shared = Arc::new(Shared::default());
    let outbox = Outbox {
        shared: shared.clone(),
        open: Frame::default(),
        doorbell,
    };
    (outbox, Inbox { shared })
}

impl<D: Doorbell> EventSink for Outbox<D> {
    fn emit(&mut self, event: &Event<'_>) {
        // An event that cannot cross is a fault of ours that the tests of the frame exclude.
        let pushed = self.open.push(event);
        debug_assert!(pushed.is_ok(), "{pushed:?}");
        if self.open.events >= SEAL_EVENTS || self.open.size() >= SEAL_BYTES {
            self.seal();
        }
    }

    fn flush(&mut self) {
        if self.open.events > 0 {
            self.seal();
        }
    }

    fn is_full(&self) -> bool {
        self.shared.queue().bytes > FULL_BYTES
    }

    fn space(&self) -> Arc<Notify> {
        self.shared.space.clone()
    }

    fn show(&mut self, activity: Activity) {
        let mut shown = self.shared.shown();
        let was_idling = shown.activity.upkeep == Upkeep::Idling;
        if activity.upkeep == Upkeep::Idling && !was_idling {
            shown.idling_since = milliseconds_since_1970();
        }
        shown.activity = activity;
    }

    fn wants_lines(&self) -> bool {
        self.shared.wants_lines.load(Ordering::Relaxed)
    }
}

fn milliseconds_since_1970() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_millis() as f64)
}

impl<D: Doorbell> Outbox<D> {
    fn seal(&mut self) {
        let frame = std::mem::take(&mut self.open);
        let mut queue = self.shared.queue();
        let was_empty = queue.frames.is_empty();
        queue.bytes += frame.size();
        queue.frames.push_back(frame);
        drop(queue);
        if was_empty {
            self.doorbell.ring();
        }
    }
}

impl Inbox {
    /// Another outbox into the same inbox, for when the first one is lost.
    pub fn outbox<D: Doorbell>(&self, doorbell: D) -> Outbox<D> {
        Outbox {
            shared: self.shared.clone(),
            open: Frame::default(),
            doorbell,
        }
    }

    /// The next frame, if one is ready.
    pub fn pull(&self) -> Option<Frame> {
        let mut queue = self.shared.queue();
        let frame = queue.frames.pop_front()?;
        let was_full = queue.bytes > FULL_BYTES;
        queue.bytes -= frame.size();
        if queue.frames.is_empty() {
            // Most sessions have nothing to tell most of the time.
            queue.frames = VecDeque::new();
        }
        let has_space = queue.bytes <= FULL_BYTES;
        drop(queue);
        if was_full && has_space {
            self.shared.space.notify_one();
        }
        Some(frame)
    }

    /// What the connection is doing now.
    pub fn shown(&self) -> Shown {
        *self.shared.shown()
    }

    /// Whether the program wants debug lines from now on.
    pub fn want_lines(&self, wanted: bool) {
        self.shared.wants_lines.store(wanted, Ordering::Relaxed);
    }
}

impl Shared {
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A panic while the lock was held leaves a queue that is still a queue.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
