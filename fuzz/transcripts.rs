//! What servers said: text files with LF line ends, and `A########` where the client's tag stood;
//! and the request that each answer is the answer to.

use std::fs;
use std::io;
use std::path::Path;

/// What stands for the client's tag.
const TAG: &[u8] = b"A########";

/// An answer, or what a server said without being asked.
pub(crate) struct Answer {
    /// With CRLF, and [`TAG`] in it.
    text: Vec<u8>,
    /// As JSON; see `wire::request::Request`.
    pub(crate) request: &'static str,
}

/// The answers in the text files of a folder and below.
pub(crate) fn read(folder: &Path) -> io::Result<Vec<Answer>> {
    let mut answers = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            answers.extend(read(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            answers.extend(cut(&fs::read(path)?));
        }
    }
    Ok(answers)
}

impl Answer {
    /// What the server says to the command with this tag.
    pub(crate) fn to(&self, tag: &str) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.text.len());
        let mut rest = &self.text[..];
        while let Some(at) = rest.windows(TAG.len()).position(|word| word == TAG) {
            text.extend_from_slice(&rest[..at]);
            text.extend_from_slice(tag.as_bytes());
            rest = &rest[at + TAG.len()..];
        }
        text.extend_from_slice(rest);
        text
    }
}

/// Cuts a text after each tagged line.
fn cut(text: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut open = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        open.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        open.extend_from_slice(b"\r\n");
        if line.starts_with(TAG) {
            answers.push(answer(std::mem::take(&mut open)));
        }
    }
    if !open.is_empty() {
        answers.push(answer(open));
    }
    answers
}

fn answer(text: Vec<u8>) -> Answer {
    const REQUESTS: [(&str, &str); 13] = [
        (" FETCH (", FETCH),
        (
            "* SEARCH",
            r#"{"kind":"search","uid":true,"criteria":["ALL"]}"#,
        ),
        (
            "* ESEARCH",
            r#"{"kind":"search","uid":true,"criteria":["ALL"]}"#,
        ),
        (
            "* SORT",
            r#"{"kind":"search","uid":true,"criteria":["ALL"]}"#,
        ),
        (
            "* THREAD",
            r#"{"kind":"search","uid":true,"criteria":["ALL"]}"#,
        ),
        ("* STATUS", r#"{"kind":"status","mailbox":"Archive"}"#),
        ("* LSUB", r#"{"kind":"lsub","namespace":""}"#),
        ("LIST (", r#"{"kind":"list","namespace":""}"#),
        ("* FLAGS", r#"{"kind":"select","mailbox":"INBOX"}"#),
        (" EXPUNGE", FETCH),
        (
            "COPYUID",
            r#"{"kind":"move","uid":true,"set":"1:*","mailbox":"x"}"#,
        ),
        ("APPENDUID", r#"{"kind":"append","mailbox":"x"}"#),
        ("LOGOUT", r#"{"kind":"logout"}"#),
    ];
    let has = |word: &str| text.windows(word.len()).any(|at| at == word.as_bytes());
    let known = REQUESTS.iter().find(|(word, _)| has(word));
    let request = known.map_or(r#"{"kind":"create","mailbox":"x"}"#, |(_, request)| request);
    Answer { text, request }
}

/// Asks for everything that the transcripts have.
const FETCH: &str = r#"{"kind":"fetch","uid":true,"set":"1:*","gmail":true,"condstore":true,"options":{
    "bodies":["","HEADER","TEXT","1","1.MIME","2","HEADER.FIELDS (SUBJECT)"],
    "envelope":true,"struct":true,"size":true,"extensions":["XAOL-MSGID"]}}"#;
