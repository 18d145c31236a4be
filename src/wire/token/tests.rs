use super::*;

fn show(line: &str) -> String {
    let mut tape = Vec::new();
    let mut tokenizer = Tokenizer::default();
    let size = tokenizer.line(line.as_bytes(), 0, line.len(), &mut tape);
    tokenizer.finish(&mut tape);
    let mut text = shown(Nodes::new(line.as_bytes(), &tape));
    if let Some(size) = size {
        text += &format!(" literal:{size}");
    }
    text
}

fn shown(nodes: Nodes<'_>) -> String {
    let one = |node: Node<'_>| match node.kind() {
        Kind::List => format!("({})", shown(node.children())),
        Kind::Atom => node.string().into_owned(),
        _ => format!("{:?}", node.string()),
    };
    nodes.map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn values_of_every_kind() {
    assert_eq!(
        show(r#"UID 7 FLAGS (\Seen $x) NIL"#),
        r#"UID 7 FLAGS (\Seen $x) NIL"#
    );
    assert_eq!(show(r#"("a b" "c\"d\\")"#), r#"("a b" "c\"d\\")"#);
    assert_eq!(
        show("BODY[HEADER.FIELDS (FROM \"X]\")]<0> {12}"),
        "BODY[HEADER.FIELDS (FROM \"X]\")]<0> literal:12"
    );
    assert_eq!(show("body[]{3}"), "body[] literal:3");
    assert_eq!(show("~{3+}"), " literal:3");
}

#[test]
fn what_is_malformed_ends_with_the_line() {
    assert_eq!(show("(a (b"), "(a (b))");
    assert_eq!(show("a) b)"), "a b");
    assert_eq!(show("\"open"), "\"open\"");
    assert_eq!(show("BODY[TEXT"), "BODY[TEXT");
    assert_eq!(show("a(b)c"), "a (b) c");
    assert_eq!(show("{12}x {}"), "{12}x {}");
}

#[test]
fn a_quote_inside_of_a_word_does_not_end_the_string() {
    for (line, expected) in [
        (
            r#"("the "best" offer" NIL)"#,
            r#"("the \"best\" offer" NIL)"#,
        ),
        (r#""a""b" c"#, r#""a\"\"b" c"#),
        (
            r#""\\"IMAP\" is terrible :\\""#,
            r#""\\\"IMAP\" is terrible :\\""#,
        ),
        (r#"("a"("b"))"#, r#"("a" ("b"))"#),
        (r#""a"b c"#, r#""a" b c"#),
        (r#""" "" """#, r#""" "" """#),
        (r#""a"{3}"#, r#""a" literal:3"#),
    ] {
        assert_eq!(show(line), expected, "{line}");
    }
}

#[test]
fn an_expression_has_brackets_and_no_literals() {
    let read = |text: &str, brackets| {
        let mut tape = Vec::new();
        let mut tokenizer = Tokenizer::expression(brackets);
        assert_eq!(
            tokenizer.line(text.as_bytes(), 0, text.len(), &mut tape),
            None
        );
        tokenizer.finish(&mut tape);
        shown(Nodes::new(text.as_bytes(), &tape))
    };
    let text = "[A b]c d[e]f BODY[G H]<0> ]x {3}";
    assert_eq!(read(text, true), "(A b) c d (e) f BODY[G H]<0> x {3}");
    assert_eq!(read(text, false), "[A b]c d[e]f BODY[G H]<0> ]x {3}");
}

#[test]
fn depth_is_bounded() {
    let line = "(".repeat(10_000);
    let mut tape = Vec::new();
    let mut tokenizer = Tokenizer::default();
    tokenizer.line(line.as_bytes(), 0, line.len(), &mut tape);
    assert_eq!(tokenizer.excess(), Some(Exceeded::Depth(limits::DEPTH)));
    assert_eq!(tape.len(), limits::DEPTH);
}

#[test]
fn the_tape_stops_where_a_response_is_too_deep_and_its_literals_are_still_counted() {
    let line = format!("{}{} x BODY[] {{7}}", "(".repeat(101), ")".repeat(100));
    let mut tape = Vec::new();
    let mut tokenizer = Tokenizer::default();
    let size = tokenizer.line(line.as_bytes(), 0, line.len(), &mut tape);
    assert_eq!(size, Some(7));
    tokenizer.literal(Kind::Literal, 0, 1, &mut tape);
    assert_eq!(tokenizer.sound(&tape).len(), limits::DEPTH);
}

#[test]
fn what_is_written_is_read_again() {
    for line in [
        r#"a "b c" (d "e\"f" () NIL) 5"#,
        r#"(a (b "c"#,
        r#"a {5"#,
        r#"~{3 {3}x "\"#,
        r#"{3} ~{4}"#,
    ] {
        // What ends a line may announce a literal.
        let line = format!("{line} x");
        let mut tape = Vec::new();
        let mut tokenizer = Tokenizer::default();
        tokenizer.line(line.as_bytes(), 0, line.len(), &mut tape);
        tokenizer.finish(&mut tape);
        let nodes = Nodes::new(line.as_bytes(), &tape);
        let mut text = Vec::new();
        for node in nodes {
            node.write(&mut text);
            text.push(b' ');
        }
        let again = super::tape(&text);
        let plain = |text: String| text.replace('"', "");
        let expected = plain(shown(nodes));
        assert_eq!(plain(shown(Nodes::new(&text, &again))), expected, "{line}");
    }
}

#[test]
fn a_text_has_a_tape_with_its_literals() {
    for end in ["\r\n", "\n"] {
        let text = format!("A {{3}}{end}x\nz B (\"c\" {{1}}{end}d)");
        let tape = tape(text.as_bytes());
        let shown = shown(Nodes::new(text.as_bytes(), &tape));
        assert_eq!(shown, r#"A "x\nz" B ("c" "d")"#);
    }
    assert_eq!(tape(b"").len(), 0);
    assert_eq!(tape(b"A {9}\nshort").len(), 2);
    assert_eq!(tape(b"A {9}").len(), 2);
}
