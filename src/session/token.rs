//! Access tokens that the program hands out (resilience 2.14): asked for before each connection,
//! one question at a time.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use crate::connection::{Control, Exit, Legacy};
use crate::error::{Error, Source, code};
use crate::event::Event;
use crate::options::{Options, Secret};
use crate::wire::request::Purpose;

/// The program has so long to give a token.
const TOKEN_DEADLINE: Duration = Duration::from_secs(30);

/// Puts a fresh token into the options, if the program hands tokens out. `cause` and `attempt`
/// are what it is told.
///
/// # Errors
///
/// The end of the session, or an error with [`code::TOKEN`].
pub(super) async fn refresh(
    options: &mut Options,
    controls: &mut UnboundedReceiver<Control>,
    legacy: &mut Legacy,
    cause: &'static str,
    attempt: u32,
) -> Result<(), Exit> {
    if !options.asks_token {
        return Ok(());
    }
    legacy.sink.emit(&Event::TokenWanted { cause, attempt });
    legacy.sink.flush();
    let answer = timeout(TOKEN_DEADLINE, answer(controls, &mut legacy.waiting)).await;
    match answer {
        Ok(Ok(token)) => {
            options.token = Some(token);
            Ok(())
        }
        Ok(Err(exit)) => Err(exit),
        Err(_) => Err(none(&format!(
            "it was not settled within {} seconds",
            TOKEN_DEADLINE.as_secs()
        ))),
    }
}

/// The program's answer, while what else it wants is kept.
async fn answer(
    controls: &mut UnboundedReceiver<Control>,
    waiting: &mut Vec<Control>,
) -> Result<Secret, Exit> {
    loop {
        match controls.recv().await {
            None | Some(Control::Destroy) => return Err(Exit::Local),
            Some(Control::Submit { compiled, .. }) if compiled.purpose == Purpose::Logout => {
                return Err(Exit::Local);
            }
            Some(Control::Token { token: Ok(token) }) => return Ok(token),
            Some(Control::Token { token: Err(why) }) => return Err(none(&why)),
            Some(control) => waiting.push(control),
        }
    }
}

fn none(why: &str) -> Exit {
    let message = format!("auth.getToken() gave no token: {why}");
    Exit::Failed(Error::new(Source::Authentication, code::TOKEN, message))
}
