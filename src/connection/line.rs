//! The line between a connection and the session that runs it. A session without a plan for its
//! connection holds the other end of nothing.

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use tokio::time::Instant;

use crate::error::Error;
use crate::event::Event;

use super::{Control, NoToken, Token};

/// What the session wants of a connection that is up.
#[derive(Debug)]
pub enum Order {
    /// Tell the program this.
    Tell(Box<Event<'static>>),
    /// Begin no command any more, and end as [`Exit::Drained`](super::Exit) when none is running.
    Drain(Leave),
    /// Go on after all.
    Stay,
    /// Prove that the server is still there.
    Prove,
    /// End for this reason.
    Abandon(Box<Error>),
}

/// How a connection that has drained is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// While the next one goes on.
    Beside,
    /// Before the next one is made: the server allows but one.
    Before,
}

/// What a session hears from its connection.
#[derive(Debug)]
pub enum Report {
    /// The connection is ready for commands, since then.
    Ready(Instant),
    /// The program wants another connection.
    Rotate,
    /// The program's answer to [`Event::TokenWanted`].
    Token(Result<Token, NoToken>),
}

/// The connection's end.
#[derive(Debug)]
pub struct Line {
    orders: UnboundedReceiver<Order>,
    reports: UnboundedSender<Report>,
}

/// The session's end.
#[derive(Debug)]
pub struct Handle {
    orders: UnboundedSender<Order>,
    reports: UnboundedReceiver<Report>,
}

/// A second way of giving orders.
#[derive(Clone, Debug)]
pub struct Orders(UnboundedSender<Order>);

/// Both ends of a line.
pub fn line() -> (Line, Handle) {
    let (to_connection, orders) = unbounded();
    let (reports, from_connection) = unbounded();
    let handle = Handle {
        orders: to_connection,
        reports: from_connection,
    };
    (Line { orders, reports }, handle)
}

impl Line {
    /// The next order; `None` when there will be none.
    pub(super) async fn order(&mut self) -> Option<Order> {
        self.orders.next().await
    }

    /// Passes on what the program says to the session. Gives what is for the connection.
    pub(super) fn pass(&self, control: Control) -> Option<Control> {
        match control {
            Control::Rotate => self.report(Report::Rotate),
            Control::Token { token } => self.report(Report::Token(token)),
            control => return Some(control),
        }
        None
    }

    pub(super) fn report(&self, report: Report) {
        // A session that does not listen has no plans.
        let _ = self.reports.unbounded_send(report);
    }
}

impl Orders {
    /// Gives an order. A connection that is over needs none.
    pub fn give(&self, order: Order) {
        let _ = self.0.unbounded_send(order);
    }
}

impl Handle {
    /// A second way of giving orders.
    pub fn orders(&self) -> Orders {
        Orders(self.orders.clone())
    }

    /// Gives an order. A connection that is over needs none.
    pub fn order(&self, order: Order) {
        let _ = self.orders.unbounded_send(order);
    }

    /// Waits until the connection is ready for commands. Gives since when it is.
    pub async fn ready(&mut self) -> Instant {
        loop {
            if let Report::Ready(since) = self.report().await {
                return since;
            }
        }
    }

    /// What the connection reports next; never, once it is over.
    pub async fn report(&mut self) -> Report {
        match self.reports.next().await {
            Some(report) => report,
            None => std::future::pending().await,
        }
    }
}
