//! What the program wants while there is no connection that could do it.

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::StreamExt;

use crate::connection::{Control, Exit};
use crate::wire::request::Purpose;

/// The program has asked for the end.
pub(super) struct Stopped;

impl From<Stopped> for Exit {
    fn from(_: Stopped) -> Exit {
        Exit::Local
    }
}

/// The next thing that it wants, if that is not the end: `end()`, `destroy()`, or that nobody is
/// there any more.
pub(super) async fn next(controls: &mut UnboundedReceiver<Control>) -> Result<Control, Stopped> {
    match controls.next().await {
        None | Some(Control::Destroy) => Err(Stopped),
        Some(Control::Submit { compiled, .. }) if compiled.purpose == Purpose::Logout => {
            Err(Stopped)
        }
        Some(control) => Ok(control),
    }
}

/// Keeps what the program wants meanwhile.
pub(super) async fn hold<T>(
    controls: &mut UnboundedReceiver<Control>,
    waiting: &mut Vec<Control>,
    meanwhile: impl Future<Output = T>,
) -> Result<T, Stopped> {
    tokio::pin!(meanwhile);
    loop {
        tokio::select! {
            biased;
            control = next(controls) => waiting.push(control?),
            result = &mut meanwhile => return Ok(result),
        }
    }
}
