//! What a client says, as far as this world's servers understand it (RFC 3501, 2177, 5161, 7162).

/// A command without its tag.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    Capability,
    Login {
        user: &'a str,
    },
    /// `AUTHENTICATE XOAUTH2`, with the response if it came along (RFC 4959).
    Xoauth2 {
        response: Option<&'a str>,
    },
    Enable {
        qresync: bool,
    },
    List,
    Select(Select),
    Fetch(Fetch<'a>),
    Idle,
    Noop,
    Status,
    Logout,
    Unknown,
}

/// SELECT or EXAMINE.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Select {
    pub(crate) read_only: bool,
    /// With the parameter CONDSTORE or QRESYNC.
    pub(crate) condstore: bool,
    /// The UIDVALIDITY and MODSEQ of the parameter QRESYNC (RFC 7162 section 3.2.5).
    pub(crate) since: Option<(u32, u64)>,
}

/// FETCH or UID FETCH; of UID and FLAGS, whatever it asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fetch<'a> {
    pub(crate) by_uid: bool,
    pub(crate) set: &'a str,
    /// The MODSEQ of CHANGEDSINCE (RFC 7162 section 3.1.4.1).
    pub(crate) since: Option<u64>,
    /// With VANISHED (RFC 7162 section 3.2.6).
    pub(crate) vanished: bool,
}

impl<'a> Command<'a> {
    /// The tag and the command in a line.
    pub(crate) fn of(line: &'a str) -> (&'a str, Command<'a>) {
        let (tag, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        (tag, parse(verb, rest))
    }
}

fn parse<'a>(verb: &'a str, rest: &'a str) -> Command<'a> {
    match verb {
        "CAPABILITY" => Command::Capability,
        "LOGIN" => Command::Login {
            user: rest.split('"').nth(1).unwrap_or_default(),
        },
        "AUTHENTICATE" => match rest.strip_prefix("XOAUTH2") {
            Some(response) => Command::Xoauth2 {
                response: response.strip_prefix(' '),
            },
            None => Command::Unknown,
        },
        "ENABLE" => Command::Enable {
            qresync: rest.contains("QRESYNC"),
        },
        "LIST" => Command::List,
        "SELECT" | "EXAMINE" => Command::Select(select(verb == "EXAMINE", rest)),
        "FETCH" => fetch(false, rest),
        "UID" => match rest.strip_prefix("FETCH ") {
            Some(rest) => fetch(true, rest),
            None => Command::Unknown,
        },
        "IDLE" => Command::Idle,
        "NOOP" => Command::Noop,
        "STATUS" => Command::Status,
        "LOGOUT" => Command::Logout,
        _ => Command::Unknown,
    }
}

fn select(read_only: bool, rest: &str) -> Select {
    let parameter = rest.split_once("(QRESYNC (").map(|(_, rest)| rest);
    let mut numbers = parameter
        .unwrap_or_default()
        .split(|it: char| !it.is_ascii_digit());
    let mut number = || numbers.next()?.parse::<u64>().ok();
    let since = number().zip(number());
    Select {
        read_only,
        condstore: parameter.is_some() || rest.contains("(CONDSTORE)"),
        since: since.map(|(validity, modseq)| (validity as u32, modseq)),
    }
}

fn fetch(by_uid: bool, rest: &str) -> Command<'_> {
    let (set, items) = rest.split_once(' ').unwrap_or((rest, ""));
    let since = items.split_once("CHANGEDSINCE ").map(|(_, rest)| rest);
    let digits = since.and_then(|rest| rest.split(|it: char| !it.is_ascii_digit()).next());
    Command::Fetch(Fetch {
        by_uid,
        set,
        since: digits.and_then(|digits| digits.parse().ok()),
        vanished: items.contains("VANISHED"),
    })
}

/// The ranges of a set (RFC 3501 section 9); `last` is what `*` means.
pub(crate) fn ranges(set: &str, last: u32) -> Vec<(u32, u32)> {
    let number = |text: &str| match text {
        "*" => last,
        digits => digits.parse().unwrap_or(0),
    };
    let range = |item: &str| {
        let (from, to) = item.split_once(':').unwrap_or((item, item));
        let (from, to) = (number(from), number(to));
        (from.min(to), from.max(to))
    };
    set.split(',').map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_is_understood() {
        let (tag, command) = Command::of(r#"A7 SELECT "INBOX" (QRESYNC (7 912 1:3,9))"#);
        let expected = Select {
            read_only: false,
            condstore: true,
            since: Some((7, 912)),
        };
        assert_eq!((tag, command), ("A7", Command::Select(expected)));
        let (_, command) = Command::of("A8 UID FETCH 4:* (UID FLAGS) (CHANGEDSINCE 12 VANISHED)");
        let expected = Fetch {
            by_uid: true,
            set: "4:*",
            since: Some(12),
            vanished: true,
        };
        assert_eq!(command, Command::Fetch(expected));
        assert_eq!(Command::of("IDLE IDLE"), ("IDLE", Command::Idle));
    }

    #[test]
    fn a_star_is_the_last_one_even_when_a_range_begins_after_it() {
        assert_eq!(ranges("2,9:*", 5), [(2, 2), (5, 9)]);
    }
}
