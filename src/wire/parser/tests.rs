use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

/// The events of these pieces, the chunks of a body put together.
fn told<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, with_lines: bool) -> Vec<Json> {
    let mut parser = Parser::default();
    let mut events: Vec<Json> = Vec::new();
    for piece in pieces {
        parser.feed(piece, with_lines, &mut |event| match event {
            Event::BodyChunk(Bytes(octets)) => match events.last_mut() {
                Some(Json::Object(last)) if last.contains_key("octets") => {
                    let octets = octets.iter().map(|octet| json!(octet));
                    last["octets"].as_array_mut().unwrap().extend(octets);
                }
                _ => events.push(json!({ "octets": octets })),
            },
            event => events.push(serde_json::to_value(event).unwrap()),
        });
    }
    events
}

fn cut<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    let ends = cuts.iter().copied().chain([bytes.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    starts
        .zip(ends)
        .map(|(start, end)| &bytes[start..end])
        .collect()
}

fn one(line: &str) -> Json {
    let events = told([format!("{line}\r\n").as_bytes()], false);
    match <[Json; 1]>::try_from(events) {
        Ok([event]) => event,
        Err(events) => json!(events),
    }
}

#[test]
fn what_is_no_answer_is_another_line() {
    for line in [
        "IDLE OK done",
        "a1 OK",
        "A1",
        "Ax OK",
        "A1 MAYBE",
        "A1 BYE",
        "A99999999999999999999 OK",
    ] {
        assert_eq!(one(line), json!({ "Other": line }), "{line}");
    }
    let tagged = |text, code: Json| json!({"Tagged": {"kind": "ok", "number": 7, "code": code, "text": text}});
    assert_eq!(one("A7 OK"), tagged("", Json::Null));
    assert_eq!(one("A7  ok  [X] a  b"), tagged("a  b", json!("X")));
}

#[test]
fn data_that_is_malformed_is_passed_over() {
    for line in [
        "*",
        "* ENABLED X",
        "* LIST",
        "* LIST (\\X) \"/\"",
        "* STATUS x",
        "* STATUS x 5",
        "* 5 FETCH",
        "* FETCH (UID 5)",
        "* ID",
        "* QUOTA \"\"",
        "* QUOTAROOT",
        "* 5 LIST () NIL x",
        "* EXISTS",
    ] {
        assert_eq!(one(line), json!([]), "{line}");
    }
}

#[test]
fn data_in_the_shapes_of_node_imap() {
    let data = |kind: &str, data: Json| json!({"Data": {"kind": kind, "data": data}});
    for (line, expected) in [
        ("* FLAGS (\\Seen 1)", data("flags", json!(["\\Seen", "1"]))),
        ("* FLAGS ()", data("flags", json!([]))),
        (
            "* capability IMAP4rev1 X",
            data("capability", json!(["IMAP4rev1", "X"])),
        ),
        ("* SEARCH", data("search", json!([]))),
        ("* SORT 3  1 x", data("sort", json!([3, 1]))),
        (
            "* SEARCH 2 1 (MODSEQ 99)",
            data("search", json!({"results": [2, 1], "modseq": "99"})),
        ),
        (
            "* LSUB () NIL &AOk-",
            data("lsub", json!({"flags": [], "delimiter": null, "name": "é"})),
        ),
        (
            "* STATUS a (MESSAGES 2)",
            data("status", json!({"name": "a", "attrs": {"messages": 2.0}})),
        ),
        (
            "* THREAD (1 (2)(3))",
            data("thread", json!([[1, [2], [3]]])),
        ),
        ("* ID NIL", data("id", Json::Null)),
        (
            "* QUOTAROOT INBOX \"\" x",
            data("quotaroot", json!({"roots": ["", "x"], "mailbox": "INBOX"})),
        ),
        (
            "* ESEARCH UID COUNT 0",
            data("esearch", json!({"count": 0.0})),
        ),
        (
            "* 3 EXISTS",
            json!({"Count": {"kind": "exists", "number": 3}}),
        ),
        ("+", json!({"Continue": {"code": null, "text": null}})),
        ("+ [X]", json!({"Continue": {"code": "X", "text": null}})),
        (
            "* OK",
            json!({"Status": {"kind": "ok", "code": null, "text": null}}),
        ),
    ] {
        assert_eq!(one(line), expected, "{line}");
    }
}

#[test]
fn bodies_of_every_kind_come_before_their_message_in_order() {
    let response = "* 2 FETCH (BODY[1] NIL UID 5 BODY[2]<0> {3}\r\n)\r\n BODY[3] \"a\\\"b\" \
        BINARY[4] ~{0}\r\n body[] (x))\r\n";
    let begin =
        |which: &str, size| json!({"BodyBegin": {"seqno": 2, "which": which, "size": size}});
    let octets = |text: &str| json!({ "octets": text.as_bytes() });
    let expected = [
        begin("1", 0),
        json!("BodyEnd"),
        begin("2", 3),
        octets(")\r\n"),
        json!("BodyEnd"),
        begin("3", 3),
        octets("a\"b"),
        json!("BodyEnd"),
        begin("4", 0),
        json!("BodyEnd"),
        begin("", 0),
        json!("BodyEnd"),
        json!({"Fetch": {"number": 2, "attributes": {"uid": 5.0}}}),
    ];
    assert_eq!(told([response.as_bytes()], false), expected);
    assert_eq!(told(response.as_bytes().chunks(1), false), expected);
}

#[test]
fn lines_are_told_without_literals() {
    let response = b"* 2 FETCH (BODY[] {3}\r\nabc X {1}\r\ny)\r\nA1 OK\r\n";
    for piece in [1, response.len()] {
        let events = told(response.chunks(piece), true);
        let lines = events.iter().filter_map(|event| event["Line"].as_str());
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines, ["* 2 FETCH (BODY[] {3}", "X {1}", ")", "A1 OK"]);
    }
}

#[test]
fn a_response_over_the_limit_ends_it() {
    let mut parser = Parser::default();
    let mut events = Vec::new();
    for _ in 0..2 {
        parser.feed(
            b"* LIST () NIL {5000000000}\r\n* OK\r\n",
            false,
            &mut |event| {
                events.push(serde_json::to_value(event).unwrap());
            },
        );
    }
    assert_eq!(events.len(), 1);
    assert!(events[0]["Failed"].as_str().unwrap().contains("5000000"));
}

/// Responses and pieces of responses.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop::sample::select(vec![
        &b"* OK [ALERT] hi {3}\r\n"[..],
        b"* 1 FETCH (BODY[TEXT] {5}\r\na\r\n)b UID 1)\r\n",
        b"* 1 FETCH (BODY[1] \"q\" BODY[2] {0}\r\n BODY[3] {2}\r\n\xc3\xa9 FLAGS (x))\r\n",
        b"* x FETCH (BODY[] {2}\r\nab)\r\n",
        b"* 1 FETCH x (BODY[] {2}\r\nab)\r\n",
        b"* 1 FETCH (ENVELOPE (NIL {4}\r\nabcd NIL) BODY[] NIL)\r\n",
        b"* LIST () \"/\" {3}\r\na\r\n\r\n",
        b"  + go \n",
        b"\r\n",
        b"A5 NO [X (1 2)] no\n",
        b"IDLE ok\r\n",
    ]);
    let deep = (90..110usize, any::<bool>()).prop_map(|(depth, body_first)| {
        let nested = format!("{}{}", "(".repeat(depth), ")".repeat(depth));
        let body = "BODY[] {3}\r\nabc";
        match body_first {
            true => format!("* 1 FETCH ({body} X {nested})\r\n"),
            false => format!("* 1 FETCH (X {nested} {body} {body})\r\n"),
        }
        .into_bytes()
    });
    let noise = prop::collection::vec(
        prop::sample::select(b"*+ A1()[]{}\"\\\r\n\xc3\xa9x".to_vec()),
        0..12,
    );
    prop_oneof![6 => whole.prop_map(<[u8]>::to_vec), 1 => deep, 1 => noise]
}

proptest! {
    #[test]
    fn any_split_tells_the_same(
        fragments in prop::collection::vec(fragment(), 0..12),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
        with_lines: bool,
    ) {
        let bytes = fragments.concat();
        let whole = told([&bytes[..]], with_lines);
        prop_assert_eq!(&told(cut(&bytes, &cuts), with_lines), &whole);
        prop_assert_eq!(&told(bytes.chunks(1), with_lines), &whole);
    }
}
