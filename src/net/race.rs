//! The race of the addresses of a name (RFC 8305 section 5).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep};

use super::address::Failures;
use super::tcp::Network;
use crate::error::Error;

/// The head start of one address over the next (RFC 8305 section 5).
pub(super) const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Tries these addresses in their order: a new attempt starts when the last one failed or after
/// [`ATTEMPT_DELAY`], and the first success wins. `None` when there is nothing to try.
///
/// # Errors
///
/// That of the first address, when all failed.
pub(super) async fn race<N: Network>(
    network: &N,
    order: Vec<SocketAddr>,
    failures: &Failures,
) -> Option<Result<N::Socket, Error>> {
    let first = order.first().copied()?;
    let mut waiting = VecDeque::from(order);
    let mut running = FuturesUnordered::new();
    let mut since: Vec<(SocketAddr, Instant)> = Vec::new();
    let mut failure: Option<(SocketAddr, Error)> = None;
    loop {
        if let Some(address) = waiting.pop_front() {
            since.push((address, Instant::now()));
            running.push(async move { (address, network.dial(address).await) });
        }
        tokio::select! {
            ended = running.next() => match ended {
                None => return failure.map(|(_, error)| Err(error)),
                Some((address, Ok(socket))) => {
                    failures.worked(address);
                    // One that got its head start and did not use it leads nowhere.
                    for (other, began) in since {
                        if other != address && began.elapsed() >= ATTEMPT_DELAY {
                            failures.failed(other);
                        }
                    }
                    return Some(Ok(socket));
                }
                Some((address, Err(error))) => {
                    failures.failed(address);
                    since.retain(|(other, _)| *other != address);
                    if failure.is_none() || address == first {
                        failure = Some((address, error));
                    }
                }
            },
            () = sleep(ATTEMPT_DELAY), if !waiting.is_empty() => {}
        }
    }
}
