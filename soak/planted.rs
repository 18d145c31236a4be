//! Faults of a client that does not exist, planted to see that the oracles find them.

use everimap::event::{Event, Lifecycle};

/// What is wrong with the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Planted {
    /// Nothing.
    #[default]
    Nothing,
    /// It does not announce some mail.
    LosesMail,
    /// It announces some mail twice.
    DoublesMail,
    /// It does not retract some mail.
    KeepsTheDead,
    /// It does not tell of changed flags.
    IgnoresFlags,
    /// It never asks a silent server whether it is there.
    NeverAsks,
    /// It comes back without any patience.
    Storms,
    /// It waits until its server ends the session.
    NeverRotates,
    /// It leaves a task behind each time that it comes back.
    LeaksTasks,
    /// It does not say that it is back.
    ReturnsSilently,
}

/// Some mail is one in so many.
const SOME: u32 = 10;

impl Planted {
    /// All of them, by the names that they have as arguments.
    pub(crate) const ALL: [(&str, Planted); 10] = [
        ("nothing", Planted::Nothing),
        ("loses-mail", Planted::LosesMail),
        ("doubles-mail", Planted::DoublesMail),
        ("keeps-the-dead", Planted::KeepsTheDead),
        ("ignores-flags", Planted::IgnoresFlags),
        ("never-asks", Planted::NeverAsks),
        ("storms", Planted::Storms),
        ("never-rotates", Planted::NeverRotates),
        ("leaks-tasks", Planted::LeaksTasks),
        ("returns-silently", Planted::ReturnsSilently),
    ];

    /// How often the program sees an event.
    pub(crate) fn copies(self, event: &Event<'_>) -> usize {
        let is_some = |uid: u32| uid.is_multiple_of(SOME);
        match (self, event) {
            (Planted::LosesMail, Event::Arrived { uids, .. })
                if uids.iter().any(|uid| is_some(*uid)) =>
            {
                0
            }
            (Planted::DoublesMail, Event::Arrived { uids, .. })
                if uids.iter().any(|uid| is_some(*uid)) =>
            {
                2
            }
            (Planted::KeepsTheDead, Event::Expunge { uid: Some(uid), .. }) if is_some(*uid) => 0,
            (Planted::IgnoresFlags, Event::Update { .. }) => 0,
            (Planted::ReturnsSilently, Event::Lifecycle(Lifecycle::Reconnected { .. })) => 0,
            _ => 1,
        }
    }

    /// The options of such a client, as members of a JSON object.
    pub(crate) fn options(self) -> &'static str {
        match self {
            Planted::NeverAsks => r#""reconnect":true,"keepalive":false"#,
            Planted::Storms => r#""reconnect":{"baseMs":1,"capMs":1,"loginsPerMinute":1000}"#,
            Planted::NeverRotates => r#""reconnect":true,"rotate":false"#,
            _ => r#""reconnect":true"#,
        }
    }

    /// The session came back.
    pub(crate) fn returned(self) {
        if self == Planted::LeaksTasks {
            tokio::spawn(std::future::pending::<()>());
        }
    }
}
