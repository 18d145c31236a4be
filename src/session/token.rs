//! Access tokens that the program hands out (resilience 2.14): asked for before each connection,
//! one question at a time.

use std::time::Duration;

use futures_channel::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout};

use crate::connection::{Control, Exit, Legacy, NoToken, Token};
use crate::error::{Error, Source, code};
use crate::event::Event;
use crate::options::Options;

use super::wishes::{self, Stopped};

/// The program has so long to give a token.
pub(super) const TOKEN_DEADLINE: Duration = Duration::from_secs(30);

/// Puts a fresh token into the options, if the program hands tokens out. `cause` and `attempt`
/// are what it is told.
///
/// Gives until when it is good, if that is known.
///
/// # Errors
///
/// The end of the session, or an error with [`code::TOKEN`] or [`code::UNUSABLE_TOKEN`].
pub(super) async fn refresh(
    options: &mut Options,
    controls: &mut UnboundedReceiver<Control>,
    legacy: &mut Legacy,
    cause: &'static str,
    attempt: u32,
) -> Result<Option<Instant>, Exit> {
    if !options.asks_token {
        return Ok(None);
    }
    legacy.sink.emit(&Event::TokenWanted { cause, attempt });
    legacy.sink.flush();
    let answer = timeout(TOKEN_DEADLINE, answer(controls, &mut legacy.waiting)).await;
    let Token { secret, lasts } = match answer {
        Ok(Err(Stopped)) => return Err(Exit::Local),
        Ok(Ok(answer)) => given(Some(answer)),
        Err(_) => given(None),
    }?;
    options.token = Some(secret);
    Ok(lasts.map(|lasts| Instant::now() + lasts))
}

/// What the program answered within [`TOKEN_DEADLINE`]; `None` is nothing.
///
/// # Errors
///
/// [`code::TOKEN`], [`code::UNUSABLE_TOKEN`]
pub(super) fn given(answer: Option<Result<Token, NoToken>>) -> Result<Token, Exit> {
    let late = || {
        let seconds = TOKEN_DEADLINE.as_secs();
        let why = format!("it was not settled within {seconds} seconds");
        Err(NoToken::Missing(why))
    };
    answer.unwrap_or_else(late).map_err(|why| none(&why))
}

/// The program's answer, while what else it wants is kept.
async fn answer(
    controls: &mut UnboundedReceiver<Control>,
    waiting: &mut Vec<Control>,
) -> Result<Result<Token, NoToken>, Stopped> {
    loop {
        match wishes::next(controls).await? {
            Control::Token { token } => return Ok(token),
            control => waiting.push(control),
        }
    }
}

fn none(why: &NoToken) -> Exit {
    let (code, message) = match why {
        NoToken::Missing(why) => (code::TOKEN, format!("auth.getToken() gave no token: {why}")),
        NoToken::Unusable(why) => (
            code::UNUSABLE_TOKEN,
            format!("auth.getToken() gave no token that can be used: {why}"),
        ),
    };
    Exit::Failed(Error::new(Source::Authentication, code, message))
}
