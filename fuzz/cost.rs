//! Linear time: the cost of a byte must not grow with the number of bytes.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::run::peak_resident;
use crate::stage::{Script, Step, play};

/// The smallest size of an input, in bytes; the others are 4 and 16 times that.
const SIZE: usize = 512 * 1024;
/// So many times as much may a byte cost in the largest input as in the smallest: caches are smaller
/// than it is. Quadratic time would be 16.
const MAX_GROWTH: f64 = 4.0;

const SEARCH: &str = r#"{"kind":"search","criteria":["ALL"]}"#;
const LIST: &str = r#"{"kind":"list","namespace":""}"#;
const FETCH: &str =
    r#"{"kind":"fetch","set":"1:*","options":{"bodies":["TEXT","1"],"struct":true}}"#;

/// What is said again and again, between a beginning and an end.
struct Shape {
    name: &'static str,
    request: &'static str,
    begin: &'static str,
    again: &'static str,
    end: &'static str,
}

const SHAPES: [Shape; 18] = [
    shape("open parentheses", LIST, "* LIST ", "(", "\r\n"),
    shape("closed lists", LIST, "* LIST (", "()", ") \"/\" x\r\n"),
    shape(
        "structures",
        FETCH,
        "* 1 FETCH (UID 1 BODYSTRUCTURE (",
        "(\"A\" \"B\")",
        "))\r\n",
    ),
    shape("literals", LIST, "* LIST () \"/\" x", " {1}\r\nx", "\r\n"),
    shape(
        "empty literals",
        LIST,
        "* LIST () \"/\" x",
        " {0}\r\n",
        "\r\n",
    ),
    shape(
        "small bodies in one response",
        FETCH,
        "* 1 FETCH (UID 1",
        " BODY[1] {1}\r\nx",
        ")\r\n",
    ),
    shape(
        "unasked bodies",
        FETCH,
        "* 1 FETCH (UID 1",
        " BODY[9] {1}\r\nx",
        ")\r\n",
    ),
    shape(
        "names of bodies",
        FETCH,
        "* 1 FETCH (UID 1 ",
        "BODY[]",
        ")\r\n",
    ),
    shape(
        "names of parts of bodies",
        FETCH,
        "* 1 FETCH (UID 1 ",
        "BODY[]<",
        ")\r\n",
    ),
    shape(
        "a long quoted string",
        LIST,
        "* LIST () \"/\" \"",
        "x\\\"",
        "\"\r\n",
    ),
    shape("a long atom", SEARCH, "* SEARCH ", "x[", "\r\n"),
    shape("NULs", SEARCH, "* ", "\0", "\r\n"),
    shape("numbers", SEARCH, "* SEARCH", " 1", "\r\n"),
    shape("codes", SEARCH, "* OK [X ", "(\"", "\r\n"),
    shape("empty lines", SEARCH, "", "\r\n", "\r\n"),
    shape(
        "messages that stay open",
        FETCH,
        "",
        "* 1 FETCH (X 1)\r\n",
        "",
    ),
    shape(
        "expunges of the first message",
        FETCH,
        "",
        "* 1 EXPUNGE\r\n",
        "",
    ),
    shape(
        "modified UTF-7",
        LIST,
        "* LIST () \"/\" \"",
        "&AOQ-&",
        "\"\r\n",
    ),
];

const fn shape(
    name: &'static str,
    request: &'static str,
    begin: &'static str,
    again: &'static str,
    end: &'static str,
) -> Shape {
    Shape {
        name,
        request,
        begin,
        again,
        end,
    }
}

/// Measures all shapes, whole and in small pieces, and prints a table. Success if all are linear.
pub(crate) fn measure() -> ExitCode {
    let mut is_linear = true;
    println!(
        "nanoseconds a byte, for inputs of {} KiB, 4 and 16 times that",
        SIZE / 1024
    );
    for shape in &SHAPES {
        for (piece, how) in [(256 * 1024, "whole reads"), (1448, "packets")] {
            let costs = [1, 4, 16].map(|times| cost(shape, times * SIZE, piece));
            let growth = costs[2] / costs[0].max(0.5);
            let is_fine = growth <= MAX_GROWTH;
            is_linear &= is_fine;
            println!(
                "{:32} {how:12} {:8.2} {:8.2} {:8.2}{}",
                shape.name,
                costs[0],
                costs[1],
                costs[2],
                if is_fine { "" } else { "  NOT LINEAR" }
            );
        }
    }
    match peak_resident() {
        Some(bytes) => println!("peak resident memory {} MB", bytes / 1_000_000),
        None => println!("peak resident memory unknown"),
    }
    match is_linear {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Nanoseconds a byte: the best of three.
fn cost(shape: &Shape, size: usize, piece: usize) -> f64 {
    let count = size / shape.again.len();
    let says = [shape.begin, &shape.again.repeat(count), shape.end].concat();
    let bytes = says.len() as f64;
    let script = Script {
        options: "{}".to_owned(),
        steps: vec![Step {
            request: Some(shape.request),
            says: says.into_bytes(),
            time: Duration::ZERO,
        }],
    };
    let times = [(); 3].map(|()| {
        let begin = Instant::now();
        play(&script, |_| piece);
        begin.elapsed().as_secs_f64()
    });
    times.into_iter().fold(f64::INFINITY, f64::min) * 1e9 / bytes
}
