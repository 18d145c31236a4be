//! Requests: what the methods of the JavaScript class ask for, compiled into commands.
//!
//! A request is one JSON object with a `kind`. It is compiled at the user's call, so that wrong
//! arguments are thrown there with the texts of node-imap (contract sections 3, 4 and 9). What the
//! answer will mean is the [`Purpose`].

mod append;
mod fetch;
mod identity;
mod mailbox;
#[cfg(test)]
mod properties;
mod quota;
mod raw;
mod search;
mod store;
#[cfg(test)]
mod vectors;

use serde::Deserialize;

pub use append::AppendRequest;
pub use fetch::{FetchOptions, FetchPlan, FetchRequest};
pub use search::{EsearchRequest, SearchRequest, SortRequest, ThreadRequest};
pub use store::{Action, StoreRequest, What};

use super::argument::{Argument, ArgumentError};
use super::command::{Command, CommandBuilder};
use super::set::SequenceSet;
use identity::identify;
use mailbox::{bare, list, named, rename, select, status};

/// One call of a method.
///
/// Fields of type [`Argument`] take whatever the user passed; a field left out is `undefined`.
/// Capabilities of the server are plain booleans, false when left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Request {
    /// `_enqueue(text)`: one line, as it is.
    Raw {
        /// The line, without CRLF.
        text: Argument,
    },
    /// `getBoxes([namespace])`.
    List {
        /// The prefix of the names; `null` and `undefined` are all mailboxes.
        #[serde(default)]
        namespace: Argument,
        /// Whether to ask for special uses, on a server that has LIST-EXTENDED and SPECIAL-USE.
        #[serde(default)]
        special_use: bool,
    },
    /// `getSubscribedBoxes([namespace])`.
    Lsub {
        /// The prefix of the names; `null` and `undefined` are all mailboxes.
        #[serde(default)]
        namespace: Argument,
    },
    /// `getSpecialUseBoxes()`.
    Xlist {
        /// The prefix of the names; `null` and `undefined` are all mailboxes.
        #[serde(default)]
        namespace: Argument,
    },
    /// `status(mailbox)`.
    Status {
        /// The name, not encoded.
        mailbox: Argument,
        /// The server has CONDSTORE.
        #[serde(default)]
        condstore: bool,
    },
    /// `openBox(mailbox, readOnly)`.
    Select {
        /// The name, not encoded.
        mailbox: Argument,
        /// EXAMINE, not SELECT.
        #[serde(default)]
        read_only: bool,
        /// The server has CONDSTORE.
        #[serde(default)]
        condstore: bool,
    },
    /// `closeBox(false)` without UNSELECT: selecting a mailbox that does not exist.
    Deselect {
        /// The name, not encoded.
        mailbox: Argument,
    },
    /// `closeBox()`.
    Close,
    /// `closeBox(false)` with UNSELECT (RFC 3691).
    Unselect,
    /// `addBox(mailbox)`.
    Create {
        /// The name, not encoded.
        mailbox: Argument,
    },
    /// `delBox(mailbox)`.
    Delete {
        /// The name, not encoded.
        mailbox: Argument,
    },
    /// `renameBox(from, to)`.
    Rename {
        /// The name, not encoded.
        from: Argument,
        /// The new name, not encoded.
        to: Argument,
    },
    /// `subscribeBox(mailbox)`.
    Subscribe {
        /// The name, not encoded.
        mailbox: Argument,
    },
    /// `unsubscribeBox(mailbox)`.
    Unsubscribe {
        /// The name, not encoded.
        mailbox: Argument,
    },
    /// `search(criteria)`.
    Search(SearchRequest),
    /// `sort(keys, criteria)`.
    Sort(SortRequest),
    /// `thread(algorithm, criteria)`.
    Thread(ThreadRequest),
    /// `esearch(criteria, options)`.
    Esearch(EsearchRequest),
    /// `fetch(set, options)`.
    Fetch(FetchRequest),
    /// `addFlags`, `setKeywords`, `delLabels`, ...
    Store(StoreRequest),
    /// `copy(set, mailbox)`.
    Copy {
        /// Whether UIDs are meant.
        #[serde(default)]
        uid: bool,
        /// The messages.
        #[serde(default)]
        set: Argument,
        /// The name, not encoded.
        mailbox: Argument,
    },
    /// `move(set, mailbox)` with MOVE (RFC 6851).
    Move {
        /// Whether UIDs are meant.
        #[serde(default)]
        uid: bool,
        /// The messages.
        #[serde(default)]
        set: Argument,
        /// The name, not encoded.
        mailbox: Argument,
    },
    /// `expunge([set])`.
    Expunge {
        /// The messages.
        #[serde(default)]
        set: Argument,
        /// The server has UIDPLUS.
        #[serde(default)]
        uidplus: bool,
    },
    /// `append(data, options)`; the data come beside the request.
    Append(AppendRequest),
    /// `id(fields)`.
    Id {
        /// Names and values, in order; none is `NIL`.
        #[serde(default)]
        fields: Vec<(String, Argument)>,
    },
    /// `setQuota(root, limits)`.
    SetQuota {
        /// The quota root's name, not encoded.
        root: Argument,
        /// Resources and their limits; those left out are unlimited.
        #[serde(default)]
        limits: Vec<(String, Argument)>,
    },
    /// `getQuota(root)`.
    GetQuota {
        /// The quota root's name, not encoded.
        root: Argument,
    },
    /// `getQuotaRoot(mailbox)`.
    GetQuotaRoot {
        /// The name, not encoded.
        mailbox: Argument,
    },
    /// `end()`.
    Logout,
}

/// A request that can be sent.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The bytes.
    pub command: Command,
    /// What the connection must know to read the answer.
    pub purpose: Purpose,
    /// How often it was sent whole on a connection that was lost before the answer.
    pub tries: u32,
    /// The response code of a NO that is a success, because it was sent whole before: what it is
    /// to do is done already.
    pub forgives: Option<&'static str>,
    /// Whether everything before it must be answered before it is sent.
    pub alone: bool,
}

/// What the answer to a command means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Only the tagged response counts.
    Other,
    /// LIST or XLIST responses make a tree of mailboxes.
    List,
    /// LSUB responses make a tree of mailboxes.
    Lsub,
    /// A STATUS response.
    Status {
        /// The mailbox as the user names it.
        mailbox: String,
    },
    /// The mailbox that is open from now on, if the answer is OK.
    Select {
        /// The mailbox as the user names it.
        mailbox: String,
        /// Whether it was EXAMINE.
        read_only: bool,
    },
    /// No mailbox is open from now on, whatever the answer.
    Deselect,
    /// No mailbox is open from now on, if the answer is OK.
    Close,
    /// SEARCH, SORT, THREAD or ESEARCH responses.
    Search,
    /// ID or QUOTA responses.
    Extension,
    /// FETCH responses.
    Fetch(FetchPlan),
    /// FETCH responses of flags that another client changed may come, and the code MODIFIED.
    Store,
    /// The code COPYUID.
    Copy,
    /// The code COPYUID, tagged or not, and EXPUNGE responses.
    Move,
    /// The code APPENDUID.
    Append,
    /// EXPUNGE responses.
    Expunge,
    /// The end of the connection.
    Logout,
}

/// Compiles a request; `data` is the message of an `append`.
///
/// # Errors
///
/// The first argument that cannot be sent, in the order in which node-imap checks them.
pub fn compile(request: Request, data: Option<Vec<u8>>) -> Result<Compiled, ArgumentError> {
    match request {
        Request::Raw { text } => raw::compile(&text),
        Request::List {
            namespace,
            special_use,
        } => list("LIST", &namespace, special_use, Purpose::List),
        Request::Lsub { namespace } => list("LSUB", &namespace, false, Purpose::Lsub),
        Request::Xlist { namespace } => list("XLIST", &namespace, false, Purpose::List),
        Request::Status { mailbox, condstore } => status(&mailbox, condstore),
        Request::Select {
            mailbox,
            read_only,
            condstore,
        } => select(&mailbox, read_only, condstore),
        Request::Deselect { mailbox } => named("SELECT", &mailbox, Purpose::Deselect),
        Request::Close => bare("CLOSE", Purpose::Close),
        Request::Unselect => bare("UNSELECT", Purpose::Close),
        Request::Create { mailbox } => named("CREATE", &mailbox, Purpose::Other),
        Request::Delete { mailbox } => named("DELETE", &mailbox, Purpose::Other),
        Request::Rename { from, to } => rename(&from, &to),
        Request::Subscribe { mailbox } => named("SUBSCRIBE", &mailbox, Purpose::Other),
        Request::Unsubscribe { mailbox } => named("UNSUBSCRIBE", &mailbox, Purpose::Other),
        Request::Search(request) => request.compile(),
        Request::Sort(request) => request.compile(),
        Request::Thread(request) => request.compile(),
        Request::Esearch(request) => request.compile(),
        Request::Fetch(request) => request.compile(),
        Request::Store(request) => request.compile(),
        Request::Copy { uid, set, mailbox } => transfer("COPY", uid, &set, &mailbox, Purpose::Copy),
        Request::Move { uid, set, mailbox } => transfer("MOVE", uid, &set, &mailbox, Purpose::Move),
        Request::Expunge { set, uidplus } => expunge(&set, uidplus),
        Request::Append(request) => request.compile(data),
        Request::Id { fields } => identify(&fields),
        Request::SetQuota { root, limits } => quota::set(&root, &limits),
        Request::GetQuota { root } => named("GETQUOTA", &root, Purpose::Extension),
        Request::GetQuotaRoot { mailbox } => named("GETQUOTAROOT", &mailbox, Purpose::Extension),
        Request::Logout => bare("LOGOUT", Purpose::Logout),
    }
}

impl Compiled {
    fn new(builder: CommandBuilder, purpose: Purpose) -> Compiled {
        Compiled::of(builder.finish(), purpose)
    }

    fn of(command: Command, purpose: Purpose) -> Compiled {
        Compiled {
            command,
            purpose,
            tries: 0,
            forgives: None,
            alone: false,
        }
    }
}

/// The set of a method that takes `uids`, of which there must be some.
fn some_messages(uid: bool, set: &Argument) -> Result<SequenceSet, ArgumentError> {
    match set {
        Argument::List(items) if items.is_empty() => Err(ArgumentError::new(if uid {
            "Empty uidlist"
        } else {
            "Empty sequence numberlist"
        })),
        set => SequenceSet::parse(set),
    }
}

fn transfer(
    verb: &'static str,
    uid: bool,
    set: &Argument,
    mailbox: &Argument,
    purpose: Purpose,
) -> Result<Compiled, ArgumentError> {
    let set = some_messages(uid, set)?;
    let mut command = CommandBuilder::by(uid, verb);
    command.set(&set).mailbox(&mailbox.text())?;
    Ok(Compiled::new(command, purpose))
}

fn expunge(set: &Argument, uidplus: bool) -> Result<Compiled, ArgumentError> {
    if *set == Argument::Undefined {
        return bare("EXPUNGE", Purpose::Expunge);
    }
    if matches!(set, Argument::List(items) if items.is_empty()) {
        return Err(ArgumentError::new("Empty uid list"));
    }
    let set = SequenceSet::parse(set)?;
    if !uidplus {
        return Err(ArgumentError::unsupported("UIDPLUS"));
    }
    let mut command = CommandBuilder::by(true, "EXPUNGE");
    command.set(&set);
    Ok(Compiled::new(command, Purpose::Expunge))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of the command and its purpose, or the error's message.
    pub(super) fn compiled(json: &str) -> Result<(String, Purpose), String> {
        let request: Request = serde_json::from_str(json).unwrap();
        let Compiled {
            command, purpose, ..
        } = compile(request, None).map_err(|error| error.message)?;
        let pieces = command.into_pieces();
        let bytes: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.bytes).collect();
        let text = String::from_utf8(bytes).unwrap();
        Ok((text.strip_suffix("\r\n").unwrap().to_owned(), purpose))
    }

    pub(super) fn line(json: &str) -> String {
        compiled(json).unwrap().0
    }

    #[test]
    fn copy_move_and_expunge_check_their_set() {
        let json = r#"{"kind":"copy","uid":true,"set":[1,"2:4","*"],"mailbox":"Archive"}"#;
        assert_eq!(line(json), r#"UID COPY 1,2:4,* "Archive""#);
        let json = r#"{"kind":"move","set":"1,2","mailbox":"T"}"#;
        assert_eq!(line(json), r#"MOVE 1,2 "T""#);
        assert_eq!(line(r#"{"kind":"expunge"}"#), "EXPUNGE");
        let json = r#"{"kind":"expunge","set":[1,"3:5"],"uidplus":true}"#;
        assert_eq!(line(json), "UID EXPUNGE 1,3:5");
        let integer = "UID/seqno must be an integer, \"*\", or a range: ";
        for (json, expected) in [
            (
                r#"{"kind":"copy","uid":true,"set":[],"mailbox":"x"}"#,
                "Empty uidlist".to_owned(),
            ),
            (
                r#"{"kind":"move","set":[],"mailbox":"x"}"#,
                "Empty sequence numberlist".to_owned(),
            ),
            (
                r#"{"kind":"copy","mailbox":"x"}"#,
                format!("{integer}undefined"),
            ),
            (
                r#"{"kind":"expunge","set":[]}"#,
                "Empty uid list".to_owned(),
            ),
            (r#"{"kind":"expunge","set":null}"#, format!("{integer}null")),
            (
                r#"{"kind":"expunge","set":5}"#,
                "Server does not support this feature (UIDPLUS)".to_owned(),
            ),
        ] {
            assert_eq!(compiled(json).unwrap_err(), expected);
        }
    }
}
