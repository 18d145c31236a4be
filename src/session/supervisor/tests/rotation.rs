//! Another connection before the server ends the first one.

use tokio::time::advance;

use super::*;
use crate::connection::Token;
use crate::options::Secret;
use crate::testing::DAY;

const MINUTE: Duration = Duration::from_secs(60);

impl Stage {
    /// Answers IDLE until the session turns to its next connection.
    async fn idle_until_next(&mut self, peer: &mut Peer) -> (Peer, Duration) {
        let began = Instant::now();
        loop {
            tokio::select! {
                biased;
                (next, _) = self.peers.next() => return (next, began.elapsed()),
                line = peer.line() => match line.as_str() {
                    "DONE" => peer.say("IDLE OK done\r\n").await,
                    "IDLE IDLE" => peer.say("+ idling\r\n").await,
                    "NOOP NOOP" => peer.say("NOOP OK done\r\n").await,
                    other => panic!("{other}"),
                },
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_moves_before_the_provider_ends_it_for_a_year() {
    let mut stage = Stage::new("year", "true");
    let (mut peer, _) = stage.live().await;
    let began = Instant::now();
    let mut rotations = 0;
    while began.elapsed() < 365 * DAY {
        let (mut next, age) = stage.idle_until_next(&mut peer).await;
        assert!(
            age <= 23 * 60 * MINUTE && age >= 20 * 60 * MINUTE,
            "{age:?}"
        );
        next.let_in("IDLE").await;
        peer.expect("DONE").await;
        peer.say("IDLE OK done\r\n").await;
        assert!(peer.line().await.ends_with(" LOGOUT"));
        next.expect("IDLE IDLE").await;
        next.say("+ idling\r\n").await;
        peer = next;
        rotations += 1;
    }
    assert!(rotations >= 381, "{rotations}");
    assert_eq!(stage.program.count("Rotated"), rotations);
    assert_eq!(stage.program.count("Ready"), 1);
    for never in ["Disconnected", "Reconnect", "Error(", "Closed"] {
        assert!(!stage.program.saw(never), "{never}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_server_wants_users_to_read_is_told_of_the_next_connection_too() {
    let mut stage = Stage::new("alert", "true");
    let (mut peer, _) = stage.live().await;
    stage.program.control(Control::Rotate);
    let (mut next, _) = stage.peers.next().await;
    next.say("* PREAUTH hello\r\n").await;
    next.expect("A0 CAPABILITY").await;
    next.say("* CAPABILITY IMAP4rev1 IDLE\r\nA0 OK done\r\n")
        .await;
    next.expect("A1 LIST \"\" \"\"").await;
    next.say("* OK [ALERT] Your mailbox is full\r\nA1 OK done\r\n")
        .await;
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    next.expect("IDLE IDLE").await;
    assert!(stage.program.saw("Alert(Some(\"Your mailbox is full\"))"));
}

#[tokio::test(start_paused = true)]
async fn what_happened_between_two_connections_is_found() {
    let mut mailbox = Mailbox::of(&[3, 5]);
    let (mut stage, mut peer) = Stage::open("between", &mailbox).await;
    stage.program.control(Control::Rotate);
    let (mut next, _) = stage.peers.next().await;
    next.let_in("IDLE").await;
    peer.expect("DONE").await;
    mailbox.messages.push((8, ""));
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A4 LOGOUT").await;
    next.expect("A2 EXAMINE \"in\"").await;
    next.say(&format!("{}A2 OK done\r\n", mailbox.selected()))
        .await;
    next.expect("A3 FETCH 1:* (UID FLAGS)").await;
    next.say(&format!("{}A3 OK done\r\n", mailbox.rows())).await;
    next.expect("IDLE IDLE").await;
    assert!(stage.program.saw("Arrived { uids: [8]"));
    assert!(stage.program.saw("Rotating { reason: \"asked\" }"));
    assert_eq!(stage.program.count("Rotated"), 1);
    assert_eq!(stage.program.count("Connected"), 2);
}

#[tokio::test(start_paused = true)]
async fn commands_go_on_and_numbers_stay_with_their_connection() {
    let mut stage = Stage::new("going on", "true");
    let (mut peer, _) = stage.live().await;
    stage.program.raw(1, "RENAME a b");
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 RENAME a b").await;
    stage.program.control(Control::Rotate);
    let (mut next, _) = stage.peers.next().await;
    next.let_in("IDLE").await;
    sleep(SECOND).await;
    stage.program.raw(2, "STORE 1 +FLAGS (x)");
    stage.program.raw(3, "CREATE b");
    sleep(SECOND).await;
    peer.say("A2 OK done\r\n").await;
    peer.expect("A3 STORE 1 +FLAGS (x)").await;
    peer.say("A3 OK done\r\n").await;
    peer.expect("A4 LOGOUT").await;
    next.expect("A2 CREATE b").await;
    next.say("A2 OK done\r\n").await;
    next.expect("IDLE IDLE").await;
    for request in [1, 2, 3] {
        let done = format!("Done {{ request: {request}");
        assert_eq!(stage.program.count(&done), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_left_before_it_expires() {
    let json = r#"{"user":"token","asksToken":true,"reconnect":true}"#;
    let (peers, options) = Peers::of(json);
    let (program, controls) = Program::new(true);
    let sink = Box::new(program.clone());
    let task = tokio::spawn(crate::session::run(options, controls, sink));
    let mut stage = Stage {
        peers,
        program,
        task,
    };
    let token = || Control::Token {
        token: Ok(Token {
            secret: Secret::new("t".to_owned()),
            lasts: Some(60 * MINUTE),
        }),
    };
    stage.program.control(token());
    let (mut peer, _) = stage.live().await;
    for _ in 0..3 {
        let began = Instant::now();
        while stage.program.count("cause: \"rotate\"") == 0 {
            tokio::select! {
                () = advance(SECOND) => tokio::task::yield_now().await,
                line = peer.line() => match line.as_str() {
                    "DONE" => peer.say("IDLE OK done\r\n").await,
                    "NOOP NOOP" => peer.say("NOOP OK done\r\n").await,
                    _ => peer.say("+ idling\r\n").await,
                }
            }
        }
        stage.program.seen.lock().unwrap().events.clear();
        let age = began.elapsed();
        assert!(age >= 47 * MINUTE && age <= 51 * MINUTE, "{age:?}");
        stage.program.control(token());
        let (mut next, _) = stage.peers.next().await;
        next.let_in("IDLE").await;
        peer.expect("DONE").await;
        peer.say("IDLE OK done\r\n").await;
        next.expect("IDLE IDLE").await;
        next.say("+ idling\r\n").await;
        peer = next;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_made_costs_nothing() {
    let mut stage = Stage::new("kept", "true");
    let (mut peer, _) = stage.live().await;
    stage.program.control(Control::Rotate);
    let (mut next, _) = stage.peers.next().await;
    next.say("* BYE [UNAVAILABLE] not now\r\n").await;
    drop(next);
    let (mut next, after) = stage.idle_until_next(&mut peer).await;
    assert!(after >= 50 * SECOND && after <= MINUTE, "{after:?}");
    assert!(stage.program.saw("RotationFailed"));
    assert!(!stage.program.saw("Disconnected"));
    // Logged in, it is lost while the first one still works on something.
    stage.program.raw(1, "RENAME a b");
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 RENAME a b").await;
    next.let_in("IDLE").await;
    sleep(SECOND).await;
    drop(next);
    sleep(SECOND).await;
    peer.say("A2 OK done\r\n").await;
    peer.expect("IDLE IDLE").await;
    assert_eq!(stage.program.count("RotationFailed"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_allows_one_connection_is_left_and_entered_again() {
    let mut stage = Stage::new("one", "true");
    let (mut peer, _) = stage.live().await;
    stage.program.control(Control::Rotate);
    let (mut next, _) = stage.peers.next().await;
    next.say("* BYE [LIMIT] Maximum number of connections exceeded\r\n")
        .await;
    drop(next);
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 LOGOUT").await;
    // Before the server has let go of the first it would refuse the second.
    let early = timeout(SECOND, stage.peers.next()).await;
    assert!(early.is_err(), "two at once");
    drop(peer);
    let (_next, took) = stage.live().await;
    assert!(took < SECOND, "{took:?}");
    assert!(
        stage
            .program
            .saw("Rotated { reason: \"asked\", overlap_ms: 0")
    );
    assert!(!stage.program.saw("Disconnected"));
}

#[tokio::test(start_paused = true)]
async fn the_one_that_waits_takes_over_when_the_first_is_lost() {
    let mut stage = Stage::new("ready", "true");
    let (mut peer, _) = stage.live().await;
    stage.program.raw(1, "RENAME a b");
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 RENAME a b").await;
    stage.program.control(Control::Rotate);
    let (mut next, _) = stage.peers.next().await;
    next.let_in("IDLE").await;
    sleep(SECOND).await;
    drop(peer);
    assert_eq!(next.after("IDLE IDLE").await, Duration::ZERO);
    assert_eq!(stage.program.count("Disconnected"), 1);
    assert_eq!(stage.program.count("Reconnected"), 1);
    assert!(stage.program.saw(code::OUTCOME_UNKNOWN));
}
