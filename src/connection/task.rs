//! The task of a connection: dials, logs in, then turns around sockets, controls and timers.
//!
//! A connection idles for most of its life, and a future takes as much memory as the largest of all
//! that it will ever wait for. So what comes before and after is in boxes of its own.

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::StreamExt;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use crate::error::{Error, Source, code};
use crate::event::{Event, Stage};
use crate::net;
use crate::options::Options;
use crate::wire::request::Purpose;

use super::legacy::Legacy;
use super::line::{Leave, Line, Report};
use super::link::Link;
use super::login::{log_in, too_slow};
use super::protocol::Protocol;
use super::resume::resume;
use super::spare::Spare;
use super::timer::{Alarm, RESUME_DEADLINE};
use super::{Control, Exit, Remembered};

/// After so many reads others have their turn.
const MOST_READS_IN_A_ROW: u32 = 8;

/// Runs one connection from dialling to its end, on from the legacy of the one before, and
/// gives its own.
///
/// It ends when the program ends it, when the server closes it, when a deadline passes, and when
/// the session has another one: never without a reason in the [`Exit`].
pub async fn run(
    options: &Options,
    controls: &mut UnboundedReceiver<Control>,
    mut legacy: Box<Legacy>,
    line: &mut Line,
) -> (Exit, Box<Legacy>) {
    let held = std::mem::take(&mut legacy.waiting);
    let mut requests = Requests { controls, held };
    let mut protocol = begun(options, legacy);
    let stream = tokio::select! {
        biased;
        _ = requests.hold() => Err(Exit::Local),
        stream = Box::pin(dial(options)) => stream,
    };
    let exit = match stream {
        Ok(stream) => {
            let link = connected(stream, options, &mut protocol);
            live(link, Some(options), &mut requests, line, &mut protocol).await
        }
        Err(exit) => exit,
    };
    (exit, Box::new(protocol.into_legacy(requests.held)))
}

/// The same with a connection that is logged in already.
pub async fn take_over(
    mut spare: Box<Spare>,
    controls: &mut UnboundedReceiver<Control>,
    legacy: Box<Legacy>,
    line: &mut Line,
) -> (Exit, Box<Legacy>) {
    let held = spare.adopt(legacy);
    let mut requests = Requests { controls, held };
    let Spare {
        link, mut protocol, ..
    } = *spare;
    let exit = live(link, None, &mut requests, line, &mut protocol).await;
    (exit, Box::new(protocol.into_legacy(requests.held)))
}

/// A function, so that the box ends here.
fn begun(options: &Options, legacy: Box<Legacy>) -> Box<Protocol> {
    Box::new(Protocol::new(options, *legacy, Instant::now()))
}

fn connected(stream: net::Stream, options: &Options, protocol: &mut Protocol) -> Box<Link> {
    let address = stream
        .peer_address()
        .map(|address| address.ip().to_string());
    protocol.sink.emit(&Event::Connected { address });
    if stream.is_tls() {
        protocol.sink.emit(&Event::Encrypted);
    }
    protocol.sink.flush();
    protocol.connected(Instant::now());
    protocol.enter(Stage::LoggingIn);
    Box::new(Link::new(stream, options))
}

/// The life of a connection that is up. `login` are the options of a login that is still to come.
async fn live(
    mut link: Box<Link>,
    login: Option<&Options>,
    requests: &mut Requests<'_>,
    line: &mut Line,
    protocol: &mut Protocol,
) -> Exit {
    let exit = match Box::pin(begin(&mut link, login, requests, protocol)).await {
        Ok(()) => {
            let now = Instant::now();
            line.report(Report::Ready(now));
            protocol.inherit(std::mem::take(&mut requests.held), now);
            serve(&mut link, requests.controls, line, protocol).await
        }
        Err(exit) => exit,
    };
    match exit {
        Exit::Drained => {
            let tag = protocol.tag();
            protocol.trace_sent(format!("{tag} LOGOUT\r\n").as_bytes());
            let left = Box::pin(link.log_out(&tag));
            match protocol.leave() {
                Leave::Beside => drop(tokio::spawn(left)),
                Leave::Before => left.await,
            }
        }
        _ => Box::pin(link.close(&exit)).await,
    }
    exit
}

/// Logs in and opens the mailbox of before, while commands of the program wait.
async fn begin(
    link: &mut Link,
    login: Option<&Options>,
    requests: &mut Requests<'_>,
    protocol: &mut Protocol,
) -> Result<(), Exit> {
    let beginning = async {
        if let Some(options) = login {
            let login = log_in(link, protocol, options);
            match timeout(options.authentication_timeout, login).await {
                Ok(result) => result?,
                Err(_) => return Err(too_slow(link, protocol)),
            }
        }
        // A login that fails leaves it to the next connection.
        match protocol.mailbox.take() {
            Some(mailbox) => {
                protocol.enter(Stage::Resuming);
                restore(link, protocol, mailbox).await
            }
            None => Ok(()),
        }
    };
    let stop = tokio::select! {
        biased;
        stop = requests.hold() => Some(stop),
        result = beginning => {
            result?;
            None
        }
    };
    let now = Instant::now();
    match stop {
        Some(Stop::Destroy) => return Err(Exit::Local),
        // The handshake that was cut short took the transport with it.
        Some(Stop::Logout) if link.is_gone() => return Err(Exit::Local),
        // `end()` before `ready`: LOGOUT is the next command and the last.
        Some(Stop::Logout) => {
            requests.held.retain(is_logout);
            protocol.open_for_logout(now);
        }
        None => protocol.open(now),
    }
    Ok(())
}

/// Opens the mailbox of the connection before. It is not forgotten if that fails.
async fn restore(
    link: &mut Link,
    protocol: &mut Protocol,
    mailbox: Remembered,
) -> Result<(), Exit> {
    match timeout(RESUME_DEADLINE, resume(link, protocol, mailbox)).await {
        Ok(result) => result,
        Err(_) => Err(Exit::Failed(Error::new(
            Source::Timeout,
            code::DEADLINE,
            "The server did not open the mailbox again in time",
        ))),
    }
}

/// What the program wants.
struct Requests<'a> {
    controls: &'a mut UnboundedReceiver<Control>,
    /// What came before the connection could deal with it.
    held: Vec<Control>,
}

/// What cuts the login short.
enum Stop {
    Destroy,
    Logout,
}

impl Requests<'_> {
    /// Keeps what comes until the login is done. Comes back only with what cuts it short.
    async fn hold(&mut self) -> Stop {
        loop {
            match self.controls.next().await {
                None | Some(Control::Destroy) => return Stop::Destroy,
                Some(control) => {
                    let stops = is_logout(&control);
                    self.held.push(control);
                    if stops {
                        return Stop::Logout;
                    }
                }
            }
        }
    }
}

fn is_logout(control: &Control) -> bool {
    matches!(control, Control::Submit { compiled, .. } if compiled.purpose == Purpose::Logout)
}

pub(super) async fn dial(options: &Options) -> Result<net::Stream, Exit> {
    match timeout(options.connect_timeout, net::connect(options)).await {
        Ok(result) => result.map_err(Exit::Failed),
        Err(_) => {
            let message = "Timed out while connecting to server";
            let error = Error::new(Source::Timeout, code::CONNECT_TIMEOUT, message);
            Err(Exit::Failed(error.with_advice(
                "Check the options `host`, `port` and `tls`, and whether a firewall is in between.",
            )))
        }
    }
}

/// The life after `ready`.
async fn serve(
    link: &mut Link,
    controls: &mut UnboundedReceiver<Control>,
    line: &mut Line,
    protocol: &mut Protocol,
) -> Exit {
    let mut alarm = Alarm::default();
    let mut reads = 0;
    link.catch_up(protocol);
    loop {
        // The thread may be JavaScript's, which the runtime does not take away from a server that
        // never stops talking.
        if reads == MOST_READS_IN_A_ROW {
            reads = 0;
            yield_now().await;
        }
        if protocol.is_overdue(Instant::now()) {
            link.take_what_is_there(protocol).await;
        }
        // Here, because a server that never stops talking keeps `turn` ready for ever.
        protocol.timeout(Instant::now());
        protocol.advance(Instant::now());
        protocol.show();
        protocol.sink.flush();
        if protocol.has_calmed_down() {
            link.shrink();
        }
        if let Some(exit) = protocol.exit() {
            return exit.clone();
        }
        let deadline = protocol.deadline();
        let space = protocol.sink.space();
        let is_full = protocol.sink.is_full();
        tokio::select! {
            biased;
            control = controls.next() => {
                reads = 0;
                let now = Instant::now();
                let mut next = control.or(Some(Control::Destroy));
                while let Some(control) = next {
                    if let Some(control) = line.pass(control) {
                        // IDLE begins as soon as JavaScript has settled, even if a command follows
                        // at once (contract Q-58).
                        protocol.advance(now);
                        protocol.control(control, now);
                    }
                    next = controls.try_recv().ok();
                }
            }
            Some(order) = line.order() => protocol.order(order, Instant::now()),
            has_read = link.turn(protocol) => reads += u32::from(has_read),
            () = space.notified(), if is_full => {}
            () = alarm.expire(deadline), if deadline.is_some() => {}
        }
    }
}

#[cfg(test)]
mod tests;
