//! In which order the addresses of a name are tried (RFC 8305 section 4), and which of them were
//! of no use lately.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// An address that failed is tried after the others for so long.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);
/// Addresses are forgotten when their time has come, as soon as there are more than this many.
const MANY: usize = 1_000;

/// Addresses that failed lately.
#[derive(Debug, Default)]
pub(super) struct Failures {
    at: Mutex<HashMap<SocketAddr, Instant>>,
}

impl Failures {
    /// The order in which these are to be tried: families take turns, beginning with that of the
    /// first address, and keep the resolver's order within. What failed lately comes last.
    pub(super) fn order(&self, found: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let now = Instant::now();
        let at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let failed_lately =
            |address: &SocketAddr| at.get(address).is_some_and(|at| now < *at + REMEMBERED);
        let mut order = interleave(found);
        order.sort_by_key(failed_lately);
        order
    }

    /// The address was of no use.
    pub(super) fn failed(&self, address: SocketAddr) {
        let now = Instant::now();
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if at.len() > MANY {
            at.retain(|_, at| now < *at + REMEMBERED);
        }
        at.insert(address, now);
    }

    /// The address works.
    pub(super) fn worked(&self, address: SocketAddr) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.remove(&address);
    }
}

fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv4() == first_is_v4);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = Vec::new();
    loop {
        let before = order.len();
        order.extend(first.next());
        order.extend(second.next());
        if order.len() == before {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns() {
        let found = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let order = addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(Failures::default().order(found), order);
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_comes_last_for_ten_minutes() {
        let failures = Failures::default();
        let found = addresses(&["[::1]:1", "1.1.1.1:1"]);
        let turned = addresses(&["1.1.1.1:1", "[::1]:1"]);
        failures.failed(found[0]);
        advance(REMEMBERED - Duration::from_secs(1)).await;
        assert_eq!(failures.order(found.clone()), turned);
        advance(Duration::from_secs(1)).await;
        assert_eq!(failures.order(found.clone()), found);

        failures.failed(found[0]);
        failures.worked(found[0]);
        assert_eq!(failures.order(found.clone()), found);
    }
}
