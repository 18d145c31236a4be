//! A world in memory: providers, their servers, and what happens to their accounts. Its only clock
//! is tokio's, which may stand still.
//!
//! * `provider.rs` has the habits of providers, `account.rs` what is one account's.
//! * `mailbox.rs` is the truth, `view.rs` what one connection was told of it.
//! * `connection.rs` serves a client, `command.rs` reads what it says, `answers.rs` answers.
//! * `weather.rs` is mail, other clients, and faults.

pub(crate) mod account;
mod answers;
mod command;
mod connection;
pub(crate) mod mailbox;
pub(crate) mod provider;
pub(crate) mod view;
pub(crate) mod weather;

use std::sync::Arc;
use std::time::Duration;

use everimap::error::{Error, Source};
use everimap::net::{Dialer, Stream};
use tokio::io::{DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use account::Desk;
pub(crate) use connection::token;

/// What is on its way between the two at the most.
const PIPE_BYTES: usize = 256 * 1024;
/// A server that accepts and says nothing does so for this time.
const SILENCE: Duration = Duration::from_secs(60);

/// Connects clients to the servers of an account. `birth` is when the world began.
pub(crate) fn dialer(desk: Arc<Desk>, birth: Instant) -> Dialer {
    Dialer(Arc::new(move || {
        let now = Instant::now();
        let (refuses, is_silent) = {
            let door = &desk.lock().door;
            let lasts = |until: Option<Instant>| until.is_some_and(|until| now < until);
            (lasts(door.refuses_until), lasts(door.silent_until))
        };
        if refuses {
            let message = "connect ECONNREFUSED";
            return Err(Error::new(Source::Socket, "ECONNREFUSED", message));
        }
        let (ours, theirs) = duplex(PIPE_BYTES);
        match is_silent {
            true => drop(tokio::spawn(say_nothing(desk.clone(), theirs))),
            false => drop(tokio::spawn(connection::serve(desk.clone(), theirs, birth))),
        }
        Ok(Stream::Memory(ours))
    }))
}

async fn say_nothing(desk: Arc<Desk>, stream: DuplexStream) {
    let _alive = desk.census.enter();
    sleep(SILENCE).await;
    drop(stream);
}
