//! From a name to a connected socket.
//!
//! The name is resolved for each connection: an address that led nowhere must not be held on to.
//! All of its addresses race (`race.rs`), those that failed lately last (`address.rs`).

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use tokio::net::{TcpSocket, TcpStream, lookup_host};

use super::address::Failures;
use super::error::{bind_error, connect_error, resolve_error};
use super::race::race;
use crate::error::{Error, Source, System};
use crate::options::{Options, TcpOptions};

static FAILURES: LazyLock<Failures> = LazyLock::new(Failures::default);

/// Connects to `options.host` and `options.port`, from `options.local_address` if it is given.
///
/// The socket has TCP_NODELAY and the keepalive of `options.tcp`; on Linux its TCP_USER_TIMEOUT,
/// too. There is no deadline: the caller has one (`connTimeout`).
///
/// # Errors
///
/// Node's, with Node's text: `getaddrinfo ENOTFOUND host`, `connect ECONNREFUSED 127.0.0.1:143`,
/// `bind EADDRNOTAVAIL 192.0.2.1`. When several addresses failed, it is the error of the first.
pub async fn connect(options: &Options) -> Result<TcpStream, Error> {
    let system = Sockets {
        local: options.local_address,
        tcp: options.tcp,
    };
    connect_over(&system, options, &FAILURES).await
}

/// Where names are resolved and sockets connected: the system, or a test.
pub(super) trait Network: Sync {
    /// A connected socket.
    type Socket: Send;

    /// The addresses of a name; at least one.
    fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = Result<Vec<SocketAddr>, Error>> + Send;

    /// A socket that is connected to this address.
    fn dial(&self, address: SocketAddr)
    -> impl Future<Output = Result<Self::Socket, Error>> + Send;
}

async fn connect_over<N: Network>(
    network: &N,
    options: &Options,
    failures: &Failures,
) -> Result<N::Socket, Error> {
    let local = options.local_address;
    let mut found = network.resolve(&options.host, options.port).await?;
    found.retain(|address| is_reachable(*address, local));
    race(network, failures.order(found), failures)
        .await
        .unwrap_or_else(|| Err(no_common_family(options)))
}

fn is_reachable(address: SocketAddr, local: Option<IpAddr>) -> bool {
    local.is_none_or(|local| local.is_ipv4() == address.is_ipv4())
}

/// The sockets of the system.
struct Sockets {
    local: Option<IpAddr>,
    tcp: TcpOptions,
}

impl Network for Sockets {
    type Socket = TcpStream;

    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
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

    async fn dial(&self, address: SocketAddr) -> Result<TcpStream, Error> {
        let failed = |error: io::Error| connect_error(&error, address);
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )
        .map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        keep_alive(&socket, &self.tcp);
        if let Some(local) = self.local {
            socket
                .bind(&SocketAddr::new(local, 0).into())
                .map_err(|error| bind_error(&error, local))?;
        }
        let socket = TcpSocket::from_std_stream(socket.into());
        socket.connect(address).await.map_err(failed)
    }
}

/// Sets what makes a dead peer noticed. A system that refuses one of these still gives a usable
/// connection, because the protocol has its own deadlines.
fn keep_alive(socket: &Socket, tcp: &TcpOptions) {
    let probes = TcpKeepalive::new()
        .with_time(tcp.keep_idle)
        .with_interval(tcp.keep_interval)
        .with_retries(tcp.keep_count);
    let _ = socket.set_tcp_keepalive(&probes);
    let _ = socket.set_tcp_nodelay(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = socket.set_tcp_user_timeout(Some(tcp.user_timeout));
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
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::time::Duration;

    use socket2::SockRef;
    use tokio::net::TcpListener;
    use tokio::time::{Instant, sleep, timeout};

    use super::*;
    use crate::net::race::ATTEMPT_DELAY;

    const SECOND: Duration = Duration::from_secs(1);

    fn options(json: &str) -> Options {
        Options::from_json(json).unwrap()
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
        assert_eq!(
            liveness(&stream),
            (45 * SECOND, 15 * SECOND, 3, 90 * SECOND)
        );
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_system_is_as_patient_as_it_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for (tcp, expected) in [
            // The default of `userTimeout` follows from the others.
            (
                r#"{"keepIdle":10000,"keepInterval":5000,"keepCount":2}"#,
                (10 * SECOND, 5 * SECOND, 2, 20 * SECOND),
            ),
            (
                r#"{"keepIdle":1500,"keepInterval":1,"userTimeout":2500}"#,
                (2 * SECOND, SECOND, 3, Duration::from_millis(2500)),
            ),
            (
                r#"{"keepIdle":2147483647}"#,
                (32_767 * SECOND, 15 * SECOND, 3, 32_812 * SECOND),
            ),
        ] {
            let json = format!(r#"{{"host":"127.0.0.1","port":{port},"tcp":{tcp}}}"#);
            let stream = connect(&options(&json)).await.unwrap();
            assert_eq!(liveness(&stream), expected, "{tcp}");
        }
    }

    /// Time before and between probes, how many of them, and the user timeout.
    #[cfg(target_os = "linux")]
    fn liveness(stream: &TcpStream) -> (Duration, Duration, u32, Duration) {
        let socket = SockRef::from(stream);
        (
            socket.tcp_keepalive_time().unwrap(),
            socket.tcp_keepalive_interval().unwrap(),
            socket.tcp_keepalive_retries().unwrap(),
            socket.tcp_user_timeout().unwrap().unwrap(),
        )
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
        let (system, failures) = (sockets(), Failures::default());

        let began = Instant::now();
        let order = vec![silent, good];
        let stream = race(&system, order.clone(), &failures).await.unwrap();
        assert_eq!(stream.unwrap().peer_addr().unwrap(), good);
        assert!(
            began.elapsed() >= ATTEMPT_DELAY,
            "the first address has a head start"
        );
        assert_eq!(failures.order(order), [good, silent]);
    }

    #[tokio::test]
    async fn the_next_address_is_tried_and_the_first_failure_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (_held, closed) = closed_port();
        let good = listener.local_addr().unwrap();
        let bad = SocketAddr::from(([127, 0, 0, 1], closed));
        let other = SocketAddr::from(([127, 0, 0, 3], closed));
        let (system, failures) = (sockets(), Failures::default());

        let stream = race(&system, vec![bad, good], &failures).await.unwrap();
        assert_eq!(stream.unwrap().peer_addr().unwrap(), good);

        let error = race(&system, vec![other, bad], &failures).await.unwrap();
        let message = format!("connect ECONNREFUSED {other}");
        assert_eq!(error.unwrap_err().message, message);
        assert!(race(&system, Vec::new(), &failures).await.is_none());
    }

    fn sockets() -> Sockets {
        Sockets {
            local: None,
            tcp: TcpOptions::default(),
        }
    }

    /// A network whose clock stands still: what a name resolves to and how long that takes, and
    /// how long each address takes to answer. One that has no time never does.
    #[derive(Default)]
    struct Stage {
        names: Mutex<Vec<Result<(Duration, &'static str), &'static str>>>,
        answers: HashMap<SocketAddr, Duration>,
        dialled: Mutex<Vec<SocketAddr>>,
    }

    impl Stage {
        fn new(answers: &[(&str, Duration)]) -> Stage {
            let answers = answers.iter().map(|(text, time)| (address(text), *time));
            Stage {
                answers: answers.collect(),
                ..Stage::default()
            }
        }

        /// The name is next resolved so.
        fn resolves(&self, result: Result<(Duration, &'static str), &'static str>) {
            self.names.lock().unwrap().push(result);
        }

        async fn connect(&self, failures: &Failures) -> (Result<SocketAddr, Error>, Duration) {
            self.dialled.lock().unwrap().clear();
            let began = Instant::now();
            let options = options(r#"{"host":"imap.example"}"#);
            let connected = connect_over(self, &options, failures).await;
            (connected, began.elapsed())
        }
    }

    impl Network for Stage {
        type Socket = SocketAddr;

        async fn resolve(&self, host: &str, _port: u16) -> Result<Vec<SocketAddr>, Error> {
            let next = self.names.lock().unwrap().remove(0);
            match next {
                Ok((time, texts)) => {
                    sleep(time).await;
                    Ok(texts.split(' ').map(address).collect())
                }
                Err(text) => Err(resolve_error(Some(&io::Error::other(text)), host)),
            }
        }

        async fn dial(&self, address: SocketAddr) -> Result<SocketAddr, Error> {
            self.dialled.lock().unwrap().push(address);
            match self.answers.get(&address) {
                Some(time) => sleep(*time).await,
                None => std::future::pending().await,
            }
            Ok(address)
        }
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    const V6: &str = "[2001:db8::1]:143";
    const V4: &str = "192.0.2.1:143";
    const SOON: Duration = Duration::from_millis(40);

    #[tokio::test(start_paused = true)]
    async fn n02_a_black_hole_costs_a_quarter_of_a_second_each() {
        let stage = Stage::new(&[("192.0.2.3:143", SOON)]);
        stage.resolves(Ok((
            Duration::ZERO,
            "192.0.2.1:143 192.0.2.2:143 192.0.2.3:143",
        )));
        let (connected, took) = stage.connect(&Failures::default()).await;
        assert_eq!(connected.unwrap(), address("192.0.2.3:143"));
        assert_eq!(took, 2 * ATTEMPT_DELAY + SOON);

        // Where all are black holes, the caller's deadline is the end.
        let stage = Stage::new(&[]);
        stage.resolves(Ok((Duration::ZERO, "192.0.2.1:143 192.0.2.2:143")));
        let failures = Failures::default();
        let connected = timeout(10 * SECOND, stage.connect(&failures)).await;
        assert!(connected.is_err());
        assert_eq!(stage.dialled.lock().unwrap().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn n20_an_ipv6_black_hole_is_passed_by_and_remembered() {
        let stage = Stage::new(&[(V4, SOON)]);
        let failures = Failures::default();
        let both = "[2001:db8::1]:143 192.0.2.1:143";
        stage.resolves(Ok((Duration::ZERO, both)));
        let (connected, took) = stage.connect(&failures).await;
        assert_eq!(connected.unwrap(), address(V4));
        assert!(took < Duration::from_millis(600), "{took:?}");

        stage.resolves(Ok((Duration::ZERO, both)));
        let (connected, took) = stage.connect(&failures).await;
        assert_eq!((connected.unwrap(), took), (address(V4), SOON));
        assert_eq!(*stage.dialled.lock().unwrap(), [address(V4)]);
        sleep(600 * SECOND).await;

        stage.resolves(Ok((Duration::ZERO, both)));
        stage.connect(&failures).await.0.unwrap();
        assert_eq!(*stage.dialled.lock().unwrap(), [address(V6), address(V4)]);
    }

    #[tokio::test(start_paused = true)]
    async fn n21_the_name_is_resolved_for_each_connection() {
        let stage = Stage::new(&[(V4, SOON), ("192.0.2.9:143", SOON)]);
        let failures = Failures::default();
        stage.resolves(Ok((Duration::ZERO, V4)));
        stage.resolves(Err("Temporary failure in name resolution"));
        stage.resolves(Err("Name or service not known"));
        stage.resolves(Ok((30 * SECOND, "192.0.2.9:143")));
        assert_eq!(stage.connect(&failures).await.0.unwrap(), address(V4));
        for code in ["EAI_AGAIN", "ENOTFOUND"] {
            assert_eq!(stage.connect(&failures).await.0.unwrap_err().code, code);
        }
        let (connected, took) = stage.connect(&failures).await;
        assert_eq!(connected.unwrap(), address("192.0.2.9:143"));
        assert_eq!(took, 30 * SECOND + SOON);
    }
}
