//! What becomes of a connection when the machine wakes up (resilience 2.15).

use std::convert::Infallible;
use std::time::Duration;

use crate::clock::Clock;
use crate::connection::{Order, Orders};
use crate::error::{Error, Source, code};

/// A connection is not even asked after a sleep as long as this: NAT entries and servers have
/// forgotten it.
const TRUSTED: Duration = Duration::from_secs(30 * 60);

/// Goes along with a connection. `has_others` says whether another one can take its place; without
/// that a dead one is to be found out first.
pub(super) async fn watch(mut clock: Clock, orders: Orders, has_others: bool) -> Infallible {
    loop {
        let slept = clock.wakes().await;
        orders.give(match has_others && slept > TRUSTED {
            true => Order::Abandon(Box::new(overslept(slept))),
            false => Order::Prove,
        });
    }
}

fn overslept(slept: Duration) -> Error {
    let minutes = slept.as_secs() / 60;
    let message =
        format!("The machine slept for {minutes} minutes; the connection is taken for dead");
    Error::new(Source::Timeout, code::DEADLINE, message)
}
