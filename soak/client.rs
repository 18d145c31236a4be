//! A program that listens, as the session sees it: it settles at once, and hears what the planted
//! fault lets through.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use everimap::connection::Control;
use everimap::event::{Event, EventSink};
use futures_channel::mpsc::UnboundedSender;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::planted::Planted;
use crate::watch::Watch;
use crate::world::account::Desk;

/// A listener and its oracles, where everybody finds them.
#[derive(Clone)]
pub(crate) struct Client(Arc<Mutex<Watch>>);

impl Client {
    pub(crate) fn new(
        desk: Arc<Desk>,
        birth: Instant,
        controls: UnboundedSender<Control>,
        planted: Planted,
    ) -> Client {
        let watch = Watch::new(desk, birth, controls, planted);
        Client(Arc::new(Mutex::new(watch)))
    }

    pub(crate) fn watch(&self) -> MutexGuard<'_, Watch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventSink for Client {
    fn emit(&mut self, event: &Event<'_>) {
        let mut watch = self.watch();
        for _ in 0..watch.copies(event) {
            watch.see(event);
        }
        if event.is_completion() {
            // Whatever it saw: a planted fault must not stop the session.
            watch.settle();
        }
    }

    fn flush(&mut self) {}

    fn is_full(&self) -> bool {
        false
    }

    fn space(&self) -> Arc<Notify> {
        Arc::default()
    }
}
