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

    fn fetch(&self, request: RequestId, set: &str, by_uid: bool) {
        let json = format!(r#"{{"kind":"fetch","set":"{set}","uid":{by_uid}}}"#);
        self.submit(request, &json);
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
            let request = rest.split(',').next()?;
            matches!(kind, "Done" | "Failed" | "Status" | "Again")
                .then(|| format!("{kind} {request}"))
        });
        ends.collect()
    }
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
            r#"{"kind":"search","criteria":["ALL"]}"#,
            r#"{"kind":"search","criteria":["ALL"]}"#,
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
async fn rows_belong_to_the_fetch_that_is_answered() {
    let mut stage = Stage::wide().await;
    stage.fetch(1, "1:2", true);
    stage.fetch(2, "2:3", true);
    let store =
        r#"{"kind":"store","set":2,"uid":true,"what":"keywords","action":"add","values":["x"]}"#;
    stage.submit(3, store);
    for tag in ["A2 UID FETCH", "A3 UID FETCH", "A4 UID STORE"] {
        assert!(stage.peer.line().await.starts_with(tag), "{tag}");
    }
    stage.say("* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\nA2 OK done\r\n").await;
    stage.say("* 2 FETCH (UID 2 FLAGS () INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\nA3 OK done\r\n").await;
    stage
        .say("* 2 FETCH (UID 2 FLAGS (x))\r\nA4 OK done\r\n")
        .await;
    stage.is_quiet().await;
    assert_eq!(stage.program.count("Fetched { request: 1, seqno: 1"), 1);
    assert_eq!(stage.program.count("Fetched { request: 2, seqno: 2"), 1);
    assert_eq!(stage.program.count("Fetched"), 2);
    assert_eq!(stage.program.count("Update { seqno: 2"), 1);
    assert_eq!(stage.told(), ["Done 1", "Done 2", "Done 3"]);
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
        let search = format!(r#"{{"kind":"search","criteria":[["SUBJECT","{text}"]]}}"#);
        stage.submit(1, &search);
        let line = stage.peer.line().await;
        assert_eq!(line.ends_with("+}"), !waits, "{capability}: {line}");
    }
}
