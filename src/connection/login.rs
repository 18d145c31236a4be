//! From the greeting to `ready` (contract section 1.3): CAPABILITY, STARTTLS, the login,
//! CAPABILITY, NAMESPACE, `LIST "" ""`.

use tokio::time::{Instant, timeout};

use crate::auth::{self, Dialogue, Reply};
use crate::error::{Error, Source, code};
use crate::event::Event;
use crate::options::{AutoTls, Options};
use crate::wire::framer::Frame;
use crate::wire::mailbox::Listed;
use crate::wire::response::{Keyword, Response};
use crate::wire::status::Status;

use super::interpret::refusal;
use super::link::{Link, not_imap, refused};
use super::protocol::Protocol;
use super::{Exit, Farewell};

/// Logs in. The deadline is the caller's.
pub(super) async fn log_in(
    link: &mut Link,
    protocol: &mut Protocol,
    options: &Options,
) -> Result<(), Exit> {
    let is_authenticated = match options.timeouts.greeting {
        None => greeting(link, protocol).await?,
        Some(limit) => match timeout(limit, greeting(link, protocol)).await {
            Ok(result) => result?,
            Err(_) => return Err(too_slow(link, protocol)),
        },
    };
    // The greeting may have said it (RFC 3501 section 7.1).
    if !options.pipeline || protocol.capabilities.is_empty() {
        capability(link, protocol).await?;
    }
    if wants_tls(link, protocol, options, is_authenticated)? {
        // Neither before the question nor after the answer: it may be an answer that is forged.
        check_unread(link)?;
        let answer = command(link, protocol, "STARTTLS").await?;
        answer.map_err(Exit::Failed)?;
        check_unread(link)?;
        protocol.capabilities.clear();
        // Whoever looks sees what was said so far, however long the handshake takes.
        protocol.show();
        protocol.sink.flush();
        link.upgrade(options).await?;
        protocol.connected(Instant::now());
        protocol.sink.emit(&Event::Encrypted);
        capability(link, protocol).await?;
    }
    if !is_authenticated {
        authenticate(link, protocol, options).await?;
    }
    if protocol.capabilities.is_empty() {
        let answer = command(link, protocol, "CAPABILITY").await?;
        answer.map_err(Exit::Failed)?;
    }
    compress(link, protocol, options).await?;
    look_around(link, protocol, options.pipeline).await?;
    if options.reconnect.is_some() {
        enable(link, protocol).await?;
    }
    Ok(())
}

/// Asks for the namespaces and the delimiter, in one go if `together`. The delimiter may stay
/// unknown.
async fn look_around(link: &mut Link, protocol: &mut Protocol, together: bool) -> Result<(), Exit> {
    const LIST: &str = "LIST \"\" \"\"";
    let namespace = match protocol.has("NAMESPACE") {
        true if together => {
            let tags = [
                ask(link, protocol, "NAMESPACE").await?,
                ask(link, protocol, LIST).await?,
            ];
            let [namespace, _] = answers(link, protocol, &tags).await?;
            return namespace.map_err(Exit::Failed);
        }
        true => command(link, protocol, "NAMESPACE").await?,
        false => Ok(()),
    };
    namespace.map_err(Exit::Failed)?;
    command(link, protocol, LIST).await.map(drop)
}

/// A session that comes back wants to be told what changed meanwhile (RFC 7162 section 3.2.3). If
/// the server refuses, it goes without.
async fn enable(link: &mut Link, protocol: &mut Protocol) -> Result<(), Exit> {
    let offered = ["QRESYNC", "CONDSTORE"].into_iter();
    let extension = { offered }.find(|extension| protocol.has(extension));
    if let Some(extension) = extension.filter(|_| protocol.has("ENABLE")) {
        let _ = command(link, protocol, &format!("ENABLE {extension}")).await?;
    }
    Ok(())
}

/// `authTimeout` passed, or `timeouts.greeting`.
pub(super) fn too_slow(link: &Link, protocol: &Protocol) -> Exit {
    let advice = match protocol.has_heard() {
        true => "It stopped answering in the middle: try a longer `authTimeout`.",
        false if link.is_tls() => "It never sent a greeting: try a longer `authTimeout`.",
        false => "It never sent a greeting: a TLS port needs `tls: true`.",
    };
    let message = "Timed out while authenticating with server";
    let error = Error::new(Source::TimeoutAuth, code::AUTHENTICATION_TIMEOUT, message);
    Exit::Failed(error.with_advice(advice))
}

/// Compresses the connection, if that is wanted and can be had. Not in clear text, where it would
/// be the only thing between a secret and who listens.
async fn compress(link: &mut Link, protocol: &mut Protocol, options: &Options) -> Result<(), Exit> {
    if !options.compress || !link.is_tls() || !protocol.has("COMPRESS=DEFLATE") {
        return Ok(());
    }
    // A server that refuses is spoken to without.
    if command(link, protocol, "COMPRESS DEFLATE").await?.is_ok() {
        link.compress(options);
    }
    Ok(())
}

/// Waits for the greeting. True if the server says that we are already authenticated.
async fn greeting(link: &mut Link, protocol: &mut Protocol) -> Result<bool, Exit> {
    link.listen(protocol, |protocol, frame| {
        protocol.trace_received(frame.bytes);
        let Response::Status(line) = Response::of(frame) else {
            return Some(Err(Exit::Failed(not_imap(frame.bytes))));
        };
        let text = line.string();
        protocol.learn(line.code.as_ref());
        Some(match line.status {
            Some(Status::Ok) => Ok(false),
            Some(Status::Preauth) => Ok(true),
            Some(Status::Bye) => Err(Exit::Failed(refused(&Farewell::of(&line)))),
            _ => Err(Exit::Failed(Error::new(
                Source::Protocol,
                code::GREETING,
                format!("Received negative welcome: {text}"),
            ))),
        })
    })
    .await?
}

async fn capability(link: &mut Link, protocol: &mut Protocol) -> Result<(), Exit> {
    // A refusal does not matter: then there are no capabilities.
    command(link, protocol, "CAPABILITY").await.map(drop)
}

/// Whether STARTTLS is the next step; an error where it is wanted and cannot be had.
fn wants_tls(
    link: &Link,
    protocol: &Protocol,
    options: &Options,
    is_authenticated: bool,
) -> Result<bool, Exit> {
    let wanted = match options.autotls {
        AutoTls::Never => false,
        AutoTls::Always => true,
        AutoTls::Required => protocol.has("LOGINDISABLED") && protocol.has("STARTTLS"),
    };
    if !wanted || link.is_tls() {
        return Ok(false);
    }
    // Never in clear text when TLS was asked for (contract Q-09); a PREAUTH in clear text came
    // from whoever is in between (CVE-2020-14093).
    if is_authenticated || !protocol.has("STARTTLS") {
        let why = match is_authenticated {
            true => "answered PREAUTH before TLS",
            false => "does not offer STARTTLS",
        };
        let message =
            format!("`autotls` asks for TLS, and the server {why}; nothing was sent in clear text");
        let error = Error::new(Source::Authentication, code::NO_STARTTLS, message);
        return Err(Exit::Failed(error.with_advice(
            "Use `tls: true` with the TLS port, or leave `autotls` out.",
        )));
    }
    Ok(true)
}

async fn authenticate(
    link: &mut Link,
    protocol: &mut Protocol,
    options: &Options,
) -> Result<(), Exit> {
    let mechanism = auth::choose(options, &protocol.capabilities.names(), link.is_tls());
    let mechanism = mechanism.map_err(Exit::Failed)?;
    let initial_response_allowed = protocol.has("SASL-IR");
    // The capabilities from before the login are void; the server may send new ones unasked.
    protocol.capabilities.clear();
    let tag = protocol.tag();
    let mut conversation = Conversation {
        link,
        protocol,
        tag: tag.clone(),
        exit: None,
    };
    let result = auth::authenticate(
        &mut conversation,
        &tag,
        &mechanism,
        initial_response_allowed,
    )
    .await;
    match (result, conversation.exit) {
        (_, Some(exit)) => Err(exit),
        (Err(error), None) => Err(Exit::Failed(error)),
        (Ok(()), None) => Ok(()),
    }
}

/// A tagged answer: OK, or why not.
type Answer = Result<(), Error>;

/// Sends a command and waits for its answer.
pub(super) async fn command(
    link: &mut Link,
    protocol: &mut Protocol,
    text: &str,
) -> Result<Answer, Exit> {
    let tags = [ask(link, protocol, text).await?];
    let [answer] = answers(link, protocol, &tags).await?;
    Ok(answer)
}

/// Sends a command, and gives its tag.
async fn ask(link: &mut Link, protocol: &mut Protocol, text: &str) -> Result<String, Exit> {
    let tag = protocol.tag();
    let line = format!("{tag} {text}\r\n");
    protocol.trace_sent(line.as_bytes());
    link.write(line.as_bytes()).await?;
    protocol.sent(line.len(), Instant::now());
    Ok(tag)
}

/// Waits for the answers to the commands with these tags, whichever comes first. Once the first
/// command is refused, the others do not matter.
async fn answers<const N: usize>(
    link: &mut Link,
    protocol: &mut Protocol,
    tags: &[String; N],
) -> Result<[Answer; N], Exit> {
    let mut answers = [const { None }; N];
    let all = link.listen(protocol, |protocol, frame| {
        if let Heard::Answer(place, heard) = hear(protocol, frame, tags)?
            && let Some(answer) = answers.get_mut(place)
        {
            *answer = Some(heard);
        }
        let is_refused = matches!(answers.first(), Some(Some(Err(_))));
        (is_refused || answers.iter().all(Option::is_some)).then_some(())
    });
    all.await?;
    Ok(answers.map(|answer| answer.unwrap_or(Ok(()))))
}

enum Heard {
    Continuation(Vec<u8>),
    /// That to the command with the tag at this place.
    Answer(usize, Answer),
}

/// Deals with untagged responses; gives what belongs to our commands, which have these tags.
fn hear(protocol: &mut Protocol, frame: &Frame<'_>, tags: &[String]) -> Option<Heard> {
    protocol.trace_received(frame.bytes);
    match Response::of(frame) {
        Response::Continuation(text) => Some(Heard::Continuation(text.to_vec())),
        Response::Tagged(theirs, line) => {
            let is_its = |tag: &String| theirs.eq_ignore_ascii_case(tag.as_bytes());
            let place = tags.iter().position(is_its)?;
            let status = line.status.unwrap_or(Status::Bad);
            protocol.learn(line.code.as_ref());
            let answer = match status {
                Status::Ok => Ok(()),
                _ => Err(refusal(status, &line)),
            };
            Some(Heard::Answer(place, answer))
        }
        // Only `LIST "" ""` is asked for before `ready` (contract Q-54).
        Response::Data(None, Keyword::List | Keyword::Xlist, values) => {
            if let Some(root) = Listed::of(values) {
                protocol.sink.emit(&Event::Delimiter(root.delimiter));
            }
            None
        }
        response => {
            protocol.untagged(response, Instant::now());
            None
        }
    }
}

/// The connection as the authentication sees it.
struct Conversation<'a> {
    link: &'a mut Link,
    protocol: &'a mut Protocol,
    tag: String,
    /// Why the connection ended, if it did: more exact than the error that is passed through.
    exit: Option<Exit>,
}

impl Conversation<'_> {
    fn over(&mut self, exit: Exit) -> Error {
        self.exit = Some(exit);
        Error::new(
            Source::Socket,
            code::CONNECTION_LOST,
            "The connection ended during the login",
        )
    }
}

impl Dialogue for Conversation<'_> {
    async fn send(&mut self, line: &[u8], shown: &str) -> Result<(), Error> {
        self.protocol.trace_sent(shown.as_bytes());
        let written = self.link.write(line).await;
        self.protocol.sent(line.len(), Instant::now());
        written.map_err(|exit| self.over(exit))
    }

    async fn reply(&mut self) -> Result<Reply, Error> {
        let tags = [self.tag.clone()];
        let heard = self.link.listen(self.protocol, |protocol, frame| {
            hear(protocol, frame, &tags)
        });
        match heard.await {
            Ok(Heard::Continuation(text)) => Ok(Reply::Continuation(text)),
            Ok(Heard::Answer(_, answer)) => Ok(Reply::Done(answer)),
            Err(exit) => Err(self.over(exit)),
        }
    }
}

/// Refuses what somebody put between STARTTLS and the handshake, or before (contract Q-78).
fn check_unread(link: &Link) -> Result<(), Exit> {
    if link.unread().is_empty() {
        return Ok(());
    }
    Err(Exit::Failed(Error::new(
        Source::Protocol,
        code::STARTTLS_INJECTION,
        "The server sent data around STARTTLS that nobody asked for; somebody may be tampering \
         with the connection, so it was closed",
    )))
}
