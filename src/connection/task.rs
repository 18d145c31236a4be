//! The task of a connection: dials, logs in, then turns around sockets, controls and timers.

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout};

use crate::error::{Error, Source, code};
use crate::event::Event;
use crate::net;
use crate::options::Options;
use crate::wire::request::Purpose;

use super::legacy::Legacy;
use super::link::Link;
use super::login::log_in;
use super::protocol::Protocol;
use super::resume::resume;
use super::timer::{RESUME_DEADLINE, expire};
use super::{Control, Exit, Remembered};

/// Runs one connection from dialling to its end, on from the legacy of the one before, and
/// gives its own.
///
/// It ends when the program ends it, when the server closes it, and when a deadline passes:
/// never without a reason in the [`Exit`].
pub async fn run(
    options: &Options,
    controls: &mut UnboundedReceiver<Control>,
    mut legacy: Legacy,
) -> (Exit, Legacy) {
    let mut held = std::mem::take(&mut legacy.waiting);
    let mut protocol = Protocol::new(options, legacy, Instant::now());
    let stream = tokio::select! {
        biased;
        _ = hold(controls, &mut held) => Err(Exit::Local),
        stream = dial(options) => stream,
    };
    let exit = match stream {
        Ok(stream) => live(stream, &mut held, options, controls, &mut protocol).await,
        Err(exit) => exit,
    };
    (exit, protocol.into_legacy(held))
}

/// The life of a connection that is up. `held` are the controls that came while dialling.
async fn live(
    stream: net::Stream,
    held: &mut Vec<Control>,
    options: &Options,
    controls: &mut UnboundedReceiver<Control>,
    protocol: &mut Protocol,
) -> Exit {
    let address = stream
        .peer_address()
        .map(|address| address.ip().to_string());
    protocol.sink.emit(&Event::Connected { address });
    if stream.is_tls() {
        protocol.sink.emit(&Event::Encrypted);
    }
    protocol.sink.flush();
    protocol.connected(Instant::now());
    let mut link = Link::new(stream, options);
    let exit = match begin(&mut link, held, options, controls, protocol).await {
        Ok(()) => {
            let now = Instant::now();
            protocol.refuse_void(held);
            for control in held.drain(..) {
                protocol.control(control, now);
            }
            serve(&mut link, controls, protocol).await
        }
        Err(exit) => exit,
    };
    link.close(&exit).await;
    exit
}

/// Logs in, while commands of the program wait.
async fn begin(
    link: &mut Link,
    held: &mut Vec<Control>,
    options: &Options,
    controls: &mut UnboundedReceiver<Control>,
    protocol: &mut Protocol,
) -> Result<(), Exit> {
    let mailbox = protocol.mailbox.take();
    let login = async {
        let login = log_in(link, protocol, options);
        match timeout(options.authentication_timeout, login).await {
            Ok(result) => result?,
            Err(_) => return Err(too_slow(link, protocol)),
        }
        match mailbox {
            Some(mailbox) => restore(link, protocol, mailbox).await,
            None => Ok(()),
        }
    };
    let stop = tokio::select! {
        biased;
        stop = hold(controls, held) => Some(stop),
        result = login => {
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
            held.retain(is_logout);
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

/// What cuts the login short.
enum Stop {
    Destroy,
    Logout,
}

/// Keeps controls until the login is done. Comes back only with one that cuts it short.
async fn hold(controls: &mut UnboundedReceiver<Control>, held: &mut Vec<Control>) -> Stop {
    loop {
        match controls.recv().await {
            None | Some(Control::Destroy) => return Stop::Destroy,
            Some(control) => {
                let stops = is_logout(&control);
                held.push(control);
                if stops {
                    return Stop::Logout;
                }
            }
        }
    }
}

fn is_logout(control: &Control) -> bool {
    matches!(control, Control::Submit { compiled, .. } if compiled.purpose == Purpose::Logout)
}

async fn dial(options: &Options) -> Result<net::Stream, Exit> {
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

/// `authTimeout` passed.
fn too_slow(link: &Link, protocol: &Protocol) -> Exit {
    let advice = match protocol.has_heard() {
        true => "It stopped answering in the middle: try a longer `authTimeout`.",
        false if link.is_tls() => "It never sent a greeting: try a longer `authTimeout`.",
        false => "It never sent a greeting: a TLS port needs `tls: true`.",
    };
    let message = "Timed out while authenticating with server";
    let error = Error::new(Source::TimeoutAuth, code::AUTHENTICATION_TIMEOUT, message);
    Exit::Failed(error.with_advice(advice))
}

/// The life after `ready`.
async fn serve(
    link: &mut Link,
    controls: &mut UnboundedReceiver<Control>,
    protocol: &mut Protocol,
) -> Exit {
    link.catch_up(protocol);
    loop {
        // Here, because a server that never stops talking keeps `turn` ready for ever.
        protocol.timeout(Instant::now());
        protocol.advance(Instant::now());
        protocol.show();
        protocol.sink.flush();
        if let Some(exit) = protocol.exit() {
            return exit.clone();
        }
        let deadline = protocol.deadline();
        let space = protocol.sink.space();
        let is_full = protocol.sink.is_full();
        tokio::select! {
            biased;
            control = controls.recv() => {
                let now = Instant::now();
                protocol.control(control.unwrap_or(Control::Destroy), now);
                while let Ok(control) = controls.try_recv() {
                    // IDLE begins as soon as JavaScript has settled, even if a command follows
                    // at once (contract Q-58).
                    protocol.advance(now);
                    protocol.control(control, now);
                }
            }
            () = link.turn(protocol) => {}
            () = space.notified(), if is_full => {}
            () = expire(deadline), if deadline.is_some() => {}
        }
    }
}

#[cfg(test)]
mod tests;
