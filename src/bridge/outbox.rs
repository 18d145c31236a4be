//! Events on their way to JavaScript: the connection's task fills frames, JavaScript pulls them.
//!
//! The doorbell carries nothing. It is rung when something is ready and JavaScript does not know
//! that something was; JavaScript then pulls until there is nothing left. Not pulling is the
//! backpressure: the sink calls itself full, and the task stops reading.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use crate::chunk::{CHUNK_BYTES, Chunk};
use crate::event::{Activity, Event, EventSink, Traffic, Upkeep};

use super::frame::Frame;

/// A frame is sealed when it holds this many events.
const SEAL_EVENTS: usize = 128;
/// A frame is sealed when its values take this many bytes.
const SEAL_BYTES: usize = 64 * 1024;
/// A frame is sealed when it has so many bytes of bodies.
const SEAL_BODY_BYTES: usize = CHUNK_BYTES;
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
    /// Whether the program hears of something in it.
    has_news: bool,
    /// Full frames that lean on the chunk.
    full: Vec<Frame>,
    /// The chunk that is being read.
    chunk: Option<Arc<Chunk>>,
    doorbell: D,
    /// What has passed. It is told with the events that came of it, or when there are none.
    traffic: Traffic,
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
    /// Whether JavaScript has not yet pulled all that came of the traffic.
    pub is_pulling: bool,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// Whether JavaScript was rung for and has not found the queue empty since.
    is_pulling: bool,
    /// What the frames until now came of.
    traffic: Traffic,
}

/// An outbox and its inbox.
pub fn outbox<D: Doorbell>(doorbell: D) -> (Outbox<D>, Inbox) {
    let shared = Arc::new(Shared::default());
    let inbox = Inbox { shared };
    (inbox.outbox(doorbell), inbox)
}

impl<D: Doorbell> EventSink for Outbox<D> {
    fn emit(&mut self, event: &Event<'_>) {
        // An event that cannot cross is a fault of ours that the tests of the frame exclude.
        let pushed = self.open.push(event);
        debug_assert!(pushed.is_ok(), "{pushed:?}");
        self.has_news |= !event.is_silent();
        self.seal_if_full();
    }

    fn within(&mut self, chunk: Option<&Arc<Chunk>>) {
        self.chunk = chunk.cloned();
        if self.open.events > 0 {
            self.seal();
        } else {
            self.open = Frame::within(self.chunk.clone());
        }
        if self.chunk.is_none() {
            self.send();
        }
    }

    fn flush(&mut self) {
        if self.open.events > 0 {
            self.seal();
        } else if self.full.is_empty() {
            self.shared.queue().traffic = self.traffic;
        }
    }

    fn flush_news(&mut self) {
        if self.has_news {
            self.flush();
        } else {
            self.shared.queue().traffic = self.traffic;
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
        self.traffic = activity.traffic;
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
    fn seal_if_full(&mut self) {
        let bodies = self.open.octets.len();
        let values = self.open.size() - bodies;
        if self.open.events >= SEAL_EVENTS || values >= SEAL_BYTES || bodies >= SEAL_BODY_BYTES {
            self.seal();
        }
    }

    fn seal(&mut self) {
        self.has_news = false;
        let next = Frame::within(self.chunk.clone());
        self.full.push(std::mem::replace(&mut self.open, next));
        // A chunk that is being read is not JavaScript's yet.
        let leans = |frame: &Frame| frame.octets.leans_on_chunk();
        if self.chunk.is_none() || !self.full.iter().any(leans) {
            self.send();
        }
    }

    fn send(&mut self) {
        if self.full.is_empty() {
            return;
        }
        self.full.iter_mut().for_each(Frame::seal);
        let mut queue = self.shared.queue();
        let is_pulling = std::mem::replace(&mut queue.is_pulling, true);
        queue.bytes += self.full.iter().map(Frame::size).sum::<usize>();
        queue.frames.extend(self.full.drain(..));
        queue.traffic = self.traffic;
        drop(queue);
        if !is_pulling {
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
            has_news: false,
            full: Vec::new(),
            chunk: None,
            doorbell,
            traffic: self.shared.queue().traffic,
        }
    }

    /// The next frame, if one is ready.
    pub fn pull(&self) -> Option<Frame> {
        let mut queue = self.shared.queue();
        let Some(frame) = queue.frames.pop_front() else {
            queue.is_pulling = false;
            return None;
        };
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
        let mut shown = *self.shared.shown();
        let queue = self.shared.queue();
        shown.activity.traffic = queue.traffic;
        shown.is_pulling = queue.is_pulling;
        shown
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::wire::value::Bytes;

    #[derive(Clone, Default)]
    struct Rings(Arc<AtomicUsize>);

    impl Rings {
        fn count(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl Doorbell for Rings {
        fn ring(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn chunk(bytes: &[u8]) -> Arc<Chunk> {
        let mut chunk = Chunk::new();
        chunk.extend_from_slice(bytes);
        Arc::new(chunk)
    }

    fn say<D: Doorbell>(outbox: &mut Outbox<D>, bytes: &[u8]) {
        let bytes = Bytes(bytes);
        outbox.emit(&Event::BodyChunk { body: 1, bytes });
    }

    /// What JavaScript reads: the bytes of each event, and whether they stand in a chunk.
    fn heard(inbox: &Inbox) -> Vec<(Vec<u8>, bool)> {
        let mut heard = Vec::new();
        for frame in std::iter::from_fn(|| inbox.pull()) {
            let (copied, part) = frame.octets.into_parts();
            for event in frame.words.chunks(4) {
                let (length, place) = ((event[2] >> 4) as usize, event[3]);
                let from = (place >> 1) as usize;
                let bytes = match &part {
                    Some(part) if place & 1 == 1 => part.bytes(),
                    _ => &copied[..],
                };
                heard.push((bytes[from..from + length].to_vec(), place & 1 == 1));
            }
        }
        heard
    }

    #[test]
    fn bytes_are_the_same_wherever_they_stand() {
        const KIB: usize = 1024;
        let bytes: Vec<u8> = (0..CHUNK_BYTES).map(|at| (at / 7) as u8).collect();
        let chunk = chunk(&bytes);
        let all = [
            // Where they begin, how many, and whether they stay.
            vec![(0, CHUNK_BYTES, true)],
            vec![(KIB, 20 * KIB, true), (30 * KIB, 20 * KIB, true)],
            vec![
                (50 * KIB, 40 * KIB, true),
                (7, 5, false),
                (0, 8 * KIB, true),
            ],
            vec![
                (KIB, 20 * KIB, false),
                (30 * KIB, 5 * KIB, false),
                (0, 0, false),
            ],
            vec![(100, 100, false)],
        ];
        for places in all {
            let (mut outbox, inbox) = outbox(Rings::default());
            say(&mut outbox, b"before");
            outbox.within(Some(&chunk));
            for (from, length, _) in &places {
                say(&mut outbox, &chunk[*from..from + length]);
                say(&mut outbox, b"elsewhere");
            }
            outbox.within(None);
            say(&mut outbox, &chunk[..5 * KIB]);
            outbox.flush();
            let mut expected = vec![(b"before".to_vec(), false)];
            for (from, length, stays) in places {
                expected.push((bytes[from..from + length].to_vec(), stays));
                expected.push((b"elsewhere".to_vec(), false));
            }
            expected.push((bytes[..5 * KIB].to_vec(), false));
            assert!(heard(&inbox) == expected);
        }
    }

    #[test]
    fn a_chunk_is_nobody_elses_while_it_is_read() {
        let chunk = chunk(&[b'x'; CHUNK_BYTES]);
        let (mut outbox, inbox) = outbox(Rings::default());
        outbox.within(Some(&chunk));
        (0..SEAL_EVENTS).for_each(|_| say(&mut outbox, b"small"));
        assert_eq!(heard(&inbox).len(), SEAL_EVENTS);
        say(&mut outbox, &chunk[..CHUNK_BYTES - 1]);
        (0..SEAL_EVENTS).for_each(|_| say(&mut outbox, b"small"));
        outbox.flush();
        assert!(heard(&inbox).is_empty());
        outbox.within(None);
        assert_eq!(heard(&inbox).len(), SEAL_EVENTS + 1);
        assert_eq!(Arc::strong_count(&chunk), 1);
    }

    #[test]
    fn a_frame_is_sealed_when_its_bodies_fill_a_chunk() {
        let (mut outbox, inbox) = outbox(Rings::default());
        say(&mut outbox, &[b'x'; SEAL_BODY_BYTES - 1]);
        assert!(inbox.pull().is_none());
        say(&mut outbox, b"y");
        assert_eq!(inbox.pull().unwrap().octets.len(), SEAL_BODY_BYTES);
    }

    #[test]
    fn what_nobody_hears_of_waits_for_what_somebody_does() {
        let rings = Rings::default();
        let (mut outbox, inbox) = outbox(rings.clone());
        outbox.emit(&Event::Capabilities(vec!["IDLE".to_owned()]));
        outbox.emit(&Event::Delimiter(None));
        outbox.flush_news();
        assert_eq!(rings.count(), 0);
        outbox.emit(&Event::Alert(None));
        outbox.flush_news();
        assert_eq!(rings.count(), 1);
        assert_eq!(inbox.pull().map(|frame| frame.events), Some(3));
        outbox.emit(&Event::Delimiter(None));
        outbox.flush_news();
        assert!(inbox.pull().is_none());
        outbox.flush();
        assert_eq!(inbox.pull().map(|frame| frame.events), Some(1));
    }

    #[test]
    fn bytes_have_passed_when_what_came_of_them_can_be_pulled() {
        let (mut outbox, inbox) = outbox(Rings::default());
        let mut receive = |received, events| {
            for _ in 0..events {
                outbox.emit(&Event::Encrypted);
            }
            let traffic = Traffic { received, sent: 0 };
            outbox.show(Activity {
                traffic,
                ..Activity::default()
            });
            let before = inbox.shown().activity.traffic.received;
            outbox.flush();
            let Shown {
                activity,
                is_pulling,
                ..
            } = inbox.shown();
            (before, activity.traffic.received, is_pulling)
        };
        assert_eq!(receive(5, 0), (0, 5, false));
        assert_eq!(receive(7, 1), (5, 7, true));
        assert!(inbox.pull().is_some());
        assert!(inbox.shown().is_pulling);
        assert!(inbox.pull().is_none());
        assert!(!inbox.shown().is_pulling);
    }

    #[test]
    fn the_doorbell_rings_once_until_nothing_is_found() {
        let rings = Rings::default();
        let (mut outbox, inbox) = outbox(rings.clone());
        let mut say = || {
            outbox.emit(&Event::Encrypted);
            outbox.flush();
        };
        say();
        say();
        assert!(inbox.pull().is_some());
        assert!(inbox.pull().is_some());
        say();
        assert_eq!(rings.count(), 1);
        assert!(inbox.pull().is_some());
        assert!(inbox.pull().is_none());
        say();
        assert_eq!(rings.count(), 2);
    }
}
