//! A session over many connections, in a clock that stands still.

mod in_flight;

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::*;
use crate::connection::timer::{DONE_DEADLINE, LOGOUT_DEADLINE};
use crate::error::code;
use crate::testing::{EVER, Peer, Peers, Program, SECOND};

mod rotation;

/// A session and the servers that it dials.
struct Stage {
    peers: Peers,
    program: Program,
    task: JoinHandle<()>,
}

impl Stage {
    /// Every stage is an account of its own: the budget of logins is the process's.
    fn new(user: &str, reconnect: &str) -> Stage {
        let json = format!(r#"{{"user":"{user}","reconnect":{reconnect}}}"#);
        let (peers, options) = Peers::of(&json);
        let (program, controls) = Program::new(true);
        let sink = Box::new(program.clone());
        Stage {
            peers,
            program,
            task: tokio::spawn(crate::session::run(options, controls, sink)),
        }
    }

    /// The next connection, logged in and idling, and how long it took to come.
    async fn live(&mut self) -> (Peer, Duration) {
        let (mut peer, took) = self.peers.next().await;
        peer.let_in("IDLE").await;
        peer.expect("IDLE IDLE").await;
        peer.say("+ idling\r\n").await;
        (peer, took)
    }

    async fn over(self) -> Program {
        let over = timeout(EVER, self.task).await;
        over.expect("it does not end").unwrap();
        self.program
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_comes_back_and_ready_is_said_once() {
    let mut stage = Stage::new("back", r#"{"stableMs":200000}"#);
    for _ in 0..20 {
        let (peer, _) = stage.live().await;
        sleep(250 * SECOND).await;
        drop(peer);
    }
    let (_peer, took) = stage.live().await;
    assert!(took <= SECOND, "a connection that lived comes back at once");
    assert_eq!(stage.program.count("Ready"), 1);
    assert_eq!(stage.program.count("Reconnected"), 20);
    assert_eq!(stage.program.count("Disconnected"), 20);
    for never in ["Error(", "Closed"] {
        assert!(!stage.program.saw(never), "{never}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lets_in_and_drops_sees_three_logins_and_then_one_a_minute() {
    let mut stage = Stage::new("storm", "true");
    let began = Instant::now();
    let mut logins = 0;
    while began.elapsed() < 600 * SECOND {
        let (mut peer, _) = stage.peers.next().await;
        peer.let_in("IDLE").await;
        logins += 1;
        // Three at once, and those that the ten minutes allow.
        assert!(logins <= 3 + 10, "{logins} logins");
    }
    assert!(logins >= 8, "{logins} logins");
}

#[tokio::test(start_paused = true)]
async fn commands_wait_for_the_next_connection_and_the_one_that_was_sent_is_told() {
    let mut stage = Stage::new("commands", "true");
    let (mut peer, _) = stage.live().await;
    stage.program.raw(1, "RENAME z y");
    stage.program.raw(2, "EXAMINE x");
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 RENAME z y").await;
    drop(peer);
    let (mut peer, _) = stage.peers.next().await;
    stage.program.raw(3, "CREATE y");
    peer.let_in("IDLE").await;
    peer.expect("A2 EXAMINE x").await;
    peer.say("A2 OK done\r\n").await;
    peer.expect("A3 CREATE y").await;
    assert_eq!(stage.program.count("Lost { request: 1"), 1);
    assert!(stage.program.saw(code::OUTCOME_UNKNOWN));
    assert_eq!(stage.program.count("Done { request: 2"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_is_asked_again_and_numbers_are_not() {
    let mut stage = Stage::new("again", "true");
    let (mut peer, _) = stage.live().await;
    stage.program.submit(1, r#"{"kind":"list","namespace":""}"#);
    stage.program.raw(2, "FETCH 1 (FLAGS)");
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 LIST \"\" \"*\"").await;
    peer.say("* LIST () \"/\" a\r\n").await;
    drop(peer);
    let (mut peer, _) = stage.peers.next().await;
    peer.let_in("IDLE").await;
    peer.expect("A2 LIST \"\" \"*\"").await;
    peer.say("* LIST () \"/\" a\r\nA2 OK done\r\n").await;
    peer.expect("IDLE IDLE").await;
    assert_eq!(stage.program.count("Again { request: 1"), 1);
    assert_eq!(stage.program.count("Done { request: 1"), 1);
    assert_eq!(stage.program.count("Lost { request: 2"), 1);
    assert!(stage.program.saw(code::STALE_NUMBERS));
}

#[tokio::test(start_paused = true)]
async fn the_end_comes_at_once_while_it_waits() {
    for stop in ["logout", "destroy"] {
        let mut stage = Stage::new("end", "true");
        let (mut peer, _) = stage.live().await;
        peer.say("* BYE [LIMIT] too many\r\n").await;
        drop(peer);
        sleep(SECOND).await;
        match stop {
            "logout" => stage.program.submit(9, r#"{"kind":"logout"}"#),
            _ => stage.program.control(Control::Destroy),
        }
        let began = Instant::now();
        let program = stage.over().await;
        assert_eq!(began.elapsed(), Duration::ZERO, "{stop}");
        assert!(!program.saw("Error("), "{stop}");
        assert_eq!(program.count("Closed"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_mended_by_trying_ends_the_session() {
    let mut stage = Stage::new("refused", "true");
    let (mut peer, _) = stage.peers.next().await;
    peer.say("HTTP/1.1 400 Bad Request\r\n").await;
    let program = stage.over().await;
    assert!(program.saw(code::NOT_IMAP));
    assert_eq!(program.count("Suspended"), 1);
    assert_eq!(program.count("Error("), 1);
    assert_eq!(program.count("Closed"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_is_left_and_a_named_wait_is_kept() {
    let mut stage = Stage::new("dead", "true");
    let (mut peer, _) = stage.live().await;
    // DONE is swallowed.
    peer.expect("DONE").await;
    let (mut peer, took) = stage.live().await;
    assert!(took >= DONE_DEADLINE && took <= DONE_DEADLINE + SECOND);
    let bye = "* BYE Request is throttled. Suggested Backoff Time: 178755 milliseconds\r\n";
    peer.say(bye).await;
    drop(peer);
    let (_peer, took) = stage.live().await;
    assert!(took >= Duration::from_millis(178_755), "{took:?}");
    assert_eq!(stage.program.count("Throttled"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_saves_no_logins_for_later() {
    let mut stage = Stage::new("saved", "true");
    let (mut peer, _) = stage.live().await;
    peer.say("* BYE Suggested Backoff Time: 178755 milliseconds\r\n")
        .await;
    drop(peer);
    let (mut peer, _) = stage.peers.next().await;
    let back = Instant::now();
    let mut logins = 0;
    while back.elapsed() < 55 * SECOND {
        logins += 1;
        peer.let_in("IDLE").await;
        drop(peer);
        (peer, _) = stage.peers.next().await;
    }
    assert_eq!(logins, 3, "as many as at any other time");
}

#[tokio::test(start_paused = true)]
async fn attempts_can_be_limited() {
    let mut stage = Stage::new("limited", r#"{"maxAttempts":3}"#);
    for _ in 0..4 {
        drop(stage.peers.next().await);
    }
    let program = stage.over().await;
    assert_eq!(program.count("Reconnecting"), 3);
    assert_eq!(program.count("Closed"), 1);
}

/// A mailbox of the server: it answers SELECT, FETCH and what else a session asks by itself.
#[derive(Clone)]
struct Mailbox {
    uid_validity: u32,
    uid_next: u32,
    /// UIDs and flags.
    messages: Vec<(u32, &'static str)>,
}

impl Mailbox {
    fn of(uids: &[u32]) -> Mailbox {
        Mailbox {
            uid_validity: 7,
            uid_next: uids.last().map_or(1, |last| last + 1),
            messages: uids.iter().map(|uid| (*uid, "")).collect(),
        }
    }

    fn selected(&self) -> String {
        format!(
            "* {} EXISTS\r\n* OK [UIDVALIDITY {}] ok\r\n* OK [UIDNEXT {}] ok\r\n",
            self.messages.len(),
            self.uid_validity,
            self.uid_next
        )
    }

    fn rows(&self) -> String {
        let row = |(place, (uid, flags)): (usize, &(u32, &str))| {
            format!("* {} FETCH (UID {uid} FLAGS ({flags}))\r\n", place + 1)
        };
        self.messages.iter().enumerate().map(row).collect()
    }
}

impl Stage {
    /// A session with an open mailbox, whose messages are known.
    async fn open(user: &str, mailbox: &Mailbox) -> (Stage, Peer) {
        let mut stage = Stage::new(user, "true");
        let (mut peer, _) = stage.live().await;
        stage
            .program
            .submit(1, r#"{"kind":"select","mailbox":"in","readOnly":true}"#);
        peer.expect("DONE").await;
        peer.say("IDLE OK done\r\n").await;
        peer.expect("A2 EXAMINE \"in\"").await;
        peer.say(&format!("{}A2 OK done\r\n", mailbox.selected()))
            .await;
        if !mailbox.messages.is_empty() {
            let all = mailbox.messages.len();
            peer.expect(&format!("A3 FETCH 1:{all} (UID FLAGS)")).await;
            peer.say(&format!("{}A3 OK done\r\n", mailbox.rows())).await;
        }
        peer.expect("IDLE IDLE").await;
        peer.say("+ idling\r\n").await;
        (stage, peer)
    }

    /// The next connection, which finds the mailbox like this.
    async fn reopened(&mut self, mailbox: &Mailbox) -> Peer {
        let (mut peer, _) = self.peers.next().await;
        peer.let_in("IDLE").await;
        peer.expect("A2 EXAMINE \"in\"").await;
        peer.say(&format!("{}A2 OK done\r\n", mailbox.selected()))
            .await;
        if !mailbox.messages.is_empty() {
            peer.expect("A3 FETCH 1:* (UID FLAGS)").await;
            peer.say(&format!("{}A3 OK done\r\n", mailbox.rows())).await;
        }
        peer.expect("IDLE IDLE").await;
        peer.say("+ idling\r\n").await;
        peer
    }
}

#[tokio::test(start_paused = true)]
async fn what_arrives_is_announced_under_its_uid_once() {
    let mut mailbox = Mailbox::of(&[3, 5]);
    let (mut stage, mut peer) = Stage::open("uids", &mailbox).await;
    assert!(!stage.program.saw("Arrived"));
    peer.say("* 4 EXISTS\r\n").await;
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A4 FETCH 3:4 (UID FLAGS)").await;
    peer.say("* 3 FETCH (UID 8 FLAGS ())\r\n* 4 FETCH (UID 9 FLAGS ())\r\nA4 OK done\r\n")
        .await;
    peer.expect("IDLE IDLE").await;
    assert!(
        stage
            .program
            .saw("Arrived { uids: [8, 9], uid_validity: Some(7), cause: \"live\" }")
    );
    drop(peer);
    // One more came while the session was away, one went.
    mailbox.messages = vec![(5, ""), (8, ""), (9, "\\Seen"), (12, "")];
    mailbox.uid_next = 13;
    let _peer = stage.reopened(&mailbox).await;
    assert!(
        stage
            .program
            .saw("Expunge { seqno: 1, uid: Some(3), cause: Some(\"resume\") }")
    );
    assert!(
        stage
            .program
            .saw("Arrived { uids: [12], uid_validity: Some(7), cause: \"resume\" }")
    );
    assert!(
        stage
            .program
            .saw("Flags { seqno: 3, uid: 9, flags: [\"\\\\Seen\"] }")
    );
    assert_eq!(stage.program.count("Arrived"), 2);
    assert_eq!(stage.program.count("Flags {"), 1);
    assert_eq!(stage.program.count("Selecting"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_was_empty_is_no_exception() {
    let mut mailbox = Mailbox::of(&[]);
    let (mut stage, peer) = Stage::open("empty", &mailbox).await;
    drop(peer);
    mailbox.messages = vec![(1, ""), (2, "")];
    mailbox.uid_next = 3;
    let _peer = stage.reopened(&mailbox).await;
    assert!(stage.program.saw("Arrived { uids: [1, 2]"));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_does_not_forget_the_mailbox() {
    let mailbox = Mailbox::of(&[3, 5]);
    let (mut stage, peer) = Stage::open("forgetful", &mailbox).await;
    drop(peer);
    let (mut peer, _) = stage.peers.next().await;
    peer.say("* OK hello\r\n").await;
    peer.expect("A0 CAPABILITY").await;
    drop(peer);
    let _peer = stage.reopened(&mailbox).await;
}

#[tokio::test(start_paused = true)]
async fn another_uidvalidity_is_announced_and_nothing_is_replayed_as_new() {
    let mut mailbox = Mailbox::of(&[3, 5]);
    let (mut stage, peer) = Stage::open("validity", &mailbox).await;
    drop(peer);
    mailbox.uid_validity = 8;
    mailbox.messages.push((9, ""));
    let mut peer = stage.reopened(&mailbox).await;
    assert!(stage.program.saw("MailboxReset"));
    assert!(stage.program.saw("Uidvalidity(8)"));
    assert!(!stage.program.saw("Arrived"));
    peer.say("* 4 EXISTS\r\n").await;
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A4 FETCH 4:4 (UID FLAGS)").await;
    peer.say("* 4 FETCH (UID 10 FLAGS ())\r\nA4 OK done\r\n")
        .await;
    peer.expect("IDLE IDLE").await;
    assert!(
        stage
            .program
            .saw("Arrived { uids: [10], uid_validity: Some(8)")
    );
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_is_gone_is_told_and_tried_again() {
    let mailbox = Mailbox::of(&[3]);
    let (mut stage, peer) = Stage::open("gone", &mailbox).await;
    drop(peer);
    let (mut peer, _) = stage.peers.next().await;
    peer.let_in("IDLE").await;
    peer.expect("A2 EXAMINE \"in\"").await;
    peer.say("A2 NO [NONEXISTENT] no such mailbox\r\n").await;
    let began = Instant::now();
    let _peer = stage.reopened(&mailbox).await;
    assert!(began.elapsed() >= 60 * SECOND);
    assert!(
        stage
            .program
            .saw("MailboxGone { mailbox: \"in\", text: \"no such mailbox\" }")
    );
}

#[tokio::test(start_paused = true)]
async fn with_condstore_only_what_changed_is_asked_for() {
    let mailbox = Mailbox::of(&[3, 5]);
    let mut stage = Stage::new("condstore", "true");
    let selected =
        |modseq: u32| format!("{}* OK [HIGHESTMODSEQ {modseq}] ok\r\n", mailbox.selected());
    let (mut peer, _) = stage.peers.next().await;
    peer.let_in("IDLE CONDSTORE").await;
    peer.expect("IDLE IDLE").await;
    peer.say("+ idling\r\n").await;
    let open = r#"{"kind":"select","mailbox":"in","condstore":true}"#;
    stage.program.submit(1, open);
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 SELECT \"in\" (CONDSTORE)").await;
    peer.say(&format!("{}A2 OK done\r\n", selected(10))).await;
    peer.expect("A3 FETCH 1:2 (UID FLAGS)").await;
    peer.say(&format!("{}A3 OK done\r\n", mailbox.rows())).await;
    peer.expect("IDLE IDLE").await;
    drop(peer);
    // Nothing happened: no question. Then a flag changed.
    for (modseq, rows) in [
        (10, None),
        (11, Some("* 2 FETCH (UID 5 FLAGS (\\Seen) MODSEQ (11))\r\n")),
    ] {
        let (mut peer, _) = stage.peers.next().await;
        peer.let_in("IDLE CONDSTORE").await;
        peer.expect("A2 SELECT \"in\" (CONDSTORE)").await;
        peer.say(&format!("{}A2 OK done\r\n", selected(modseq)))
            .await;
        if let Some(rows) = rows {
            peer.expect("A3 FETCH 1:* (UID FLAGS) (CHANGEDSINCE 10)")
                .await;
            peer.say(&format!("{rows}A3 OK done\r\n")).await;
        }
        peer.expect("IDLE IDLE").await;
    }
    assert!(stage.program.saw("Flags { seqno: 2, uid: 5"));
    assert!(!stage.program.saw("Arrived"));
    assert!(!stage.program.saw("Expunge"));
}

mod crowd;
mod liveness;
mod resume;
mod sleep;
