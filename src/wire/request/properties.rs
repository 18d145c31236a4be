//! Whatever strings the user passes, the server sees exactly one command, or nothing is sent.

use proptest::prelude::*;

use super::*;
use crate::wire::argument::NestedList;

proptest! {
    #[test]
    fn any_string_in_any_place_gives_one_command_or_an_error(text in text()) {
        for place in PLACES {
            let string = serde_json::to_string(&text).unwrap();
            let request = serde_json::from_str(&place.replace('@', &string)).unwrap();
            check(request, text.clone().into_bytes())?;
        }
    }

    #[test]
    fn any_arguments_give_one_command_or_an_error(request in requests(), data: Vec<u8>) {
        check(request, data)?;
    }

    #[test]
    fn any_json_gives_a_request_or_an_error(text in json_like()) {
        if let Ok(request) = serde_json::from_str::<Request>(&text) {
            let _ = compile(request, None);
        }
    }
}

#[test]
fn the_scanner_notices_injection() {
    for bad in [
        &b"A\r\nB\r\n"[..],
        b"A \"x\r\ny\"\r\n",
        b"A \"x\r\n",
        b"A {3}\r\nabc",
        b"A {9}\r\nabc\r\n",
        b"A\n",
        b"A \xff\r\n",
        b"A",
    ] {
        assert!(scan(bad, true).is_err(), "{bad:?}");
    }
    for good in [
        &b"A \"\\\"{3}\" {3}\r\n\r\n\" B\r\n"[..],
        b"A {0+}\r\n\r\n",
        b"A {3}\r\n{3}\r\n",
    ] {
        assert!(scan(good, true).is_ok(), "{good:?}");
    }
}

/// Every place where a string of the user's can stand, as `@`, in a request that is else right.
const PLACES: [&str; 39] = [
    r#"{"kind":"raw","text":@}"#,
    r#"{"kind":"list","namespace":@}"#,
    r#"{"kind":"lsub","namespace":@}"#,
    r#"{"kind":"xlist","namespace":@}"#,
    r#"{"kind":"status","mailbox":@}"#,
    r#"{"kind":"select","mailbox":@,"condstore":true}"#,
    r#"{"kind":"deselect","mailbox":@}"#,
    r#"{"kind":"create","mailbox":@}"#,
    r#"{"kind":"rename","from":@,"to":@}"#,
    r#"{"kind":"search","criteria":[@]}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":2},"UID",@]}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":2},"FROM",@,"SEEN"]}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":3},"!HEADER",@,@]}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":2},"KEYWORD",@]}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":2},"LARGER",@]}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":2},"MODSEQ",@],"condstore":true}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":2},"X-GM-RAW",@],"gmail":true}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":2},"X-GM-MSGID",@],"gmail":true}"#,
    r#"{"kind":"search","criteria":[{"$":"list","length":2},"X-GM-LABELS",@],"gmail":true}"#,
    r#"{"kind":"fetch","set":@}"#,
    r#"{"kind":"fetch","set":1,"options":{"bodies":@}}"#,
    r#"{"kind":"fetch","set":1,"options":{"extensions":[@]}}"#,
    r#"{"kind":"fetch","set":1,"options":{"modifiers":{"changedsince":@}},"condstore":true}"#,
    r#"{"kind":"store","set":1,"what":"flags","action":"add","values":@}"#,
    r#"{"kind":"store","set":1,"what":"keywords","action":"del","values":[@]}"#,
    r#"{"kind":"store","set":1,"what":"labels","action":"set","values":[@,@]}"#,
    r#"{"kind":"store","set":1,"what":"flags","action":"add","values":"x","modseq":@,
        "condstore":true}"#,
    r#"{"kind":"copy","set":1,"mailbox":@}"#,
    r#"{"kind":"expunge","set":@,"uidplus":true}"#,
    r#"{"kind":"append","mailbox":@,"flags":@}"#,
    r#"{"kind":"sort","keys":[@],"criteria":[]}"#,
    r#"{"kind":"thread","algorithm":@,"criteria":[@]}"#,
    r#"{"kind":"thread","algorithm":"REFS","criteria":[{"$":"list","length":2},"TO",@]}"#,
    r#"{"kind":"esearch","options":@,"criteria":[{"$":"list","length":2},"TO",@]}"#,
    r#"{"kind":"id","fields":[[@,@]]}"#,
    r#"{"kind":"setQuota","root":@,"limits":[["storage",@]]}"#,
    r#"{"kind":"setQuota","root":"","limits":[[@,1]]}"#,
    r#"{"kind":"getQuota","root":@}"#,
    r#"{"kind":"getQuotaRoot","mailbox":@}"#,
];

/// One command, as the server sees it, or an error.
fn check(request: Request, data: Vec<u8>) -> Result<(), TestCaseError> {
    // These may hold UTF-8 outside of literals.
    let strict = !matches!(request, Request::Raw { .. } | Request::Id { .. });
    let Ok(compiled) = compile(request, Some(data)) else {
        return Ok(());
    };
    let pieces = compiled.command.pieces();
    check_waits(pieces)?;
    let bytes: Vec<u8> = pieces
        .iter()
        .flat_map(|piece| piece.bytes.clone())
        .collect();
    scan(&bytes, strict).map_err(TestCaseError::fail)
}

/// Reads bytes as a server does: one line, in which quoted strings and literals are skipped. What
/// is in a literal announces nothing.
fn scan(bytes: &[u8], strict: bool) -> Result<(), String> {
    let mut line = 0;
    let mut position = 0;
    let mut quoted = false;
    loop {
        let byte = *bytes.get(position).ok_or("the line does not end")?;
        let next = bytes.get(position + 1);
        match byte {
            b'\r' if next == Some(&b'\n') && !quoted => {
                position += 2;
                match announced(&bytes[line..position]) {
                    Some(length) => {
                        position += length;
                        line = position;
                    }
                    None if position == bytes.len() => return Ok(()),
                    None => return Err(format!("bytes after the command, from {position}")),
                }
            }
            b'\r' | b'\n' | 0 => return Err(format!("byte {byte} at {position}")),
            0x80.. if strict => return Err(format!("8-bit byte at {position}")),
            b'\\' if quoted => position += 2,
            b'"' if strict => {
                quoted = !quoted;
                position += 1;
            }
            _ => position += 1,
        }
    }
}

/// The length in the `{n}` or `{n+}` at the end of a line.
fn announced(line: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(line.strip_suffix(b"}\r\n")?).into_owned();
    let (_, length) = text.rsplit_once('{')?;
    length.strip_suffix('+').unwrap_or(length).parse().ok()
}

fn check_waits(pieces: &[crate::wire::command::Piece]) -> Result<(), TestCaseError> {
    let (last, earlier) = pieces.split_last().unwrap();
    prop_assert!(!last.wait);
    for piece in earlier.iter().filter(|piece| piece.wait) {
        prop_assert!(announced(&piece.bytes).is_some());
        let plus = piece.bytes.ends_with(b"+}\r\n");
        prop_assert!(!plus);
    }
    Ok(())
}

/// Strings with a liking for what could break out of a command.
fn text() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("\r\n".to_owned()),
        Just("\r\nA1 LOGOUT\r\n".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("{3}".to_owned()),
        Just("{3+}".to_owned()),
        Just("\0".to_owned()),
        Just(")".to_owned()),
        Just("]".to_owned()),
        Just("ü".to_owned()),
        Just("1:*".to_owned()),
        Just("5".to_owned()),
        "[ -~]{0,4}",
        any::<String>(),
    ];
    prop::collection::vec(parts, 0..4).prop_map(|parts| parts.concat())
}

fn argument() -> impl Strategy<Value = Argument> {
    let leaf = prop_oneof![
        4 => text().prop_map(Argument::Text),
        1 => any::<i64>().prop_map(Argument::Integer),
        1 => text().prop_map(Argument::Number),
        1 => text().prop_map(Argument::BigInt),
        1 => Just(Argument::Undefined),
        1 => Just(Argument::Null),
        1 => any::<bool>().prop_map(Argument::Boolean),
        1 => text().prop_map(|text| Argument::Object(crate::wire::argument::Object {
            kind: "object".into(),
            text,
        })),
        1 => (any::<i32>(), any::<[u8; 5]>(), any::<i16>()).prop_map(date),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Argument::List)
    })
}

fn date((year, bytes, zone): (i32, [u8; 5], i16)) -> Argument {
    let [month, day, hour, minute, second] = bytes;
    Argument::Date(crate::wire::argument::Date {
        text: String::new(),
        valid: true,
        year: year % 12_000,
        month: month % 14,
        day,
        hour,
        minute,
        second,
        zone,
    })
}

/// A known criterion with arguments, or anything.
fn criterion() -> impl Strategy<Value = Argument> {
    let names = [
        "SEEN",
        "!FROM",
        "SUBJECT",
        "HEADER",
        "SINCE",
        "KEYWORD",
        "LARGER",
        "UID",
        "MODSEQ",
        "X-GM-RAW",
        "X-GM-THRID",
        "X-GM-LABELS",
        "OR",
        "1:3",
    ];
    let known = (
        prop::sample::select(names.to_vec()),
        prop::collection::vec(argument(), 0..3),
    );
    let known = known.prop_map(|(name, arguments)| {
        let mut items = vec![Argument::Text(name.into())];
        items.extend(arguments);
        Argument::List(items)
    });
    prop_oneof![3 => known, 1 => argument()]
}

fn set() -> impl Strategy<Value = Argument> {
    prop_oneof![Just(Argument::Text("1:*".into())), argument()]
}

fn requests() -> impl Strategy<Value = Request> {
    let esearch = (argument(), search())
        .prop_map(|(options, search)| Request::Esearch(EsearchRequest { options, search }));
    let entries = || prop::collection::vec((text(), argument()), 0..3);
    let limits = (argument(), entries());
    let transfer = (any::<bool>(), set(), argument())
        .prop_map(|(uid, set, mailbox)| Request::Copy { uid, set, mailbox });
    let expunge = set().prop_map(|set| Request::Expunge { set, uidplus: true });
    prop_oneof![
        1 => argument().prop_map(|text| Request::Raw { text }),
        1 => argument().prop_map(|namespace| Request::List { namespace, special_use: false }),
        1 => argument().prop_map(|mailbox| Request::Status { mailbox, condstore: true }),
        1 => argument().prop_map(|mailbox| Request::Create { mailbox }),
        1 => (argument(), argument()).prop_map(|(from, to)| Request::Rename { from, to }),
        4 => search().prop_map(Request::Search),
        2 => esearch,
        1 => entries().prop_map(|fields| Request::Id { fields }),
        1 => limits.prop_map(|(root, limits)| Request::SetQuota { root, limits }),
        1 => transfer,
        1 => expunge,
        2 => fetch(),
        2 => store(),
        1 => append(),
    ]
}

fn search() -> impl Strategy<Value = SearchRequest> {
    let parts = (any::<[bool; 3]>(), prop::collection::vec(criterion(), 0..3));
    parts.prop_map(|([uid, gmail, condstore], criteria)| SearchRequest {
        uid,
        criteria: NestedList(criteria),
        gmail: !gmail || uid,
        condstore: !condstore || uid,
    })
}

fn fetch() -> impl Strategy<Value = Request> {
    let parts = (
        set(),
        argument(),
        argument(),
        argument(),
        any::<[bool; 5]>(),
    );
    parts.prop_map(|(set, bodies, extensions, since, flags)| {
        let [uid, mark_seen, gmail, condstore, nomodseq] = flags;
        let mut options = FetchOptions {
            bodies,
            mark_seen,
            extensions,
            ..Default::default()
        };
        options.modifiers.changedsince = since;
        Request::Fetch(FetchRequest {
            uid,
            set,
            options,
            gmail,
            condstore,
            nomodseq,
        })
    })
}

fn store() -> impl Strategy<Value = Request> {
    let what = prop::sample::select(&[What::Flags, What::Keywords, What::Labels][..]);
    let parts = (set(), what, argument(), argument(), any::<bool>());
    parts.prop_map(|(set, what, values, modseq, uid)| {
        let action = Action::Add;
        let (condstore, nomodseq) = (true, false);
        Request::Store(StoreRequest {
            uid,
            set,
            what,
            action,
            values,
            modseq,
            condstore,
            nomodseq,
        })
    })
}

fn append() -> impl Strategy<Value = Request> {
    let parts = (argument(), argument(), argument(), any::<bool>());
    parts.prop_map(|(mailbox, flags, date, literal_plus)| {
        Request::Append(AppendRequest {
            mailbox,
            flags,
            date,
            literal_plus,
        })
    })
}

/// JSON of the right shape with wrong members.
fn json_like() -> impl Strategy<Value = String> {
    let kinds = [
        "raw", "list", "search", "fetch", "store", "append", "expunge", "sort", "thread",
        "esearch", "id", "setQuota", "none",
    ];
    let members = [
        "null",
        "{}",
        "[]",
        "1e99",
        "{\"$\":\"list\",\"length\":3}",
        "\"x\"",
        "-1",
    ];
    let member = prop::sample::select(members.to_vec());
    (
        prop::sample::select(kinds.to_vec()),
        member.clone(),
        member.clone(),
        member,
    )
        .prop_map(|(kind, one, two, three)| {
            format!(
                r#"{{"kind":"{kind}","set":{one},"text":{one},"criteria":[{one},{two}],
                    "options":{two},"values":{three},"mailbox":{three},"what":"flags",
                    "action":"add","keys":{three},"algorithm":{two},"fields":{one},
                    "root":{two},"limits":{three}}}"#
            )
        })
}
