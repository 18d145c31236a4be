//! The first word of a response: what the rest of it is.

/// What the first word of a response says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// `+ ...`
    Continuation,
    /// `* OK ...` and its like.
    Status,
    /// `* ...` with values.
    Data,
    /// Anything else: `A1 OK ...`, `IDLE OK ...`, or no IMAP at all.
    Tagged,
}

/// The status words of RFC 3501 section 7.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done, or information.
    Ok,
    /// Refused, or a warning.
    No,
    /// Not understood.
    Bad,
    /// A greeting that says: already authenticated.
    Preauth,
    /// The server is about to close.
    Bye,
}

impl Head {
    /// What the line is, or `None` if there is nothing on it.
    pub fn of(line: &[u8]) -> Option<Head> {
        match (line.first()?, line.get(1)) {
            (b'+', _) => Some(Head::Continuation),
            (b'*', None | Some(b' ' | b'\t')) => {
                let (word, _) = word(line.get(1..).unwrap_or_default());
                Some(match Status::of(word) {
                    Some(_) => Head::Status,
                    None => Head::Data,
                })
            }
            _ => Some(Head::Tagged),
        }
    }
}

impl Status {
    /// The word in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::No => "no",
            Status::Bad => "bad",
            Status::Bye => "bye",
            Status::Preauth => "preauth",
        }
    }

    /// The status that the word is, in any case.
    pub fn of(word: &[u8]) -> Option<Status> {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        Some(match () {
            () if is("OK") => Status::Ok,
            () if is("NO") => Status::No,
            () if is("BAD") => Status::Bad,
            () if is("BYE") => Status::Bye,
            () if is("PREAUTH") => Status::Preauth,
            () => return None,
        })
    }
}

/// The first word and what follows it, blanks between them dropped.
pub(super) fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = text
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, rest.trim_ascii_start())
}
