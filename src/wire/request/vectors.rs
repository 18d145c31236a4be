//! What node-imap 0.8.19 sends and throws, recorded (`__test__/vectors`). An entry with `differs`
//! records behaviour that is mended; what is expected instead stands here, under the same name.

use serde_json::{Map, Value, json};

use super::{Compiled, Request, compile};

#[test]
fn searches() {
    let mended = |criteria: &Value| match criteria {
        _ if *criteria == json!([["LARGER", "10k"]]) => {
            throws("Q-81", "Search option argument must be a number")
        }
        _ if *criteria == json!([["UID", [1, 2, 3]]]) => sends("Q-07", "UID SEARCH UID 1,2,3"),
        _ if *criteria == json!([["UID", "1,2,3"]]) => sends("Q-07", "UID SEARCH UID 1,2,3"),
        _ if *criteria == json!([["OR", ["SEEN", "FLAGGED"], "DRAFT"]]) => {
            sends("Q-07", "UID SEARCH OR (SEEN FLAGGED) (DRAFT)")
        }
        other => panic!("no expectation for {other}"),
    };
    let vectors = include_str!("../../../__test__/vectors/search.json");
    let count = run(vectors, |entry| {
        let criteria = &entry["criteria"];
        let request = json!({
            "kind": "search",
            "uid": true,
            "criteria": flat(criteria),
            "gmail": has(entry, "X-GM-EXT-1"),
            "condstore": has(entry, "CONDSTORE"),
        });
        (
            request,
            entry.contains_key("differs").then(|| mended(criteria)),
        )
    });
    assert_eq!(count, 180);
}

#[test]
fn message_sets() {
    let integer = "UID/seqno must be an integer, \"*\", or a range: ";
    let mended = |source: &Value| match source {
        _ if *source == json!("1,2,3") => sends("Q-07", "UID FETCH 1,2,3 (UID FLAGS INTERNALDATE)"),
        _ if *source == json!([[1, 2], [3]]) => {
            sends("Q-07", "UID FETCH 1,2,3 (UID FLAGS INTERNALDATE)")
        }
        _ if *source == json!("5x") => throws("Q-07", &format!("{integer}5x")),
        _ if *source == json!(["*", "junk"]) => throws("Q-07", &format!("{integer}junk")),
        _ if *source == json!(12.5) => throws("Q-07", &format!("{integer}12.5")),
        other => panic!("no expectation for {other}"),
    };
    let vectors = include_str!("../../../__test__/vectors/message-sets.json");
    let count = run(vectors, |entry| {
        let source = &entry["source"];
        let request = json!({"kind": "fetch", "uid": true, "set": encoded(source)});
        (
            request,
            entry.contains_key("differs").then(|| mended(source)),
        )
    });
    assert_eq!(count, 28);
}

#[test]
fn fetch_commands() {
    let mended = |options: &Value| match &options["bodies"] {
        Value::Bool(true) => sends("Q-33", "UID FETCH 1 (UID FLAGS INTERNALDATE BODY.PEEK[])"),
        Value::Null => sends("Q-33", "UID FETCH 1 (UID FLAGS INTERNALDATE)"),
        other => panic!("no expectation for {other}"),
    };
    let vectors = include_str!("../../../__test__/vectors/fetch-commands.json");
    let count = run(vectors, |entry| {
        let options = &entry["options"];
        let request = json!({
            "kind": "fetch",
            "uid": entry["seq"] == false,
            "set": 1,
            "options": fetch_options(options),
            "gmail": has(entry, "X-GM-EXT-1"),
            "condstore": has(entry, "CONDSTORE"),
        });
        (
            request,
            entry.contains_key("differs").then(|| mended(options)),
        )
    });
    assert_eq!(count, 67);
}

/// What should come of an entry: the lines that are sent, or the message that is thrown.
type Outcome = Result<Vec<Vec<u8>>, String>;

/// Compares each entry, and gives their number. `request` makes an entry's request, and, if the
/// entry differs on purpose, the reason and the outcome that is expected instead.
fn run(
    vectors: &str,
    request: impl Fn(&Map<String, Value>) -> (Value, Option<(&'static str, Outcome)>),
) -> usize {
    let entries: Vec<Map<String, Value>> = serde_json::from_str(vectors).unwrap();
    for entry in &entries {
        let (request, mended) = request(entry);
        let expected = match mended {
            Some((reason, outcome)) => {
                assert_eq!(entry["differs"], reason);
                assert_ne!(outcome, recorded(entry), "not mended: {entry:?}");
                outcome
            }
            None => recorded(entry),
        };
        assert_eq!(outcome(request), expected, "{entry:?}");
    }
    entries.len()
}

fn recorded(entry: &Map<String, Value>) -> Outcome {
    if let Some(message) = entry.get("throws") {
        return Err(message.as_str().unwrap().to_owned());
    }
    let mut lines = vec![entry["command"].as_str().unwrap().as_bytes().to_vec()];
    if let Some(Value::Array(more)) = entry.get("continuationLinesLatin1") {
        let latin1 = |line: &Value| line.as_str().unwrap().chars().map(|c| c as u8).collect();
        lines.extend(more.iter().map(latin1));
    }
    Ok(lines)
}

fn outcome(request: Value) -> Outcome {
    let request: Request = serde_json::from_value(request).unwrap();
    let Compiled { command, .. } = compile(request, None).map_err(|error| error.message)?;
    let line = |bytes: Vec<u8>| bytes.strip_suffix(b"\r\n").unwrap().to_vec();
    let pieces = command.into_pieces().into_iter();
    Ok(pieces.map(|piece| line(piece.bytes)).collect())
}

fn sends(reason: &'static str, line: &str) -> (&'static str, Outcome) {
    (reason, Ok(vec![line.as_bytes().to_vec()]))
}

fn throws(reason: &'static str, message: &str) -> (&'static str, Outcome) {
    (reason, Err(message.to_owned()))
}

fn has(entry: &Map<String, Value>, capability: &str) -> bool {
    entry["caps"]
        .as_array()
        .unwrap()
        .iter()
        .any(|known| known == capability)
}

/// What `encodeFetchOptions` in `arguments.js` makes of options.
fn fetch_options(options: &Value) -> Value {
    let extensions = options.get("extensions").map_or(json!([]), encoded);
    let modifiers = options.get("modifiers").and_then(Value::as_object);
    let mut mapped = Map::new();
    for (key, value) in modifiers.into_iter().flatten() {
        mapped.insert(key.to_lowercase(), encoded(value));
    }
    json!({
        "bodies": options.get("bodies").map_or(json!({"$": "undefined"}), encoded),
        "markSeen": options.get("markSeen").is_some(),
        "envelope": options.get("envelope").is_some(),
        "struct": options.get("struct").is_some(),
        "size": options.get("size").is_some(),
        "extensions": extensions,
        "modifiers": mapped,
    })
}

/// What `encodeValues` in `arguments.js` makes of a value; the test's own markers stand for what
/// JSON cannot hold.
fn encoded(value: &Value) -> Value {
    match value {
        Value::Object(map) if map.contains_key("$undefined") => json!({"$": "undefined"}),
        Value::Object(map) if map.contains_key("$nan") => json!({"$": "number", "text": "NaN"}),
        Value::Object(_) => json!({"$": "object", "text": "[object Object]", "type": "object"}),
        Value::Number(number) if !number.is_i64() => {
            json!({"$": "number", "text": number.to_string()})
        }
        Value::Array(items) => items.iter().map(encoded).collect(),
        other => other.clone(),
    }
}

/// What `encodeCriteria` in `arguments.js` makes of criteria, in UTC.
fn flat(criteria: &Value) -> Vec<Value> {
    let mut items = Vec::new();
    for element in criteria.as_array().unwrap() {
        flatten(element, &mut items);
    }
    items
}

fn flatten(value: &Value, items: &mut Vec<Value>) {
    const DATES: [&str; 6] = ["BEFORE", "ON", "SINCE", "SENTBEFORE", "SENTON", "SENTSINCE"];
    let Value::Array(members) = value else {
        return items.push(encoded(value));
    };
    items.push(json!({"$": "list", "length": members.len()}));
    match members.as_slice() {
        [Value::String(name), argument] if DATES.contains(&name.as_str()) => {
            items.extend([json!(name), date(argument)]);
        }
        members => members.iter().for_each(|member| flatten(member, items)),
    }
}

/// The dates of the recorded searches, as `new Date(x)` reads them in UTC.
fn date(argument: &Value) -> Value {
    let text = argument.get("$date").unwrap_or(argument);
    let (month, day) = match text.to_string().as_str() {
        "\"2010-05-20T00:00:00.000Z\"" | "\"May 20, 2010\"" | "1274313600000" => (5, 20),
        "\"2010-04-20T00:00:00.000Z\"" => (4, 20),
        "\"2010-05-05\"" => (5, 5),
        "\"junk\"" => return json!({"$": "date", "valid": false}),
        other => panic!("no date for {other}"),
    };
    json!({"$": "date", "valid": true, "year": 2010, "month": month, "day": day})
}
