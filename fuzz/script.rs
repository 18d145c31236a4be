//! Inputs: answers of servers in any order, changed where it hurts; or no IMAP at all.

use std::time::Duration;

use crate::random::Random;
use crate::stage::{Script, Step};
use crate::transcripts::Answer;

/// What may stand anywhere.
const PIECES: [&[u8]; 38] = [
    b"(",
    b")",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b" ",
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xc3",
    b"*",
    b"* ",
    b"+ ",
    b"~",
    b"NIL",
    b"{3}\r\n",
    b"{0}\r\n",
    b"~{2}\r\n",
    b"{9+}\r\n",
    b"{99999999}\r\n",
    b"{18446744073709551615}\r\n",
    b"A1 OK done\r\n",
    b"* BYE\r\n",
    b"4294967295",
    b"4294967296",
    b"-1",
    b"BODY[TEXT]",
    b"BODY[HEADER.FIELDS (SUBJECT",
    b"* 1 EXPUNGE\r\n",
    b"* 1 FETCH (FLAGS ())\r\n",
    b"\r\n* 2 FETCH (UID 2 FLAGS (\\Seen) BODY[1] {1}\r\nx)\r\n",
];

/// Requests that any answer may meet.
const REQUESTS: [&str; 9] = [
    r#"{"kind":"fetch","uid":true,"set":"1:*"}"#,
    r#"{"kind":"fetch","set":"1:*","options":{"bodies":"TEXT","struct":true}}"#,
    r#"{"kind":"search","criteria":["ALL"]}"#,
    r#"{"kind":"list","namespace":""}"#,
    r#"{"kind":"status","mailbox":"x"}"#,
    r#"{"kind":"select","mailbox":"x"}"#,
    r#"{"kind":"close"}"#,
    r#"{"kind":"append","mailbox":"x"}"#,
    r#"{"kind":"logout"}"#,
];

const SMALL_LIMITS: &str =
    r#""limits":{"responseBytes":6000,"lineBytes":3000,"literalBytes":1500,"items":150,"depth":8}"#;

/// Input number `input` of a run.
pub(crate) fn input(answers: &[Answer], seed: u64, input: u64) -> Script {
    let mut random = Random::of(seed, input);
    let mut script = match random.one_in(8) {
        true => noise(&mut random),
        false => exchange(answers, &mut random),
    };
    for _ in 0..random.below(5) {
        let step = random.below(script.steps.len());
        mutate(&mut script.steps[step].says, &mut random);
    }
    script
}

/// A few answers as they were given, to the commands that they answer or to others.
pub(crate) fn exchange(answers: &[Answer], random: &mut Random) -> Script {
    let mut steps = vec![Step {
        request: Some(r#"{"kind":"select","mailbox":"INBOX"}"#),
        says: b"* CAPABILITY IMAP4rev1 IDLE\r\n* 9 EXISTS\r\nA0 OK [READ-WRITE] ok\r\n".to_vec(),
        time: Duration::ZERO,
    }];
    for number in 1..=1 + random.below(3) {
        let answer = &answers[random.below(answers.len())];
        steps.push(Step {
            request: Some(match random.one_in(5) {
                true => random.pick(&REQUESTS),
                false => answer.request,
            }),
            says: answer.to(&format!("A{number}")),
            time: Duration::from_secs(random.below(40) as u64),
        });
    }
    Script {
        options: options(random),
        steps,
    }
}

/// Bytes without sense, or of nothing but what IMAP is made of.
fn noise(random: &mut Random) -> Script {
    let mut says = Vec::new();
    let is_imap = !random.one_in(3);
    for _ in 0..random.below(300) {
        match is_imap {
            true => says.extend_from_slice(random.pick(&PIECES)),
            false => says.push(random.next() as u8),
        }
    }
    Script {
        options: options(random),
        steps: vec![Step {
            request: Some(random.pick(&REQUESTS)),
            says,
            time: Duration::ZERO,
        }],
    }
}

fn options(random: &mut Random) -> String {
    let limits = match random.one_in(3) {
        true => SMALL_LIMITS,
        false => r#""limits":{}"#,
    };
    let keepalive = random.one_in(2);
    format!(r#"{{"keepalive":{keepalive},{limits}}}"#)
}

fn mutate(text: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(text.len() + 1);
    let end = (at + random.below(30)).min(text.len());
    let piece = random.pick(&PIECES);
    match random.below(8) {
        0 => drop(text.splice(at..at, piece.iter().copied())),
        1 => drop(text.splice(at..end, piece.iter().copied())),
        2 => drop(text.drain(at..end)),
        3 if at < text.len() => text[at] = random.next() as u8,
        4 => text.truncate(at),
        5 => {
            let copy = text[at..].to_vec();
            text.extend(copy);
        }
        6 => {
            let many = piece.repeat(1 + random.below(400));
            text.splice(at..at, many);
        }
        _ => resize(text, at, random),
    }
}

/// Announces another size for the next literal.
fn resize(text: &mut Vec<u8>, at: usize, random: &mut Random) {
    let next = |from: usize, byte: u8| {
        let rest = text.get(from..)?;
        rest.iter()
            .position(|found| *found == byte)
            .map(|found| from + found)
    };
    if let Some(open) = next(at, b'{')
        && let Some(close) = next(open, b'}')
    {
        let size = random.below(700).to_string();
        text.splice(open + 1..close, size.into_bytes());
    }
}
