//! Commands as bytes: typed arguments in, pieces to write out (RFC 3501 section 2.2.1).
//!
//! Nothing here pastes text into a line. Each kind of argument has a method that decides between
//! atom, quoted string and literal by content, so that no argument can end a command early or
//! begin another one. Tags are the connection's business.

use super::argument::{Argument, ArgumentError};
use super::set::SequenceSet;
use super::utf7;

/// A command without its tag, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    verb: String,
    pieces: Vec<Piece>,
    /// Whether messages are named by number somewhere in it.
    holds_numbers: bool,
}

/// Commands that name messages right after their own name.
const NAMING_MESSAGES: [&str; 4] = ["COPY", "FETCH", "MOVE", "STORE"];

/// Bytes that are written in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The bytes, with their CRLF.
    pub bytes: Vec<u8>,
    /// Whether the piece ends in a synchronising literal announcement: the next one goes out when
    /// the server has answered `+` (RFC 3501 section 4.3).
    pub wait: bool,
}

impl Command {
    /// The line that it begins with, without CRLF. What is no UTF-8 is replaced.
    pub fn first_line(&self) -> String {
        let bytes = self.pieces.first().map(|piece| piece.bytes.as_slice());
        let lines = bytes.unwrap_or_default().split(|byte| *byte == b'\n');
        let first = lines.into_iter().next().unwrap_or_default();
        let bare = first.strip_suffix(b"\r").unwrap_or(first);
        String::from_utf8_lossy(bare).into_owned()
    }

    /// A single line as the user wrote it, for node-imap's `_enqueue`. It may hold UTF-8.
    ///
    /// Refused are CR, LF and NUL, an empty line, and a line that ends in a literal announcement,
    /// because the literal could not follow.
    pub fn raw(text: &str) -> Result<Command, ArgumentError> {
        if text.contains(['\r', '\n', '\0']) {
            return Err(ArgumentError::new(format!(
                "A raw command must be one line without CR, LF or NUL: {text:?}"
            )));
        }
        if announces_literal(text) {
            return Err(ArgumentError::new(format!(
                "A raw command cannot end in the announcement of a literal: {text:?}; \
                 use append() or search()"
            )));
        }
        let mut words = text.split_ascii_whitespace().map(str::to_ascii_uppercase);
        let verb = match (words.next(), words.next()) {
            (Some(first), Some(second)) if first == "UID" => second,
            (Some(first), _) => first,
            (None, _) => {
                return Err(ArgumentError::new(
                    "A raw command must not be empty; write e.g. 'NOOP'",
                ));
            }
        };
        let bytes = format!("{text}\r\n").into_bytes();
        let pieces = vec![Piece { bytes, wait: false }];
        Ok(Command {
            verb,
            pieces,
            holds_numbers: false,
        })
    }

    /// The name of the command in upper case, without a `UID` before it.
    pub fn verb(&self) -> &str {
        &self.verb
    }

    /// Whether it is a UID command (RFC 3501 section 6.4.8).
    pub fn is_by_uid(&self) -> bool {
        let first = self.words().next().unwrap_or_default();
        first.eq_ignore_ascii_case(b"UID")
    }

    /// Whether it names messages by sequence number, which only the connection that it was made
    /// for understands.
    pub fn is_by_number(&self) -> bool {
        let is_about_messages = NAMING_MESSAGES.contains(&self.verb());
        self.holds_numbers || (is_about_messages && !self.is_by_uid())
    }

    /// Whether it changes only messages that have not changed since (RFC 7162 section 3.1.3). Its
    /// answer names the others in the way that it names its own.
    pub fn is_conditional(&self) -> bool {
        self.verb() == "STORE" && self.item().starts_with(b"(")
    }

    /// What follows the messages that a command names: what a STORE does, or its condition.
    pub fn item(&self) -> &[u8] {
        let at = 2 + usize::from(self.is_by_uid());
        self.words().nth(at).unwrap_or_default()
    }

    /// What stands between the spaces, up to the first literal.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        let line = self.pieces.first().map(|piece| piece.bytes.as_slice());
        line.unwrap_or_default().split(|byte| *byte == b' ')
    }

    /// The messages that a command on messages names; `None` if it names none that can be read.
    pub fn set(&self) -> Option<SequenceSet> {
        let is_about_messages = NAMING_MESSAGES.contains(&self.verb());
        if !is_about_messages && self.verb() != "EXPUNGE" {
            return None;
        }
        let word = self.words().nth(1 + usize::from(self.is_by_uid()))?;
        let text = String::from_utf8_lossy(word).trim_end().to_owned();
        SequenceSet::parse(&Argument::Text(text)).ok()
    }

    /// The same command as a UID command on these messages in the place of those that it names;
    /// `None` if nothing follows those.
    pub fn on_uids(&self, set: &SequenceSet) -> Option<Command> {
        let named = 2 + usize::from(self.is_by_uid());
        let head = ["UID", &self.verb, set.as_str()].map(str::as_bytes);
        let words: Vec<&[u8]> = head.into_iter().chain(self.words().skip(named)).collect();
        let bytes = (words.len() > head.len()).then(|| words.join(&b' '))?;
        let mut pieces = self.pieces.clone();
        pieces.first_mut()?.bytes = bytes;
        Some(Command {
            verb: self.verb.clone(),
            pieces,
            holds_numbers: false,
        })
    }

    /// What to write, in order; the last piece ends in CRLF. There is at least one.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Announces literals of up to so many bytes as ones that the server takes without being asked
    /// (LITERAL+ and LITERAL-, RFC 7888).
    pub fn rush(&mut self, most: usize) {
        for piece in self.pieces.iter_mut().filter(|piece| piece.wait) {
            let open = piece.bytes.iter().rposition(|byte| *byte == b'{');
            let size = open.and_then(|open| piece.bytes.get(open + 1..));
            let Some(size) = size.and_then(|rest| rest.strip_suffix(b"}\r\n")) else {
                continue;
            };
            let size = std::str::from_utf8(size)
                .ok()
                .and_then(|size| size.parse().ok());
            if size.is_some_and(|size: usize| size <= most) {
                let end = piece.bytes.len() - b"}\r\n".len();
                piece.bytes.insert(end, b'+');
                piece.wait = false;
            }
        }
    }

    /// What to write, in order, without a copy.
    pub fn into_pieces(self) -> Vec<Piece> {
        self.pieces
    }
}

/// Writes the arguments of one command. A space is put where the grammar wants one.
#[derive(Debug)]
pub struct CommandBuilder {
    verb: &'static str,
    pieces: Vec<Piece>,
    line: Vec<u8>,
    /// Whether the next argument follows another one, and so a space.
    follows: bool,
    holds_numbers: bool,
}

impl CommandBuilder {
    /// Begins the command `verb`.
    pub fn new(verb: &'static str) -> CommandBuilder {
        CommandBuilder {
            verb,
            pieces: Vec::new(),
            line: verb.as_bytes().to_vec(),
            follows: true,
            holds_numbers: false,
        }
    }

    /// Begins `UID verb` if `uid`, else `verb`.
    pub fn by(uid: bool, verb: &'static str) -> CommandBuilder {
        let mut builder = CommandBuilder::new(verb);
        if uid {
            builder.line.splice(0..0, *b"UID ");
        }
        builder
    }

    /// A word of the protocol, or several, exactly as given.
    pub fn word(&mut self, word: &'static str) -> &mut CommandBuilder {
        self.raw(word)
    }

    /// A number, e.g. a mod-sequence.
    pub fn number(&mut self, number: u64) -> &mut CommandBuilder {
        self.raw(&number.to_string())
    }

    /// A sequence set.
    pub fn set(&mut self, set: &SequenceSet) -> &mut CommandBuilder {
        self.raw(set.as_str())
    }

    /// Sequence numbers, of which the connection is to know that they are there. All messages are
    /// the same ones by any number.
    pub fn numbers(&mut self, set: &SequenceSet) -> &mut CommandBuilder {
        self.holds_numbers |= !set.is_everything();
        self.set(set)
    }

    /// `(`.
    pub fn open(&mut self) -> &mut CommandBuilder {
        self.raw("(");
        self.follows = false;
        self
    }

    /// `)`.
    pub fn close(&mut self) -> &mut CommandBuilder {
        self.follows = false;
        self.raw(")")
    }

    /// A flag, a keyword or another single word of the user's ([`is_atom`]).
    pub fn atom(&mut self, text: &str) -> Result<&mut CommandBuilder, ArgumentError> {
        if is_atom(text) {
            Ok(self.raw(text))
        } else {
            Err(ArgumentError::new(format!(
                "{text:?} cannot be sent to an IMAP server: it is not a single word"
            )))
        }
    }

    /// A date, a fetch attribute or a body section: what the user wrote, if it stays within its
    /// line and its quotes ([`is_contained`]).
    pub fn contained(&mut self, text: &str) -> Result<&mut CommandBuilder, ArgumentError> {
        if is_contained(text) {
            Ok(self.raw(text))
        } else {
            Err(ArgumentError::new(format!(
                "{text:?} cannot be sent to an IMAP server: \
                 write printable ASCII characters and close every quote"
            )))
        }
    }

    /// A string: quoted if it is ASCII without CR and LF, else a synchronising literal.
    ///
    /// NUL is refused: neither form can carry it (RFC 3501 section 9, `CHAR8`).
    pub fn string(&mut self, text: &str) -> Result<&mut CommandBuilder, ArgumentError> {
        if text.contains('\0') {
            return Err(ArgumentError::new(format!(
                "{text:?} cannot be sent to an IMAP server: it contains a NUL character"
            )));
        }
        if text.is_ascii() && !text.contains(['\r', '\n']) {
            self.raw(&quoted(text));
        } else {
            self.announce(text.len(), false);
            self.line.extend_from_slice(text.as_bytes());
        }
        Ok(self)
    }

    /// A string in quotes even if it is not ASCII, as RFC 9051 section 4.3 allows and as node-imap
    /// sends an ID; else as [`CommandBuilder::string`].
    pub fn unencoded(&mut self, text: &str) -> Result<&mut CommandBuilder, ArgumentError> {
        match text.contains(['\r', '\n', '\0']) {
            true => self.string(text),
            false => Ok(self.raw(&quoted(text))),
        }
    }

    /// The name of a mailbox or label: modified UTF-7 in quotes (RFC 3501 section 5.1.3).
    pub fn mailbox(&mut self, name: &str) -> Result<&mut CommandBuilder, ArgumentError> {
        self.string(&utf7::encode(name))
    }

    /// Bytes as they are, as a literal of their own piece; not copied.
    ///
    /// `literal_plus` says that the server has LITERAL+ (RFC 7888) and need not be waited for.
    pub fn data(&mut self, bytes: Vec<u8>, literal_plus: bool) -> &mut CommandBuilder {
        self.announce(bytes.len(), literal_plus);
        self.pieces.push(Piece { bytes, wait: false });
        self
    }

    /// The command, ended by CRLF.
    pub fn finish(mut self) -> Command {
        self.line.extend_from_slice(b"\r\n");
        self.pieces.push(Piece {
            bytes: self.line,
            wait: false,
        });
        Command {
            verb: self.verb.to_owned(),
            pieces: self.pieces,
            holds_numbers: self.holds_numbers,
        }
    }

    fn raw(&mut self, text: &str) -> &mut CommandBuilder {
        if self.follows {
            self.line.push(b' ');
        }
        self.line.extend_from_slice(text.as_bytes());
        self.follows = true;
        self
    }

    fn announce(&mut self, length: usize, literal_plus: bool) {
        let plus = if literal_plus { "+" } else { "" };
        self.raw(&format!("{{{length}{plus}}}\r\n"));
        self.pieces.push(Piece {
            bytes: std::mem::take(&mut self.line),
            wait: !literal_plus,
        });
    }
}

/// Whether `text` can be sent as one word: an atom, perhaps with one `\` in front as flags have it.
///
/// ```abnf
/// ATOM-CHAR       = <any CHAR except atom-specials>
/// atom-specials   = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
/// ```
pub fn is_atom(text: &str) -> bool {
    let atom = text.strip_prefix('\\').unwrap_or(text);
    let special = |byte: &u8| b"(){%*\"\\]".contains(byte);
    !atom.is_empty()
        && atom
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !special(&byte))
}

/// Whether `text` is printable ASCII and ends outside quotes, as the server will see them.
pub fn is_contained(text: &str) -> bool {
    outside_quotes(text).is_some()
}

/// `text` without its quoted strings; `None` if one does not end, or if `text` has characters
/// other than printable ASCII.
pub(super) fn outside_quotes(text: &str) -> Option<String> {
    let mut outside = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => loop {
                match characters.next()? {
                    '"' => break,
                    '\\' => is_printable(characters.next()?)?,
                    inside => is_printable(inside)?,
                }
            },
            _ => {
                is_printable(character)?;
                outside.push(character);
            }
        }
    }
    Some(outside)
}

fn is_printable(character: char) -> Option<()> {
    (' '..='~').contains(&character).then_some(())
}

/// ```abnf
/// quoted          = DQUOTE *QUOTED-CHAR DQUOTE
/// QUOTED-CHAR     = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials
/// ```
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// Whether a line ends in `{n}` or `{n+}`.
fn announces_literal(line: &str) -> bool {
    let Some(inside) = line.strip_suffix('}') else {
        return false;
    };
    let inside = inside.strip_suffix(['+', '-']).unwrap_or(inside);
    let before = inside.trim_end_matches(|character: char| character.is_ascii_digit());
    before.len() < inside.len() && before.ends_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_seen() {
        for (text, conditional) in [
            ("STORE 1 (UNCHANGEDSINCE 4) +FLAGS (x)", true),
            ("UID STORE 1 (UNCHANGEDSINCE 4) +FLAGS (x)", true),
            ("UID STORE 1 +FLAGS (x)", false),
            ("FETCH 1 (FLAGS)", false),
        ] {
            assert_eq!(Command::raw(text).unwrap().is_conditional(), conditional);
        }
    }

    #[test]
    fn a_command_goes_on_with_other_messages() {
        let uids = SequenceSet::of_ranges(vec![(7, 9), (20, u32::MAX)]);
        for (text, expected) in [
            ("copy 1:3 \"a  b\"", "UID COPY 7:9,20:* \"a  b\"\r\n"),
            ("UID FETCH 5 (UID)", "UID FETCH 7:9,20:* (UID)\r\n"),
        ] {
            let command = Command::raw(text).unwrap().on_uids(&uids).unwrap();
            assert_eq!(command.pieces()[0].bytes, expected.as_bytes());
        }
        assert_eq!(Command::raw("FETCH 1").unwrap().on_uids(&uids), None);
        let named = |text: &str| Command::raw(text).unwrap().set();
        assert_eq!(named("STORE 1,3 FLAGS (x)").unwrap().as_str(), "1,3");
        assert_eq!(named("UID EXPUNGE 4").unwrap().as_str(), "4");
        assert_eq!(named("FETCH x (UID)"), None);
    }

    fn lines(command: &Command) -> Vec<(&str, bool)> {
        let text = |piece| std::str::from_utf8(piece).unwrap();
        command
            .pieces()
            .iter()
            .map(|piece| (text(&piece.bytes), piece.wait))
            .collect()
    }

    #[test]
    fn strings_choose_their_form_by_content() {
        let mut builder = CommandBuilder::by(true, "SEARCH");
        builder.word("SUBJECT").string("a\"b\\c").unwrap();
        builder.open().word("FROM").string("ü").unwrap();
        builder.close().word("TO").string("x\r\ny").unwrap();
        builder.word("SEEN");
        let command = builder.finish();
        assert_eq!(command.verb(), "SEARCH");
        assert_eq!(
            lines(&command),
            [
                ("UID SEARCH SUBJECT \"a\\\"b\\\\c\" (FROM {2}\r\n", true),
                ("ü) TO {4}\r\n", true),
                ("x\r\ny SEEN\r\n", false),
            ]
        );
    }

    #[test]
    fn nul_fits_nowhere() {
        let error = CommandBuilder::new("SEARCH").string("a\0b").unwrap_err();
        assert!(error.message.contains("NUL"));
        assert!(CommandBuilder::new("STORE").atom("a\0").is_err());
        assert!(CommandBuilder::new("FETCH").contained("a\0").is_err());
        assert!(Command::raw("NOOP\0").is_err());
    }

    #[test]
    fn data_is_moved() {
        let bytes = vec![0, 13, 10, 255];
        let address = bytes.as_ptr();
        let mut builder = CommandBuilder::new("APPEND");
        builder.mailbox("Entwürfe").unwrap().data(bytes, false);
        let pieces = builder.finish().into_pieces();
        assert_eq!(pieces[0].bytes, b"APPEND \"Entw&APw-rfe\" {4}\r\n");
        assert!(pieces[0].wait);
        assert_eq!(pieces[1].bytes.as_ptr(), address);
        assert_eq!(pieces[2].bytes, b"\r\n");
    }

    #[test]
    fn literal_plus_does_not_wait() {
        let mut builder = CommandBuilder::new("APPEND");
        builder.data(b"x".to_vec(), true);
        let command = builder.finish();
        let expected = [("APPEND {1+}\r\n", false), ("x", false), ("\r\n", false)];
        assert_eq!(lines(&command), expected);
    }

    #[test]
    fn atoms_are_single_words() {
        for good in ["\\Seen", "$Label1", "kw", "a[b", "NonJunk"] {
            assert!(is_atom(good), "{good}");
        }
        for bad in [
            "", "\\", "a b", "a\\b", "\\\\a", "(", "a)", "{5}", "a\"", "%", "*", "ü", "a\x7f",
        ] {
            assert!(!is_atom(bad), "{bad}");
        }
    }

    #[test]
    fn contained_text_closes_its_quotes() {
        for good in [
            "",
            "HEADER.FIELDS (\"FROM\" \"a\\\"b]\")",
            "1.MIME",
            "BODY[]<0.5>",
        ] {
            assert!(is_contained(good), "{good}");
        }
        for bad in [
            "\"", "\"a\\\"", "a\rb", "\"a\nb\"", "ü", "\"ü\"", "\"\\\r\"",
        ] {
            assert!(!is_contained(bad), "{bad}");
        }
        assert_eq!(outside_quotes("a \"]\" b").unwrap(), "a  b");
    }

    #[test]
    fn raw_commands_are_one_line() {
        let command = Command::raw("uid fetch 1 (FLAGS)").unwrap();
        assert_eq!(command.verb(), "FETCH");
        assert_eq!(lines(&command), [("uid fetch 1 (FLAGS)\r\n", false)]);
        assert_eq!(Command::raw("ID (\"name\" \"ü\")").unwrap().verb(), "ID");
        assert_eq!(Command::raw("X {5}y").unwrap().verb(), "X");
        for bad in [
            "",
            "  ",
            "NOOP\r\n",
            "A\nB",
            "LOGIN {5}",
            "APPEND x {5+}",
            "A {05-}",
        ] {
            assert!(Command::raw(bad).is_err(), "{bad}");
        }
    }
}
