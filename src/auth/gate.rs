//! The gate under async-imap: it authenticates, and meets the server only through here.
//!
//! ```text
//! async-imap ── pipe ── gate ── Dialogue ── server
//! ```
//!
//! On the way out, its tag becomes ours, and a response that node-imap sends in the line of the
//! command is put there. On the way in, it gets one line at a time, made here: a `+` with proper
//! base64 or nothing, and at the end its tag with OK or NO. The server's own code and text
//! stay on this side, for the error; no parser but ours ever reads them.

use std::future::Future;

use async_imap::{Authenticator, Client};
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use zeroize::Zeroizing;

use super::mechanism::Mechanism;
use crate::error::{Error, Source, code};
use crate::options::{REDACTED, Secret};

/// Challenges after which a server is not asking but looping.
pub const MAX_CHALLENGES: usize = 16;
/// Bytes that one side of the pipe may be ahead of the other.
const PIPE_BYTES: usize = 4096;
/// What the gate needs of a connection.
pub trait Dialogue {
    /// Sends a line, CRLF included, completely. `shown` stands for it in debug output: without
    /// CRLF and without secrets, e.g. `A1 LOGIN "user" <redacted>`; the empty line of OAuth is
    /// `"\r\n"`, as in node-imap.
    fn send(&mut self, line: &[u8], shown: &str) -> impl Future<Output = Result<(), Error>> + Send;

    /// The next answer. Untagged responses have been dealt with already; a connection that ends
    /// is an error.
    fn reply(&mut self) -> impl Future<Output = Result<Reply, Error>> + Send;
}

/// An answer to the command in flight.
#[derive(Clone, Debug)]
pub enum Reply {
    /// `+ text`: the text.
    Continuation(Vec<u8>),
    /// The tagged response to our tag: whether the command worked, or [`Error::refused`].
    Done(Result<(), Error>),
}

/// Logs in with one command, which has the tag `tag`.
///
/// The bytes are node-imap's: `A1 LOGIN "user" "password"`, `A1 AUTHENTICATE XOAUTH2 token`, the
/// token as it was given, and an empty line after a challenge. PLAIN has its response in the line
/// of the command if `initial_response_allowed` (SASL-IR, RFC 4959), else after the `+`.
/// There is no deadline: the caller has one (`authTimeout`).
///
/// # Errors
///
/// NO and BAD: [`code::AUTHENTICATION`] with the server's text, or else the OAuth challenge, and
/// the `refusal` and `text_code` of the response. An answer before the question, or challenges
/// without end: an error of the protocol. Errors of the dialogue pass through.
/// No error holds a secret, not even one that the server repeats.
pub async fn authenticate(
    dialogue: &mut (impl Dialogue + Send),
    tag: &str,
    mechanism: &Mechanism,
    initial_response_allowed: bool,
) -> Result<(), Error> {
    mechanism.check()?;
    let (ours, theirs) = duplex(PIPE_BYTES);
    let gate = Gate {
        dialogue,
        tag,
        mechanism,
        pipe: BufReader::new(ours),
        challenge: String::new(),
    };
    let (outcome, is_content) =
        tokio::join!(gate.run(initial_response_allowed), drive(theirs, mechanism));
    let Outcome { answer, challenge } = outcome?;
    match answer {
        Ok(()) if is_content => Ok(()),
        Ok(()) => Err(out_of_step()),
        Err(error) => Err(refused(mechanism, error, &challenge)),
    }
}

/// Has async-imap authenticate; true when it is content.
///
/// Its own errors are not looked at: what they could tell is known at the gate.
async fn drive(pipe: DuplexStream, mechanism: &Mechanism) -> bool {
    let client = Client::new(pipe);
    match mechanism {
        Mechanism::Login { user, password } => {
            client.login(user.as_str(), password.expose()).await.is_ok()
        }
        _ => {
            let response = Response {
                first: Some(first_response(mechanism)),
                later: match mechanism {
                    // How the client takes note of an error (RFC 7628 section 3.2.3).
                    Mechanism::OauthBearer(_) => b"\x01",
                    _ => b"",
                },
            };
            client
                .authenticate(mechanism.name(), response)
                .await
                .is_ok()
        }
    }
}

/// Answers the first challenge with the response and each later one with nothing, or as good as.
struct Response {
    first: Option<Zeroizing<Vec<u8>>>,
    later: &'static [u8],
}

impl Authenticator for Response {
    type Response = Zeroizing<Vec<u8>>;

    fn process(&mut self, _challenge: &[u8]) -> Zeroizing<Vec<u8>> {
        let later = || Zeroizing::new(self.later.to_vec());
        self.first.take().unwrap_or_else(later)
    }
}

/// PLAIN: `message = [authzid] UTF8NUL authcid UTF8NUL passwd` (RFC 4616 section 2).
fn first_response(mechanism: &Mechanism) -> Zeroizing<Vec<u8>> {
    match mechanism {
        Mechanism::Login { user, password } | Mechanism::Plain { user, password } => {
            let parts: [&[u8]; 4] = [b"\0", user.as_bytes(), b"\0", password.expose().as_bytes()];
            Zeroizing::new(parts.concat())
        }
        Mechanism::Xoauth(token) | Mechanism::Xoauth2(token) | Mechanism::OauthBearer(token) => {
            Zeroizing::new(token.expose().as_bytes().to_vec())
        }
    }
}

struct Gate<'a, D> {
    dialogue: &'a mut D,
    tag: &'a str,
    mechanism: &'a Mechanism,
    /// To async-imap.
    pipe: BufReader<DuplexStream>,
    /// The last challenge that was one, decoded.
    challenge: String,
}

/// How the server ended the command.
struct Outcome {
    answer: Result<(), Error>,
    /// The last challenge before, decoded.
    challenge: String,
}

impl<D: Dialogue + Send> Gate<'_, D> {
    async fn run(mut self, initial_response_allowed: bool) -> Result<Outcome, Error> {
        let line = self.read_line().await?;
        let (their_tag, command) = line.split_once(' ').ok_or_else(out_of_step)?;
        let is_presented = match self.mechanism {
            Mechanism::Login { user, .. } => {
                let shown = format!("LOGIN \"{}\" {REDACTED}", escape(user));
                self.send_command(command, &shown).await?;
                true
            }
            Mechanism::Plain { .. } if !initial_response_allowed => {
                self.send_command(command, command).await?;
                false
            }
            _ => {
                let response = self.initial_response().await?;
                let full = Zeroizing::new(format!("{command} {}", *response));
                self.send_command(&full, &format!("{command} {REDACTED}"))
                    .await?;
                true
            }
        };
        self.converse(their_tag, is_presented).await
    }

    /// Until the tagged response. `is_presented`: whether the server has the credentials.
    async fn converse(mut self, their_tag: &str, mut is_presented: bool) -> Result<Outcome, Error> {
        for _ in 0..=MAX_CHALLENGES {
            match self.dialogue.reply().await? {
                // LOGIN has no challenges (RFC 3501 section 6.2.3): there is nothing to answer.
                Reply::Continuation(_) if matches!(self.mechanism, Mechanism::Login { .. }) => {}
                Reply::Continuation(text) => {
                    self.answer(&text).await?;
                    is_presented = true;
                }
                Reply::Done(Ok(())) if !is_presented => {
                    return Err(answer_before_question(self.mechanism));
                }
                Reply::Done(answer) => {
                    let word = if answer.is_ok() { "OK" } else { "NO" };
                    self.write_line(&format!("{their_tag} {word} done\r\n"))
                        .await?;
                    return Ok(Outcome {
                        answer,
                        challenge: self.challenge,
                    });
                }
            }
        }
        Err(endless(self.mechanism))
    }

    /// Passes a challenge in and the answer out.
    async fn answer(&mut self, text: &[u8]) -> Result<(), Error> {
        let challenge = decode(text).unwrap_or_default();
        if !challenge.is_empty() {
            self.challenge = String::from_utf8_lossy(&challenge).into_owned();
        }
        let answer = self.ask(&challenge).await?;
        let shown = if answer.is_empty() { "\r\n" } else { REDACTED };
        let line = Zeroizing::new(format!("{}\r\n", *answer));
        self.dialogue.send(line.as_bytes(), shown).await
    }

    /// The response in the line of the command. A token is base64 already, so the layer that
    /// async-imap puts around it comes off again; node-imap escapes tokens as it does strings.
    async fn initial_response(&mut self) -> Result<Zeroizing<String>, Error> {
        let encoded = self.ask(b"").await?;
        if matches!(self.mechanism, Mechanism::Plain { .. }) {
            return Ok(encoded);
        }
        let token = STANDARD
            .decode(encoded.as_bytes())
            .map_err(|_| out_of_step())?;
        let token = Zeroizing::new(String::from_utf8(token).map_err(|_| out_of_step())?);
        Ok(Zeroizing::new(escape(&token)))
    }

    /// async-imap's answer to a challenge, in base64.
    async fn ask(&mut self, challenge: &[u8]) -> Result<Zeroizing<String>, Error> {
        self.write_line(&format!("+ {}\r\n", STANDARD.encode(challenge)))
            .await?;
        self.read_line().await
    }

    async fn send_command(&mut self, command: &str, shown: &str) -> Result<(), Error> {
        let line = Zeroizing::new(format!("{} {command}\r\n", self.tag));
        let shown = format!("{} {shown}", self.tag);
        self.dialogue.send(line.as_bytes(), &shown).await
    }

    async fn write_line(&mut self, line: &str) -> Result<(), Error> {
        let written = self.pipe.get_mut().write_all(line.as_bytes()).await;
        written.map_err(|_| out_of_step())
    }

    /// A line from async-imap, without CRLF.
    async fn read_line(&mut self) -> Result<Zeroizing<String>, Error> {
        let mut line = Zeroizing::new(String::new());
        self.pipe
            .read_line(&mut line)
            .await
            .map_err(|_| out_of_step())?;
        let end = line
            .strip_suffix("\r\n")
            .map(str::len)
            .ok_or_else(out_of_step)?;
        line.truncate(end);
        Ok(line)
    }
}

/// Base64 with or without padding, as Node's `Buffer` reads it.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    LENIENT.decode(text.trim_ascii()).ok()
}

/// The inside of `quoted` (RFC 3501 section 9).
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// What the server says, or else the challenge that told why; nothing if it is silent, as in
/// node-imap.
fn refused(mechanism: &Mechanism, error: Error, challenge: &str) -> Error {
    let text = match error.message.trim() {
        "" => challenge.trim(),
        _ => &error.message,
    };
    let advice = match mechanism {
        Mechanism::Login { .. } | Mechanism::Plain { .. } => "Check `user` and `password`.",
        Mechanism::Xoauth(_) => "Check that the token in `xoauth` is valid.",
        Mechanism::Xoauth2(_) | Mechanism::OauthBearer(_) => {
            "Check that the token in `xoauth2`, or from `auth.getToken`, has not expired."
        }
    };
    Error {
        message: hide(mechanism, text),
        source: Some(Source::Authentication),
        code: code::AUTHENTICATION.into(),
        ..error
    }
    .with_advice(advice)
}

/// Keeps a secret that the server repeats out of the error.
fn hide(mechanism: &Mechanism, text: &str) -> String {
    let encoded = STANDARD.encode(first_response(mechanism).as_slice());
    let text = mechanism.secret().hide(text.into());
    Secret::new(encoded).hide(text).into_owned()
}

fn answer_before_question(mechanism: &Mechanism) -> Error {
    let message = format!(
        "The server accepted AUTHENTICATE {} before it was sent the credentials; it is broken, or \
         something in between speaks for it",
        mechanism.name()
    );
    Error::new(Source::Protocol, code::BAD, message)
}

fn endless(mechanism: &Mechanism) -> Error {
    let message = format!(
        "The server sent more than {MAX_CHALLENGES} challenges to {}; it does not seem to support \
         it",
        mechanism.name()
    );
    Error::new(Source::Protocol, code::LIMIT, message)
}

fn out_of_step() -> Error {
    let message = "The login could not be carried out; please report this, with the server's name";
    Error::new(Source::Authentication, code::INTERNAL, message)
}

#[cfg(test)]
mod tests;
