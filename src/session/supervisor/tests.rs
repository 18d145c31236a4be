//! A session over many connections, in a clock that stands still.

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::*;
use crate::connection::timer::DONE_DEADLINE;
use crate::error::code;
use crate::testing::{EVER, Peer, Peers, Program, SECOND};

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
    stage.program.raw(1, "CHECK");
    stage.program.raw(2, "EXAMINE x");
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 CHECK").await;
    drop(peer);
    let (mut peer, _) = stage.peers.next().await;
    stage.program.raw(3, "CREATE y");
    peer.let_in("IDLE").await;
    peer.expect("A2 EXAMINE x").await;
    peer.say("A2 OK done\r\n").await;
    peer.expect("A3 CREATE y").await;
    assert_eq!(stage.program.count("Failed { request: 1"), 1);
    assert!(stage.program.saw(code::CONNECTION_LOST));
    assert_eq!(stage.program.count("Done { request: 2"), 1);
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
async fn attempts_can_be_limited() {
    let mut stage = Stage::new("limited", r#"{"maxAttempts":3}"#);
    for _ in 0..4 {
        drop(stage.peers.next().await);
    }
    let program = stage.over().await;
    assert_eq!(program.count("Reconnecting"), 3);
    assert_eq!(program.count("Closed"), 1);
}
