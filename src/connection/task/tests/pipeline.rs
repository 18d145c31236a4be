//! Several commands at once.

use super::*;

const WIDE: &str = r#"{"pipeline":true,"keepalive":false}"#;

impl Stage {
    async fn wide() -> Stage {
        Stage::ready(WIDE, "", true).await
    }

    fn status(&self, request: RequestId, mailbox: &str) {
        self.submit(
            request,
            &format!(r#"{{"kind":"status","mailbox":"{mailbox}"}}"#),
        );
    }

    /// Nothing more comes from the client.
    async fn is_quiet(&mut self) {
        let line = timeout(SECOND, self.peer.line()).await;
        assert!(line.is_err(), "{line:?}");
    }

    /// The requests whose answers were told, in order, and how.
    fn told(&self) -> Vec<String> {
        let seen = self.program.seen.lock().unwrap();
        let ends = seen.events.iter().filter_map(|event| {
            let (kind, rest) = event.split_once(" { request: ")?;
            let request = rest.split([',', ' ']).next()?;
            matches!(kind, "Done" | "Failed" | "Status" | "Again")
                .then(|| format!("{kind} {request}"))
        });
        ends.collect()
    }
}

fn store(set: &str) -> String {
    format!(
        r#"{{"kind":"store","set":"{set}","uid":true,"what":"flags","action":"add","values":"Seen"}}"#
    )
}

fn copy(set: &str) -> String {
    format!(r#"{{"kind":"copy","set":"{set}","uid":true,"mailbox":"Trash"}}"#)
}

#[tokio::test(start_paused = true)]
async fn questions_fly_together_and_are_told_in_the_order_of_the_calls() {
    let mut stage = Stage::wide().await;
    for (request, mailbox) in [(1, "a"), (2, "b"), (3, "c")] {
        stage.status(request, mailbox);
    }
    stage
        .expect("A2 STATUS \"a\" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)")
        .await;
    stage
        .expect("A3 STATUS \"b\" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)")
        .await;
    stage
        .expect("A4 STATUS \"c\" (MESSAGES RECENT UNSEEN UIDVALIDITY UIDNEXT)")
        .await;
    // In another order than they were asked.
    stage
        .say("* STATUS \"c\" (MESSAGES 3)\r\nA4 OK done\r\n")
        .await;
    stage
        .say("* STATUS \"a\" (MESSAGES 1)\r\nA2 OK done\r\nA3 NO nothing there\r\n")
        .await;
    stage.is_quiet().await;
    assert_eq!(
        stage.told(),
        ["Status 3", "Status 1", "Done 1", "Failed 2", "Done 3"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_fly_together_waits() {
    let waits = [
        // Two results that could not be told apart.
        (
            r#"{"kind":"search","uid":true,"criteria":["ALL"]}"#,
            r#"{"kind":"search","uid":true,"criteria":["ALL"]}"#,
        ),
        (
            r#"{"kind":"list","namespace":""}"#,
            r#"{"kind":"lsub","namespace":""}"#,
        ),
        // A barrier, before and after.
        (
            r#"{"kind":"status","mailbox":"a"}"#,
            r#"{"kind":"select","mailbox":"b"}"#,
        ),
        (
            r#"{"kind":"select","mailbox":"b"}"#,
            r#"{"kind":"status","mailbox":"a"}"#,
        ),
        (
            r#"{"kind":"status","mailbox":"a"}"#,
            r#"{"kind":"status","mailbox":"a"}"#,
        ),
        (
            r#"{"kind":"status","mailbox":"a"}"#,
            r#"{"kind":"raw","text":"X-RAW"}"#,
        ),
        // Numbers that what is in flight may change.
        (
            r#"{"kind":"fetch","set":"1","uid":true}"#,
            r#"{"kind":"fetch","set":"1","uid":false}"#,
        ),
        (
            r#"{"kind":"fetch","set":"1","uid":false}"#,
            r#"{"kind":"fetch","set":"1","uid":true}"#,
        ),
        (
            r#"{"kind":"fetch","set":"1","uid":true}"#,
            r#"{"kind":"search","uid":true,"criteria":["1:5",["SEEN"]]}"#,
        ),
        // Numbers that are told, which what is told before may change.
        (
            r#"{"kind":"status","mailbox":"a"}"#,
            r#"{"kind":"search","criteria":["SEEN"]}"#,
        ),
        // Messages are told as they come: none before the end of what was asked earlier.
        (
            r#"{"kind":"fetch","set":"1","uid":true}"#,
            r#"{"kind":"fetch","set":"2","uid":true}"#,
        ),
        (
            r#"{"kind":"status","mailbox":"a"}"#,
            r#"{"kind":"fetch","set":"2","uid":true}"#,
        ),
        // What is changed, and whoever looks at it.
        (
            &store("1"),
            r#"{"kind":"search","uid":true,"criteria":["SEEN"]}"#,
        ),
        (
            r#"{"kind":"search","uid":true,"criteria":["SEEN"]}"#,
            &store("1"),
        ),
        (&store("1"), r#"{"kind":"fetch","set":"2","uid":true}"#),
        (&store("1:3"), &store("3,9")),
        (&store("5:*"), &store("1")),
        (&store("1"), &copy("1")),
        (&copy("1"), r#"{"kind":"status","mailbox":"Trash"}"#),
        (
            r#"{"kind":"fetch","set":"1","uid":true,"options":{"bodies":"","markSeen":true}}"#,
            r#"{"kind":"search","uid":true,"criteria":["UNSEEN"]}"#,
        ),
        (
            r#"{"kind":"fetch","set":"1","uid":true,"options":{"extensions":["RFC822"]}}"#,
            r#"{"kind":"search","uid":true,"criteria":["UNSEEN"]}"#,
        ),
        // Numbers fall.
        (
            r#"{"kind":"move","set":"1","uid":true,"mailbox":"Trash"}"#,
            r#"{"kind":"move","set":"2","uid":true,"mailbox":"Trash"}"#,
        ),
    ];
    for (first, second) in waits {
        let mut stage = Stage::wide().await;
        stage.submit(1, first);
        stage.submit(2, second);
        assert!(stage.peer.line().await.starts_with("A2 "), "{first}");
        stage.is_quiet().await;
        stage.say("A2 OK done\r\n").await;
        assert!(stage.peer.line().await.starts_with("A3 "), "{second}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_fly_together_does() {
    let flies = [
        (
            r#"{"kind":"fetch","set":"1","uid":true}"#,
            r#"{"kind":"status","mailbox":"a"}"#,
        ),
        (
            r#"{"kind":"search","uid":true,"criteria":["ALL"]}"#,
            r#"{"kind":"list","namespace":""}"#,
        ),
        (&store("1:3"), &store("4")),
        (&store("1:3"), &copy("4:9")),
    ];
    for (first, second) in flies {
        let mut stage = Stage::wide().await;
        stage.submit(1, first);
        stage.submit(2, second);
        assert!(stage.peer.line().await.starts_with("A2 "), "{first}");
        assert!(stage.peer.line().await.starts_with("A3 "), "{second}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_flies_with_a_literal() {
    // Where the server does not take it after all, it could read it as commands.
    let mut stage = Stage::ready(WIDE, "LITERAL+", true).await;
    stage.submit(
        1,
        r#"{"kind":"search","uid":true,"criteria":[["SUBJECT","é"]]}"#,
    );
    stage.status(2, "a");
    stage
        .expect("A2 UID SEARCH CHARSET UTF-8 SUBJECT {2+}")
        .await;
    stage.expect("é").await;
    stage.is_quiet().await;
    stage.say("A2 BAD no literals\r\n").await;
    assert!(stage.peer.line().await.starts_with("A3 STATUS"));
    assert_eq!(stage.told(), ["Failed 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_may_have_another_name_for_the_server() {
    let mut stage = Stage::wide().await;
    for (request, mailbox) in [(1, "a"), (2, "inbox"), (3, "[Gmail]/b"), (4, "c")] {
        stage.status(request, mailbox);
        stage.peer.line().await;
    }
    stage.say("* STATUS INBOX (MESSAGES 2)\r\n").await;
    stage.say("* STATUS a (MESSAGES 1)\r\n").await;
    stage
        .say("* STATUS \"[Google Mail]/b\" (MESSAGES 3)\r\n")
        .await;
    stage.say("* STATUS c (MESSAGES 4)\r\n").await;
    stage.is_quiet().await;
    assert_eq!(
        stage.told(),
        ["Status 2", "Status 1", "Status 3", "Status 4"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_understand_company_is_asked_one_by_one() {
    let mut stage = Stage::wide().await;
    for (request, mailbox) in [(1, "a"), (2, "b"), (3, "c")] {
        stage.status(request, mailbox);
        stage.peer.line().await;
    }
    stage
        .say("A3 BAD one at a time\r\nA4 BAD one at a time\r\nA2 OK done\r\n")
        .await;
    for tag in ["A5 STATUS \"b\"", "A6 STATUS \"c\""] {
        let line = stage.peer.line().await;
        assert!(line.starts_with(tag), "{line}");
        stage.is_quiet().await;
        stage.say(&format!("{} OK done\r\n", &tag[..2])).await;
    }
    stage.status(4, "d");
    stage.status(5, "e");
    assert!(stage.peer.line().await.starts_with("A7 "));
    stage.is_quiet().await;
    stage.say("A7 OK done\r\n").await;
    stage.peer.line().await;
    stage.say("A8 OK done\r\n").await;
    stage.is_quiet().await;
    assert_eq!(stage.program.count("Failed"), 0);
    assert_eq!(stage.program.count("Done"), 5);
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_in_company_takes_no_data_until_it_is_sent_again() {
    let mut stage = Stage::wide().await;
    stage.submit(1, r#"{"kind":"fetch","set":"1","uid":true}"#);
    stage.status(2, "a");
    stage.peer.line().await;
    stage.peer.line().await;
    let news = "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n";
    stage
        .say(&format!("A2 BAD one at a time\r\n{news}A3 OK done\r\n"))
        .await;
    assert!(stage.peer.line().await.starts_with("A4 UID FETCH"));
    assert_eq!(stage.program.count("Message"), 0);
    stage.say(&format!("{news}A4 OK done\r\n")).await;
    stage.is_quiet().await;
    assert_eq!(stage.told(), ["Again 1", "Done 1", "Done 2"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_in_company_is_told_in_its_turn_all_the_same() {
    let mut stage = Stage::wide().await;
    for (request, mailbox) in [(1, "a"), (2, "b"), (3, "c")] {
        stage.status(request, mailbox);
        stage.peer.line().await;
    }
    stage.say("A2 BAD one at a time\r\nA3 OK done\r\n").await;
    stage.is_quiet().await;
    stage.say("A4 BAD one at a time\r\n").await;
    assert!(stage.peer.line().await.starts_with("A5 STATUS \"a\""));
    assert_eq!(stage.told(), ["Again 1", "Again 3"]);
    stage.say("* STATUS a (MESSAGES 1)\r\nA5 OK done\r\n").await;
    assert!(stage.peer.line().await.starts_with("A6 STATUS \"c\""));
    stage.say("A6 OK done\r\n").await;
    stage.is_quiet().await;
    assert_eq!(
        stage.told(),
        [
            "Again 1", "Again 3", "Status 1", "Done 1", "Done 2", "Done 3"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_alone_too_was_not_the_fault_of_company() {
    let mut stage = Stage::wide().await;
    stage.status(1, "a");
    stage.status(2, "b");
    stage.peer.line().await;
    stage.peer.line().await;
    stage.say("A2 BAD no such thing\r\nA3 OK done\r\n").await;
    assert!(stage.peer.line().await.starts_with("A4 STATUS \"a\""));
    stage.say("A4 BAD no such thing\r\n").await;
    stage.is_quiet().await;
    assert_eq!(stage.program.count("Failed { request: 1"), 1);
    stage.status(3, "a");
    stage.status(4, "b");
    assert!(stage.peer.line().await.starts_with("A5 "));
    assert!(stage.peer.line().await.starts_with("A6 "));
}

#[tokio::test(start_paused = true)]
async fn idle_lingers_and_is_left_in_one_breath_with_the_commands() {
    let mut stage = Stage::ready(r#"{"pipeline":true}"#, "IDLE", true).await;
    let lingered = stage.after("IDLE IDLE").await;
    assert!(lingered > Duration::ZERO && lingered < SECOND);
    stage.say("+ idling\r\n").await;
    sleep(SECOND).await;
    stage.status(1, "a");
    stage.status(2, "b");
    stage.expect("DONE").await;
    assert!(stage.peer.line().await.starts_with("A2 STATUS"));
    // IDLE is answered before what came after it.
    stage.say("IDLE OK done\r\nA2 OK done\r\n").await;
    let line = stage.peer.line().await;
    assert!(line.starts_with("A3 STATUS"), "{line}");
    stage.say("A3 OK done\r\n").await;
    assert_eq!(stage.after("IDLE IDLE").await, lingered);
    // What is asked in time needs no IDLE.
    stage.say("+ idling\r\n").await;
    stage.status(3, "a");
    stage.expect("DONE").await;
    stage.peer.line().await;
    stage.say("IDLE OK done\r\nA4 OK done\r\n").await;
    sleep(lingered / 2).await;
    stage.status(4, "a");
    assert!(stage.peer.line().await.starts_with("A5 STATUS"));
}

#[tokio::test(start_paused = true)]
async fn the_window_has_an_end() {
    let mut stage = Stage::wide().await;
    for request in 1..=300 {
        stage.status(request, &format!("m{request}"));
    }
    let mut sent = 0;
    while timeout(SECOND, stage.peer.line()).await.is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 128);
    stage.say("A2 OK done\r\nA3 OK done\r\n").await;
    stage.peer.line().await;
    stage.peer.line().await;
    stage.is_quiet().await;
}

#[tokio::test(start_paused = true)]
async fn literals_do_not_wait_where_the_server_takes_them() {
    for (capability, bytes, waits) in [
        ("LITERAL+", 5000, false),
        ("LITERAL-", 4096, false),
        ("LITERAL-", 4098, true),
        ("", 2, true),
    ] {
        let mut stage = Stage::ready(WIDE, capability, true).await;
        let text = "é".repeat(bytes / 2);
        let search = format!(r#"{{"kind":"search","uid":true,"criteria":[["SUBJECT","{text}"]]}}"#);
        stage.submit(1, &search);
        let line = stage.peer.line().await;
        assert_eq!(line.ends_with("+}"), !waits, "{capability}: {line}");
    }
}
