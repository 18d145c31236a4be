//! How JavaScript hears that there is something to pull.
//!
//! A threadsafe function takes a kilobyte and a handle of the event loop, which looks at all of its
//! handles whenever one is rung. So the sessions of an environment have one between them.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;

use super::outbox::Doorbell;

/// Rings with the number of a session.
type Wire = ThreadsafeFunction<u32, (), u32, Status, false>;

/// The doorbells of an environment's sessions.
///
/// What they ring is there while one of them is, and holds the process as long: a session that lives
/// has a bell, and there is no counting of references besides.
#[napi]
#[derive(Default)]
pub struct Doorbells {
    wire: RefCell<Weak<Wire>>,
}

#[napi]
impl Doorbells {
    /// None so far.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Doorbells {
        Doorbells::default()
    }
}

impl Doorbells {
    /// The bell of the session with this number. `ring` is the same function each time.
    pub(super) fn bell(&self, ring: &Function<'_, u32, ()>, number: u32) -> napi::Result<Bell> {
        let mut kept = self.wire.borrow_mut();
        let wire = match kept.upgrade() {
            Some(wire) => wire,
            None => {
                let wire = ring
                    .build_threadsafe_function::<u32>()
                    .callee_handled::<false>()
                    .build()?;
                let wire = Arc::new(wire);
                *kept = Arc::downgrade(&wire);
                wire
            }
        };
        Ok(Bell { wire, number })
    }
}

/// The bell of one session.
#[derive(Clone)]
pub struct Bell {
    wire: Arc<Wire>,
    number: u32,
}

impl Doorbell for Bell {
    fn ring(&self) {
        // A closing environment is no fault: then nobody is left to hear it.
        let mode = ThreadsafeFunctionCallMode::NonBlocking;
        self.wire.call(self.number, mode);
    }
}
