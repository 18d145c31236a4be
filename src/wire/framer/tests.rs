use proptest::prelude::*;

use super::reading::HELD_BODY_BYTES;
use super::*;

/// What comes out when the bytes arrive cut at these places, with bodies put together.
fn pieces(bytes: &[u8], cuts: &[usize]) -> Vec<String> {
    let mut framer = Framer::default();
    let mut all = Vec::new();
    let mut from = 0;
    for to in cuts.iter().copied().chain([bytes.len()]) {
        show(&mut framer, &bytes[from..to], &mut all);
        from = to;
    }
    all
}

fn show(framer: &mut Framer, mut input: &[u8], shown: &mut Vec<String>) {
    loop {
        match framer.next(&mut input).unwrap() {
            Step::Incomplete => return,
            Step::Response(frame) => shown.push(response(&frame)),
            Step::BodyBegin(frame, size) => {
                shown.push(format!("body {size} of {}| ", response(&frame)));
            }
            Step::Body(octets) => {
                let text = String::from_utf8_lossy(octets);
                shown.last_mut().unwrap().push_str(&text);
            }
            Step::BodyEnd => shown.push("end".to_owned()),
        }
    }
}

fn response(frame: &Frame<'_>) -> String {
    let values = frame.nodes().map(|node| {
        let inside = node.children().map(|child| child.string().into_owned());
        match node.is_list() {
            true => format!("({})", inside.collect::<Vec<_>>().join(",")),
            false => node.string().into_owned(),
        }
    });
    let values: Vec<_> = values.collect();
    match frame.head {
        Head::Data => values.join(" "),
        _ => String::from_utf8_lossy(frame.bytes).into_owned(),
    }
}

const TRACE: &[u8] = b"* OK hello {3}\r\n\r\n  * 1 EXISTS  \n+ go\r\n\
    * 2 FETCH (UID 5 BODY[] {4}\r\na\r\nb FLAGS ())\r\n* LIST () \"/\" {3}\r\n\"x\"\r\n\
    * SEARCH 5 7 (MODSEQ 9)\r\nA1 OK\r\n";

#[test]
fn a_whole_trace() {
    assert_eq!(
        pieces(TRACE, &[]),
        [
            "* OK hello {3}",
            "1 EXISTS",
            "+ go",
            "2 FETCH (UID,5,BODY[],a\r\nb,FLAGS,)",
            "LIST () / \"x\"",
            "SEARCH 5 7 (MODSEQ,9)",
            "A1 OK",
        ]
    );
}

#[test]
fn bodies_that_pass_leave_nothing_behind() {
    let mut framer = Framer::default();
    let response = [
        b"* 1 FETCH (BODY[] {20000}\r\n",
        &[b'x'; 20_000][..],
        b")\r\n",
    ]
    .concat();
    // Every piece holds a whole body and ends in the middle of another one.
    let (first, rest) = response.split_at(10_000);
    let piece = [rest, &response, first].concat();
    let pieces = std::iter::once(first).chain(std::iter::repeat_n(&piece[..], 1000));
    let mut bodies = 0;
    for mut input in pieces {
        loop {
            match framer.next(&mut input).unwrap() {
                Step::Incomplete => break,
                Step::BodyEnd => bodies += 1,
                _ => {}
            }
        }
    }
    assert_eq!(bodies, 1000);
    assert!(framer.kept.capacity() <= KEEP_BYTES);
}

#[test]
fn a_body_that_has_not_arrived_is_streamed() {
    let cut = TRACE.windows(2).position(|pair| pair == b"a\r").unwrap() + 1;
    let shown = pieces(TRACE, &[cut]);
    assert_eq!(
        shown[3..6],
        [
            "body 4 of 2 FETCH (UID,5,BODY[],)| a\r\nb".to_owned(),
            "end".to_owned(),
            "2 FETCH (UID,5,BODY[],,FLAGS,)".to_owned(),
        ]
    );
}

#[test]
fn a_body_that_is_too_large_to_be_held_ends_where_it_ends() {
    let body = "* 1 FETCH (BODY[] {300000}\r\n".to_owned() + &"x".repeat(300_000);
    let trace = format!("{body} UID 7)\r\n* 2 EXISTS\r\nA1 OK done\r\n");
    let expected = pieces(trace.as_bytes(), &[30]);
    assert_eq!(
        expected[1..],
        ["end", "1 FETCH (BODY[],,UID,7)", "2 EXISTS", "A1 OK done"]
    );
    for cut in [0, 10, body.len() - 1, body.len() + 3, body.len() + 12] {
        assert!(pieces(trace.as_bytes(), &[cut]) == expected, "{cut}");
    }
    // What was kept is as good as what comes.
    for kept in [0, 10, 30, 200_000, body.len() + 3, trace.len()] {
        let mut framer = Framer::default();
        framer.keep(&trace.as_bytes()[..kept]);
        let mut all = Vec::new();
        show(&mut framer, &trace.as_bytes()[kept..], &mut all);
        assert!(all == expected, "{kept}");
        assert_eq!(framer.unread(), b"");
    }
}

#[test]
fn a_small_body_is_waited_for_while_more_is_about_to_come() {
    let whole = pieces(TRACE, &[]);
    let begin = TRACE.windows(2).position(|pair| pair == b"a\r").unwrap();
    for cut in begin..begin + 4 {
        let (first, rest) = TRACE.split_at(cut);
        let mut framer = Framer::default();
        let mut all = Vec::new();
        framer.expect_more(true);
        show(&mut framer, first, &mut all);
        assert_eq!(all, whole[..3]);
        assert!(framer.is_waiting());
        framer.expect_more(false);
        show(&mut framer, rest, &mut all);
        assert_eq!(all, whole);

        let mut framer = Framer::default();
        let mut all = Vec::new();
        framer.expect_more(true);
        show(&mut framer, first, &mut all);
        framer.expect_more(false);
        show(&mut framer, b"", &mut all);
        assert!(!framer.is_waiting());
        show(&mut framer, rest, &mut all);
        assert_eq!(all, pieces(TRACE, &[cut]));
    }
    let mut framer = Framer::default();
    framer.expect_more(true);
    show(
        &mut framer,
        b"* 1 FETCH (BODY[] {70000}\r\nx",
        &mut Vec::new(),
    );
    assert_eq!(framer.unread(), b"* 1 FETCH (BODY[] {70000}\r\n");
}

const SMALL: Limits = Limits {
    response_bytes: 3000,
    line_bytes: 2000,
    literal_bytes: 1000,
    items: 50,
    depth: 5,
};

/// What refuses these bytes, in whatever pieces they arrive; and how many responses come
/// before.
fn refused(bytes: &[u8]) -> (usize, Option<Exceeded>) {
    let results = [bytes.len(), 1000, 7, 1].map(|size| {
        let mut framer = Framer::new(SMALL);
        let mut responses = 0;
        for mut input in bytes.chunks(size) {
            loop {
                match framer.next(&mut input) {
                    Err(exceeded) => return (responses, Some(exceeded)),
                    Ok(Step::Incomplete) => break,
                    Ok(Step::Response(_)) => responses += 1,
                    Ok(_) => {}
                }
            }
        }
        (responses, None)
    });
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
    results[0]
}

#[test]
fn a_limit_does_not_depend_on_how_the_bytes_arrive() {
    let line = |size| format!("* 1 EXISTS\r\n{:x<size$}\n* 2 EXISTS\r\n", "* OK ");
    assert_eq!(refused(line(2000).as_bytes()), (3, None));
    let exceeded = Exceeded::Line(2000);
    assert_eq!(refused(line(2001).as_bytes()), (1, Some(exceeded)));

    let literal = |size| format!("* LIST () NIL {{{size}}}\r\n{:x<size$}\r\n", "");
    assert_eq!(refused(literal(1000).as_bytes()), (1, None));
    let exceeded = Exceeded::Literal {
        bytes: 1001,
        allowed: 1000,
    };
    assert_eq!(refused(literal(1001).as_bytes()), (0, Some(exceeded)));

    let many = format!("* LIST {}\r\n", "{900}\r\n".to_owned() + &"x".repeat(900));
    let many = format!("{}{0}{0}{0}", many.trim_end());
    let exceeded = Exceeded::Response(3000);
    assert_eq!(refused(many.as_bytes()), (0, Some(exceeded)));
}

#[test]
fn an_announcement_over_the_limit_is_refused_at_once() {
    let (_, exceeded) = refused(b"* LIST () NIL {5000000000}\r\n");
    assert!(matches!(exceeded, Some(Exceeded::Literal { .. })));
}

#[test]
fn bodies_do_not_count() {
    let body = format!("BODY[] {{5000}}\r\n{:x<5000}", "");
    let fetch = format!("* 1 FETCH ({body} {body} UID 1)\r\n* 2 EXISTS\r\n");
    assert_eq!(refused(fetch.as_bytes()).1, None);
    let mut framer = Framer::new(SMALL);
    let step = framer
        .next(&mut &b"* 1 FETCH (BODY[] {5000000000}\r\n"[..])
        .unwrap();
    assert!(matches!(step, Step::BodyBegin(_, 5_000_000_000)));
}

#[test]
fn many_small_bodies_in_one_response_take_no_memory() {
    let body = format!(" BODY[] {{9000}}\r\n{:x<9000}", "");
    let mut framer = Framer::default();
    let begin = &b"* 1 FETCH (UID 1"[..];
    let pieces = std::iter::once(begin).chain(std::iter::repeat_n(body.as_bytes(), 1000));
    for mut input in pieces {
        while !matches!(framer.next(&mut input).unwrap(), Step::Incomplete) {}
    }
    assert!(framer.kept.capacity() <= 2 * HELD_BODY_BYTES);
}

#[test]
fn a_response_with_too_many_values_ends_where_it_ends() {
    // The literal of the last line is no response of its own.
    let text = format!(
        "* LIST {} {{12}}\r\n* 7 EXISTS\r\n\r\n* 1 EXISTS\r\n",
        "x ".repeat(60)
    );
    assert_eq!(refused(text.as_bytes()), (2, None));
    let mut framer = Framer::new(SMALL);
    let mut input = text.as_bytes();
    match framer.next(&mut input).unwrap() {
        Step::Response(frame) => assert_eq!(frame.excess, Some(Exceeded::Items(50))),
        step => panic!("{step:?}"),
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_responses(
        mut cuts in prop::collection::vec(0..TRACE.len(), 0..20),
        patience in any::<u32>(),
    ) {
        cuts.sort_unstable();
        let plain = |shown: Vec<String>| {
            let responses = shown.into_iter().filter(|text| !text.starts_with("body") && text != "end");
            responses.map(|text| text.replace("a\r\nb", "")).collect::<Vec<_>>()
        };
        prop_assert_eq!(plain(pieces(TRACE, &cuts)), plain(pieces(TRACE, &[])));
        let mut framer = Framer::default();
        let mut all = Vec::new();
        let mut from = 0;
        for (number, to) in cuts.into_iter().chain([TRACE.len()]).enumerate() {
            framer.expect_more(patience >> number & 1 == 1);
            show(&mut framer, &TRACE[from..to], &mut all);
            from = to;
        }
        prop_assert_eq!(plain(all), plain(pieces(TRACE, &[])));
    }

    #[test]
    fn any_bytes_at_all_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut framer = Framer::default();
        let mut input = &bytes[..];
        for _ in 0..=2 * bytes.len() + 2 {
            match framer.next(&mut input) {
                Ok(Step::Incomplete) | Err(_) => return Ok(()),
                Ok(_) => {}
            }
        }
        prop_assert!(false, "the framer made no progress");
    }
}
