//! From a name to a connected socket.
//!
//! All addresses of the name race as in RFC 8305: families take turns, a new attempt starts when
//! the last one failed or after [`ATTEMPT_DELAY`], and the first success wins.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::sleep;

use super::error::{bind_error, connect_error, resolve_error};
use crate::error::{Error, Source, System};
use crate::options::Options;

/// The head start of one address over the next (RFC 8305 section 5).
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// Silence before the first keepalive probe.
pub const KEEPALIVE_IDLE: Duration = Duration::from_secs(45);
/// Time between keepalive probes.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// Unanswered probes after which the connection is dead.
pub const KEEPALIVE_PROBES: u32 = 3;
/// The longest time that sent data may stay unacknowledged: as long as the probes take.
pub const USER_TIMEOUT: Duration = Duration::from_secs(90);

/// Connects to `options.host` and `options.port`, from `options.local_address` if it is given.
///
/// The socket has keepalive ([`KEEPALIVE_IDLE`]), [`USER_TIMEOUT`] on Linux, and TCP_NODELAY.
/// There is no deadline: the caller has one (`connTimeout`).
///
/// # Errors
///
/// Node's, with Node's text: `getaddrinfo ENOTFOUND host`, `connect ECONNREFUSED 127.0.0.1:143`,
/// `bind EADDRNOTAVAIL 192.0.2.1`. When several addresses failed, it is the error of the first.
pub async fn connect(options: &Options) -> Result<TcpStream, Error> {
    let local = options.local_address;
    let found = resolve(&options.host, options.port).await?;
    let usable = found
        .into_iter()
        .filter(|address| is_reachable(*address, local))
        .collect();
    race(interleave(usable), local)
        .await
        .unwrap_or_else(|| Err(no_common_family(options)))
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    match lookup_host((host, port)).await {
        Ok(found) => {
            let found: Vec<_> = found.collect();
            if found.is_empty() {
                return Err(resolve_error(None, host));
            }
            Ok(found)
        }
        Err(error) => Err(resolve_error(Some(&error), host)),
    }
}

fn is_reachable(address: SocketAddr, local: Option<IpAddr>) -> bool {
    local.is_none_or(|local| local.is_ipv4() == address.is_ipv4())
}

/// Families take turns, beginning with that of the first address, and keep the resolver's order
/// within (RFC 8305 section 4).
fn interleave(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_v4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv4() == first_is_v4);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = VecDeque::new();
    loop {
        let before = order.len();
        order.extend(first.next());
        order.extend(second.next());
        if order.len() == before {
            return order;
        }
    }
}

/// `None` when there is nothing to try.
async fn race(
    mut waiting: VecDeque<SocketAddr>,
    local: Option<IpAddr>,
) -> Option<Result<TcpStream, Error>> {
    let first = waiting.front().copied()?;
    let mut running = FuturesUnordered::new();
    let mut failure: Option<(SocketAddr, Error)> = None;
    loop {
        if let Some(address) = waiting.pop_front() {
            running.push(async move { (address, attempt(address, local).await) });
        }
        tokio::select! {
            ended = running.next() => match ended {
                None => return failure.map(|(_, error)| Err(error)),
                Some((_, Ok(stream))) => return Some(Ok(stream)),
                Some((address, Err(error))) => {
                    if failure.is_none() || address == first {
                        failure = Some((address, error));
                    }
                }
            },
            () = sleep(ATTEMPT_DELAY), if !waiting.is_empty() => {}
        }
    }
}

async fn attempt(address: SocketAddr, local: Option<IpAddr>) -> Result<TcpStream, Error> {
    let failed = |error: io::Error| connect_error(&error, address);
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )
    .map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    keep_alive(&socket);
    if let Some(local) = local {
        socket
            .bind(&SocketAddr::new(local, 0).into())
            .map_err(|error| bind_error(&error, local))?;
    }
    let socket = TcpSocket::from_std_stream(socket.into());
    socket.connect(address).await.map_err(failed)
}

/// Sets what makes a dead peer noticed. A system that refuses one of these still gives a usable
/// connection, because the protocol has its own deadlines.
fn keep_alive(socket: &Socket) {
    let probes = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_PROBES);
    let _ = socket.set_tcp_keepalive(&probes);
    let _ = socket.set_tcp_nodelay(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = socket.set_tcp_user_timeout(Some(USER_TIMEOUT));
}

fn no_common_family(options: &Options) -> Error {
    let (host, local) = (
        &options.host,
        options.local_address.map(|local| local.to_string()),
    );
    let family = match options.local_address {
        Some(IpAddr::V6(_)) => "IPv6",
        _ => "IPv4",
    };
    let message = format!("bind EAFNOSUPPORT {}", local.as_deref().unwrap_or_default());
    let advice = format!(
        "`{host}` has no {family} address: use a `localAddress` of the other family, or none."
    );
    let system = System {
        syscall: Some("bind"),
        address: local,
        ..System::default()
    };
    Error::new(Source::Socket, "EAFNOSUPPORT", message)
        .with_system(system)
        .with_advice(advice)
}

#[cfg(test)]
mod tests {
    use socket2::SockRef;
    use tokio::net::TcpListener;

    use super::*;

    fn options(json: &str) -> Options {
        Options::from_json(json).unwrap()
    }

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// A port where nothing listens: bound, so that nobody else takes it, but not listening.
    fn closed_port() -> (Socket, u16) {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket
            .bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())
            .unwrap();
        let port = socket.local_addr().unwrap().as_socket().unwrap().port();
        (socket, port)
    }

    #[tokio::test]
    async fn the_socket_has_keepalive_and_no_delay() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stream = connect(&options(&format!(
            r#"{{"host":"127.0.0.1","port":{port}}}"#
        )))
        .await
        .unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap() && socket.tcp_nodelay().unwrap());
        #[cfg(target_os = "linux")]
        {
            assert_eq!(socket.tcp_keepalive_time().unwrap(), KEEPALIVE_IDLE);
            assert_eq!(socket.tcp_keepalive_interval().unwrap(), KEEPALIVE_INTERVAL);
            assert_eq!(socket.tcp_keepalive_retries().unwrap(), KEEPALIVE_PROBES);
            assert_eq!(socket.tcp_user_timeout().unwrap(), Some(USER_TIMEOUT));
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_refused_in_the_words_of_node() {
        let (_held, port) = closed_port();
        let error = connect(&options(&format!(
            r#"{{"host":"127.0.0.1","port":{port}}}"#
        )))
        .await
        .unwrap_err();
        assert_eq!(
            error.message,
            format!("connect ECONNREFUSED 127.0.0.1:{port}")
        );
        assert!(error.advice.unwrap().contains("`host` and `port`"));
        assert_eq!(error.code, "ECONNREFUSED");
        assert_eq!(error.source, Some(Source::Socket));
        let system = error.system.unwrap();
        assert_eq!((system.syscall, system.port), (Some("connect"), Some(port)));
        assert_eq!(system.address.as_deref(), Some("127.0.0.1"));
        assert!(system.errno.unwrap() < 0);
    }

    #[tokio::test]
    async fn a_local_address_is_used_and_one_of_elsewhere_is_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let json =
            |local| format!(r#"{{"host":"127.0.0.1","port":{port},"localAddress":"{local}"}}"#);
        let stream = connect(&options(&json("127.0.0.2"))).await.unwrap();
        assert_eq!(stream.local_addr().unwrap().ip().to_string(), "127.0.0.2");

        let error = connect(&options(&json("192.0.2.1"))).await.unwrap_err();
        assert_eq!(error.message, "bind EADDRNOTAVAIL 192.0.2.1");
        assert!(error.advice.unwrap().contains("`localAddress`"));

        let error = connect(&options(&json("::1"))).await.unwrap_err();
        assert_eq!(error.message, "bind EAFNOSUPPORT ::1");
        let advice = error.advice.unwrap();
        assert!(
            advice.contains("`127.0.0.1` has no IPv6 address"),
            "{advice}"
        );
    }

    #[tokio::test]
    async fn the_next_address_is_tried_and_the_first_failure_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (_held, closed) = closed_port();
        let good = listener.local_addr().unwrap();
        let bad = SocketAddr::from(([127, 0, 0, 1], closed));
        let other = SocketAddr::from(([127, 0, 0, 3], closed));

        let stream = race(VecDeque::from([bad, good]), None)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);

        let error = race(VecDeque::from([other, bad]), None)
            .await
            .unwrap()
            .unwrap_err();
        assert_eq!(error.message, format!("connect ECONNREFUSED {other}"));
        assert!(race(VecDeque::new(), None).await.is_none());
    }

    /// Linux drops the SYN of a client whose server has no room for it.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_silent_address_does_not_hold_up_the_next() {
        let (full, port) = closed_port();
        full.listen(0).unwrap();
        let silent = SocketAddr::from(([127, 0, 0, 1], port));
        let _first_in_line = TcpStream::connect(silent).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();

        let began = tokio::time::Instant::now();
        let stream = race(VecDeque::from([silent, good]), None)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        assert!(
            began.elapsed() >= ATTEMPT_DELAY,
            "the first address has a head start"
        );
    }

    #[test]
    fn families_take_turns() {
        let found = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let order = addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(interleave(found), order);
    }
}
