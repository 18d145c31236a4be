//! Commands in flight when their connection is lost (resilience 2.9, 2.10).

use super::*;

const FETCH: &str = r#"{"kind":"fetch","uid":true,"set":"1:*","options":{"bodies":""}}"#;

/// `UID FETCH` as the request above is sent.
fn fetch(set: &str) -> String {
    format!("UID FETCH {set} (UID FLAGS INTERNALDATE BODY.PEEK[])")
}

/// What a server says to it about one message.
fn row(seqno: u32, uid: u32, which: &str, body: &str) -> String {
    format!(
        "* {seqno} FETCH (UID {uid} FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" \
         {which} {{{}}}\r\n{body})\r\n",
        body.len()
    )
}

/// 300 octets of which no two lines are the same.
fn text() -> String {
    (100..160).map(|line| format!("{line}\r\n")).collect()
}

/// The same in bytes; where `at` is not 0, that one is another.
fn changed(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = b'?';
    String::from_utf8(bytes).unwrap()
}

impl Stage {
    /// A session in the middle of a command on a mailbox of four messages.
    async fn asked(user: &str, json: &str, command: &str) -> (Stage, Peer, Mailbox) {
        let mailbox = Mailbox::of(&[3, 5, 8, 9]);
        let (stage, mut peer) = Stage::open(user, &mailbox).await;
        stage.program.submit(7, json);
        peer.expect("DONE").await;
        peer.say("IDLE OK done\r\n").await;
        peer.expect(&format!("A4 {command}")).await;
        (stage, peer, mailbox)
    }

    /// The next connection, which finds the mailbox like this and goes on with tag A4.
    async fn back(&mut self, mailbox: &Mailbox) -> Peer {
        let (mut peer, _) = self.peers.next().await;
        peer.let_in("IDLE").await;
        peer.expect("A2 EXAMINE \"in\"").await;
        peer.say(&format!("{}A2 OK done\r\n", mailbox.selected()))
            .await;
        peer.expect("A3 FETCH 1:* (UID FLAGS)").await;
        peer.say(&format!("{}A3 OK done\r\n", mailbox.rows())).await;
        peer
    }

    /// How often a command was answered, in whatever way.
    fn answers(&self) -> usize {
        let answer = [
            "Done { request: 7",
            "Failed { request: 7",
            "Lost { request: 7",
        ];
        answer.iter().map(|answer| self.program.count(answer)).sum()
    }
}

#[tokio::test(start_paused = true)]
async fn a_fetch_goes_on_where_it_stopped() {
    let text = text();
    for given in [0, 1, 64, 65, 299] {
        let user = format!("goes-on-{given}");
        let (mut stage, mut peer, mut mailbox) = Stage::asked(&user, FETCH, &fetch("1:*")).await;
        let first = row(1, 3, "BODY[]", "one");
        let second = row(2, 5, "BODY[]", &text);
        let until = second.len() - ")\r\n".len() - text.len() + given;
        peer.say(&format!("{first}{}", &second[..until])).await;
        drop(peer);
        // The first message is gone, and all numbers are others now.
        mailbox.messages.remove(0);
        let mut peer = stage.back(&mailbox).await;
        let from = given.saturating_sub(64);
        let asked = format!("BODY.PEEK[]<{from}.{}>", 301 - from);
        peer.expect(&format!("A4 UID FETCH 5 (UID FLAGS INTERNALDATE {asked})"))
            .await;
        let rest = row(1, 5, &format!("BODY[]<{from}>"), &text[from..]);
        peer.say(&format!("{rest}A4 OK done\r\n")).await;
        peer.expect(&format!("A5 {}", fetch("1:2,4,6:*"))).await;
        let third = row(2, 8, "BODY[]", "three");
        let fourth = row(3, 9, "BODY[]", "four");
        peer.say(&format!("{third}{fourth}A5 OK done\r\n")).await;
        peer.expect("IDLE IDLE").await;
        let program = &stage.program;
        assert_eq!(program.body(), text.as_bytes(), "{given}");
        assert_eq!(program.count("BodyBegin"), 1);
        assert_eq!(program.count("BodyEnd"), 1);
        assert_eq!(program.count("Message { request: 7"), 4, "{given}");
        // It is completed under the number under which it was announced.
        for seqno in [1, 2, 3] {
            let complete = format!("Attributes {{ request: 7, seqno: {seqno}");
            assert!(program.saw(&complete), "{given} {seqno}");
        }
        assert_eq!(stage.answers(), 1, "{given}");
        assert!(program.saw("Done { request: 7"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_numbers_of_the_rest_are_those_of_the_new_connection() {
    let (mut stage, mut peer, mut mailbox) = Stage::asked("rest", FETCH, &fetch("1:*")).await;
    peer.say(&row(1, 3, "BODY[]", "one")).await;
    peer.say(&row(2, 5, "BODY[]", "two")).await;
    drop(peer);
    mailbox.messages.remove(0);
    let mut peer = stage.back(&mailbox).await;
    peer.expect(&format!("A4 {}", fetch("1:2,6:*"))).await;
    // `6:*` may be answered with a message that was there before.
    let again = row(1, 5, "BODY[]", "two");
    let third = row(2, 8, "BODY[]", "three");
    peer.say(&format!("{again}{third}A4 OK done\r\n")).await;
    peer.expect("IDLE IDLE").await;
    assert_eq!(stage.program.count("Message { request: 7"), 3);
    assert_eq!(stage.program.count("Message { request: 7, seqno: 2 }"), 2);
    assert_eq!(stage.answers(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_changed_is_lost_and_the_others_are_not() {
    let text = text();
    let longer = format!("{text}more");
    let different = changed(&text, 150);
    for (user, body) in [("longer", &longer), ("different", &different)] {
        let (mut stage, mut peer, mailbox) = Stage::asked(user, FETCH, &fetch("1:*")).await;
        let begun = row(1, 3, "BODY[]", &text);
        peer.say(&begun[..begun.len() - 103]).await;
        drop(peer);
        let mut peer = stage.back(&mailbox).await;
        peer.expect("A4 UID FETCH 3 (UID FLAGS INTERNALDATE BODY.PEEK[]<136.165>)")
            .await;
        let end = body.len().min(136 + 165);
        let rest = row(1, 3, "BODY[]<136>", &body[136..end]);
        peer.say(&format!("{rest}A4 OK done\r\n")).await;
        peer.expect(&format!("A5 {}", fetch("1:2,4:*"))).await;
        peer.say(&format!("{}A5 OK done\r\n", row(2, 5, "BODY[]", "two")))
            .await;
        peer.expect("IDLE IDLE").await;
        assert_eq!(stage.program.count(code::BODY_CHANGED), 1, "{user}");
        assert!(!stage.program.saw("BodyEnd"));
        assert_eq!(stage.program.count("Attributes { request: 7"), 2);
        assert!(stage.program.saw("Done { request: 7"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_removed_meanwhile_gets_what_there_is() {
    let (mut stage, mut peer, mut mailbox) = Stage::asked("gone", FETCH, &fetch("1:*")).await;
    let begun = row(1, 3, "BODY[]", &text());
    peer.say(&begun[..begun.len() - 103]).await;
    drop(peer);
    mailbox.messages.remove(0);
    let mut peer = stage.back(&mailbox).await;
    peer.expect(&format!("A4 {}", fetch("1:2,4:*"))).await;
    peer.say("A4 OK done\r\n").await;
    peer.expect("IDLE IDLE").await;
    assert_eq!(stage.program.count(code::BODY_CHANGED), 1);
    assert!(stage.program.saw("Attributes { request: 7, seqno: 1"));
    assert_eq!(stage.answers(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_marked_as_seen_where_the_program_asked_for_that() {
    let json = r#"{"kind":"fetch","uid":true,"set":3,"options":{"bodies":"TEXT","markSeen":true}}"#;
    let mailbox = Mailbox::of(&[3]);
    let mut stage = Stage::new("seen", "true");
    let (mut peer, _) = stage.live().await;
    stage
        .program
        .submit(1, r#"{"kind":"select","mailbox":"in"}"#);
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    stage.program.submit(7, json);
    peer.expect("A2 SELECT \"in\"").await;
    peer.say(&format!(
        "{}A2 OK [READ-WRITE] done\r\n",
        mailbox.selected()
    ))
    .await;
    peer.expect("A3 FETCH 1:1 (UID FLAGS)").await;
    peer.say(&format!("{}A3 OK done\r\n", mailbox.rows())).await;
    peer.expect("A4 UID FETCH 3 (UID FLAGS INTERNALDATE BODY[TEXT])")
        .await;
    let begun = row(1, 3, "BODY[TEXT]", &text());
    peer.say(&begun[..begun.len() - 3 - 200]).await;
    drop(peer);
    let (mut peer, _) = stage.peers.next().await;
    peer.let_in("IDLE").await;
    peer.expect("A2 SELECT \"in\"").await;
    peer.say(&format!(
        "{}A2 OK [READ-WRITE] done\r\n",
        mailbox.selected()
    ))
    .await;
    peer.expect("A3 FETCH 1:* (UID FLAGS)").await;
    peer.say(&format!("{}A3 OK done\r\n", mailbox.rows())).await;
    peer.expect("A4 UID STORE 3 +FLAGS.SILENT (\\Seen)").await;
    peer.say("* 1 FETCH (UID 3 MODSEQ (12))\r\nA4 OK done\r\n")
        .await;
    peer.expect("A5 UID FETCH 3 (UID FLAGS INTERNALDATE BODY.PEEK[TEXT]<36.265>)")
        .await;
    let rest = row(1, 3, "BODY[TEXT]<36>", &text()[36..]);
    peer.say(&format!("{rest}A5 OK done\r\n")).await;
    peer.expect("IDLE IDLE").await;
    assert_eq!(stage.program.body(), text().as_bytes());
    assert!(!stage.program.saw("Update"));
    assert_eq!(stage.answers(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_goes_on_with_the_credit_that_it_gave_meanwhile() {
    let (mut stage, mut peer, mailbox) = Stage::asked("slow", FETCH, &fetch("1:*")).await;
    const SIZE: usize = 3 << 20;
    let head = row(1, 3, "BODY[]", "").replace("{0}\r\n)\r\n", &format!("{{{SIZE}}}\r\n"));
    peer.say(&head).await;
    // The window is full, and what is on its way is lost.
    let piece = "x".repeat(1 << 20);
    peer.say(&piece).await;
    sleep(SECOND).await;
    drop(peer);
    let body = stage.program.seen.lock().unwrap().body.unwrap();
    sleep(Duration::from_millis(1)).await;
    stage.program.control(Control::Credit {
        body,
        bytes: SIZE as u64,
    });
    let mut peer = stage.back(&mailbox).await;
    let from = (1 << 20) - 64;
    let asked = format!("BODY.PEEK[]<{from}.{}>", SIZE + 1 - from);
    peer.expect(&format!("A4 UID FETCH 3 (UID FLAGS INTERNALDATE {asked})"))
        .await;
    let rest = row(1, 3, &format!("BODY[]<{from}>"), &"x".repeat(SIZE - from));
    peer.say(&format!("{rest}A4 OK done\r\n")).await;
    peer.expect(&format!("A5 {}", fetch("1:2,4:*"))).await;
    assert_eq!(stage.program.body_bytes(), SIZE);
    assert_eq!(stage.program.count("BodyEnd"), 1);
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_connection_after_connection_brings_nothing() {
    let (mut stage, mut peer, mailbox) = Stage::asked("stuck", FETCH, &fetch("1:*")).await;
    peer.say(&row(1, 3, "BODY[]", "one")).await;
    drop(peer);
    for _ in 0..3 {
        let mut peer = stage.back(&mailbox).await;
        peer.expect(&format!("A4 {}", fetch("1:2,4:*"))).await;
    }
    let mut peer = stage.back(&mailbox).await;
    peer.expect("IDLE IDLE").await;
    assert_eq!(stage.answers(), 1);
    assert!(stage.program.saw(code::CONNECTION_LOST));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_of_which_only_the_answer_is_missing_is_done() {
    let json = r#"{"kind":"fetch","uid":true,"set":[3,5],"options":{"bodies":""}}"#;
    let (mut stage, mut peer, mailbox) = Stage::asked("done", json, &fetch("3,5")).await;
    peer.say(&row(1, 3, "BODY[]", "one")).await;
    peer.say(&row(2, 5, "BODY[]", "two")).await;
    drop(peer);
    let mut peer = stage.back(&mailbox).await;
    peer.expect("IDLE IDLE").await;
    assert_eq!(stage.answers(), 1);
    assert!(stage.program.saw("Done { request: 7"));
}

#[tokio::test(start_paused = true)]
async fn uids_of_another_uidvalidity_are_never_sent() {
    let (mut stage, mut peer, mut mailbox) = Stage::asked("void", FETCH, &fetch("1:*")).await;
    stage.program.raw(8, "UID STORE 3 +FLAGS (\\\\Deleted)");
    stage.program.raw(9, "NOOP");
    peer.say(&row(1, 3, "BODY[]", "one")).await;
    drop(peer);
    mailbox.uid_validity = 8;
    let mut peer = stage.back(&mailbox).await;
    peer.expect("A4 NOOP").await;
    assert_eq!(stage.answers(), 1);
    assert_eq!(stage.program.count("Lost { request: 8"), 1);
    assert_eq!(stage.program.count(code::STALE_NUMBERS), 2);
}

#[tokio::test(start_paused = true)]
async fn numbers_become_uids_where_those_are_known() {
    let json = r#"{"kind":"fetch","set":"2:4","options":{"bodies":""}}"#;
    let command = "FETCH 2:4 (UID FLAGS INTERNALDATE BODY.PEEK[])";
    let (mut stage, mut peer, mut mailbox) = Stage::asked("numbers", json, command).await;
    stage.program.raw(8, "STORE 1:2,4 +FLAGS (x)");
    stage.program.raw(9, "COPY 5 x");
    stage
        .program
        .raw(10, "STORE 1 (UNCHANGEDSINCE 4) +FLAGS (x)");
    stage
        .program
        .submit(11, r#"{"kind":"select","mailbox":"y"}"#);
    stage.program.raw(12, "COPY 5 x");
    peer.say(&row(2, 5, "BODY[]", "two")).await;
    drop(peer);
    mailbox.messages.remove(0);
    let mut peer = stage.back(&mailbox).await;
    peer.expect(&format!("A4 {}", fetch("6:9"))).await;
    peer.say(&format!("{}A4 OK done\r\n", row(2, 8, "BODY[]", "three")))
        .await;
    peer.expect("A5 UID STORE 3:5,9 +FLAGS (x)").await;
    peer.say("A5 OK done\r\n").await;
    peer.expect("A6 SELECT \"y\"").await;
    peer.say("* 0 EXISTS\r\nA6 OK done\r\n").await;
    peer.expect("A7 COPY 5 x").await;
    assert_eq!(stage.answers(), 1);
    assert_eq!(stage.program.count(code::STALE_NUMBERS), 2);
    for request in [9, 10] {
        assert!(stage.program.saw(&format!("Lost {{ request: {request}")));
    }
}

#[tokio::test(start_paused = true)]
async fn numbers_that_moved_while_the_command_ran_are_not_guessed() {
    let command = "COPY 2 x";
    let json = r#"{"kind":"raw","text":"STORE 2 +FLAGS (x)"}"#;
    let (mut stage, mut peer, mut mailbox) =
        Stage::asked("moved", json, "STORE 2 +FLAGS (x)").await;
    stage.program.raw(8, command);
    peer.say("* 1 EXPUNGE\r\n").await;
    drop(peer);
    mailbox.messages.remove(0);
    let mut peer = stage.back(&mailbox).await;
    // What had not been sent means what the program saw last.
    peer.expect("A4 UID COPY 8 x").await;
    assert_eq!(stage.answers(), 1);
    assert!(stage.program.saw(code::OUTCOME_UNKNOWN));
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_is_there_already_was_made_by_the_first_try() {
    for (user, answer, expected) in [
        ("made", "NO [ALREADYEXISTS] there", "Done { request: 7"),
        ("refused", "NO [CANNOT] no", "Failed { request: 7"),
        ("unclear", "NO there", code::OUTCOME_UNKNOWN),
    ] {
        let json = r#"{"kind":"create","mailbox":"y"}"#;
        let (mut stage, peer, mailbox) = Stage::asked(user, json, "CREATE \"y\"").await;
        drop(peer);
        let mut peer = stage.back(&mailbox).await;
        peer.expect("A4 CREATE \"y\"").await;
        peer.say(&format!("A4 {answer}\r\n")).await;
        peer.expect("IDLE IDLE").await;
        assert!(stage.program.saw(expected), "{user}");
        assert_eq!(stage.answers(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_is_believed() {
    let json = r#"{"kind":"create","mailbox":"y"}"#;
    let (stage, mut peer, _) = Stage::asked("first", json, "CREATE \"y\"").await;
    peer.say("A4 NO [ALREADYEXISTS] there\r\n").await;
    peer.expect("IDLE IDLE").await;
    assert!(stage.program.saw("Failed { request: 7"));
}

#[tokio::test(start_paused = true)]
async fn numbers_that_were_given_meanwhile_are_those_that_the_program_knew() {
    for (user, gone) in [("renumbered", true), ("as-before", false)] {
        let mut mailbox = Mailbox::of(&[3, 5, 8]);
        let (mut stage, peer) = Stage::open(user, &mailbox).await;
        drop(peer);
        sleep(Duration::from_millis(1)).await;
        stage.program.raw(7, "STORE 2 +FLAGS (x)");
        stage.program.raw(8, "UID STORE 5 +FLAGS (y)");
        if gone {
            mailbox.messages.remove(0);
        }
        let mut peer = stage.back(&mailbox).await;
        let expected = if gone { "UID STORE 5" } else { "STORE 2" };
        peer.expect(&format!("A4 {expected} +FLAGS (x)")).await;
        peer.say("A4 OK done\r\n").await;
        peer.expect("A5 UID STORE 5 +FLAGS (y)").await;
        assert_eq!(stage.answers(), 1, "{user}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_among_numbers_is_not_asked_again() {
    for (user, criteria, command, is_stale) in [
        ("among", r#"["2:3","SEEN"]"#, "UID SEARCH 2:3 SEEN", true),
        ("all", r#"["1:*","SEEN"]"#, "UID SEARCH 1:* SEEN", false),
        (
            "by-uid",
            r#"[{"$":"list","length":2},"UID","2:3"]"#,
            "UID SEARCH UID 2:3",
            false,
        ),
    ] {
        let json = format!(r#"{{"kind":"search","uid":true,"criteria":{criteria}}}"#);
        let (mut stage, peer, mailbox) = Stage::asked(user, &json, command).await;
        drop(peer);
        let mut peer = stage.back(&mailbox).await;
        let next = if is_stale {
            "IDLE IDLE".to_owned()
        } else {
            format!("A4 {command}")
        };
        peer.expect(&next).await;
        assert_eq!(stage.program.saw(code::STALE_NUMBERS), is_stale, "{user}");
    }
}
