//! Servers that idle and say nothing, or not for long.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::*;
use crate::connection::BODY_WINDOW_BYTES;
use crate::error::{Error, Source, System};
use crate::net::Dialer;
use crate::testing::DAY;

impl Stage {
    /// The server idles and is silent until it is asked whether there is news.
    async fn asked_after(peer: &mut Peer, renewals: usize) -> Duration {
        let began = Instant::now();
        for _ in 0..renewals {
            peer.expect("DONE").await;
            peer.say("IDLE OK done\r\n").await;
            peer.expect("IDLE IDLE").await;
            peer.say("+ idling\r\n").await;
        }
        peer.expect("DONE").await;
        peer.say("IDLE OK done\r\n").await;
        peer.expect("NOOP NOOP").await;
        began.elapsed()
    }
}

#[tokio::test(start_paused = true)]
async fn s13_what_idle_forgets_to_tell_is_asked_for_every_quarter_of_an_hour() {
    let (stage, mut peer) = Stage::open("silent", &Mailbox::of(&[3, 5])).await;
    assert_eq!(Stage::asked_after(&mut peer, 2).await, 900 * SECOND);
    peer.say("* 3 EXISTS\r\nNOOP OK done\r\n").await;
    peer.expect("A4 FETCH 3:3 (UID FLAGS)").await;
    peer.say("* 3 FETCH (UID 8 FLAGS ())\r\nA4 OK done\r\n")
        .await;
    // Even NOOP may not be all; the last message is named in any case.
    peer.expect("A5 UID FETCH 9:* (UID)").await;
    assert_eq!(stage.program.count("Arrived { uids: [8]"), 1);
    peer.say("* 3 FETCH (UID 8)\r\nA5 OK done\r\n").await;
    peer.expect("IDLE IDLE").await;
    peer.say("+ idling\r\n").await;

    assert_eq!(Stage::asked_after(&mut peer, 2).await, 900 * SECOND);
    peer.say("NOOP OK done\r\n").await;
    peer.expect("A6 UID FETCH 9:* (UID)").await;
    // Flags that change meanwhile are news all the same.
    peer.say("* 4 FETCH (UID 9)\r\n* 1 FETCH (UID 3 FLAGS (\\Seen))\r\nA6 OK done\r\n")
        .await;
    peer.expect("A7 FETCH 4:4 (UID FLAGS)").await;
    peer.say("* 4 FETCH (UID 9 FLAGS ())\r\nA7 OK done\r\n")
        .await;
    peer.expect("IDLE IDLE").await;
    assert_eq!(stage.program.count("Arrived { uids: [9]"), 1);
    assert_eq!(stage.program.count("Arrived"), 2);
    assert_eq!(stage.program.count("Update"), 1);
    assert_eq!(stage.program.count("Disconnected"), 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_mailbox_a_noop_is_all_that_is_asked() {
    let mut stage = Stage::new("nothing-open", "true");
    let (mut peer, _) = stage.live().await;
    assert_eq!(Stage::asked_after(&mut peer, 2).await, 900 * SECOND);
    peer.say("NOOP OK done\r\n").await;
    peer.expect("IDLE IDLE").await;
}

#[tokio::test(start_paused = true)]
async fn an_end_behind_a_question_of_our_own_is_bounded() {
    let (stage, mut peer) = Stage::open("question", &Mailbox::of(&[3])).await;
    peer.say("* 2 EXISTS\r\n").await;
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A4 FETCH 2:2 (UID FLAGS)").await;
    stage.program.submit(9, r#"{"kind":"logout"}"#);
    let began = Instant::now();
    let program = stage.over().await;
    assert_eq!(began.elapsed(), LOGOUT_DEADLINE);
    assert!(!program.saw("Error("));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_finds_us_idle_hears_from_us_more_often() {
    let mut stage = Stage::new("idle", "true");
    for seconds in [300_u64, 150, 75, 60, 60] {
        let (mut peer, _) = stage.live().await;
        // The renewal falls on a tick of `interval`.
        let due = seconds.div_ceil(10) * 10;
        assert_eq!(peer.after("DONE").await, Duration::from_secs(due));
        peer.say("* BYE Disconnected for inactivity.\r\n").await;
        drop(peer);
    }
}

/// Options whose connections cannot be made: this is the code of the error.
fn unreachable(user: &str, code: &'static str, syscall: &'static str) -> Options {
    let (_, mut options) = Peers::of(&format!(r#"{{"user":"{user}","reconnect":true}}"#));
    options.dialer = Some(Dialer(Arc::new(move || {
        let error = Error::new(Source::Socket, code, format!("{syscall} {code}"));
        Err(error.with_system(System {
            syscall: Some(syscall),
            ..System::default()
        }))
    })));
    options
}

#[tokio::test(start_paused = true)]
async fn without_a_network_no_login_is_counted_and_nobody_is_blamed() {
    // A login a minute would be 33 attempts; a look at the network every 15 seconds at the most 120.
    for (code, least) in [
        ("ENETUNREACH", 120),
        ("EAI_AGAIN", 120),
        ("ECONNREFUSED", 40),
    ] {
        let options = unreachable("offline", code, "connect");
        let (program, controls) = Program::new(true);
        let sink = Box::new(program.clone());
        tokio::spawn(crate::session::run(options, controls, sink));
        sleep(1800 * SECOND).await;
        let attempts = program.count("Reconnecting");
        assert!(attempts >= least, "{code}: {attempts}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_was_refused_three_times_is_not_sent_by_a_fourth_session() {
    let json = r#"{"user":"locked","password":"wrong","reconnect":true}"#;
    let (mut peers, options) = Peers::of(json);
    for session in 1..=4 {
        let (program, controls) = Program::new(true);
        let sink = Box::new(program.clone());
        let task = tokio::spawn(crate::session::run(options.clone(), controls, sink));
        if session <= 3 {
            let (mut peer, _) = peers.next().await;
            peer.say("* OK hello\r\n").await;
            peer.expect("A0 CAPABILITY").await;
            peer.say("* CAPABILITY IMAP4rev1\r\nA0 OK done\r\n").await;
            peer.expect("A1 LOGIN \"locked\" \"wrong\"").await;
            peer.say("A1 NO [AUTHENTICATIONFAILED] no\r\n").await;
        }
        timeout(EVER, task).await.expect("it does not end").unwrap();
        assert_eq!(program.saw(code::LOGIN_LIMIT), session > 3);
        assert_eq!(program.count("Suspended"), 1);
        assert_eq!(program.count("Error("), 1);
    }
    assert!(timeout(DAY, peers.next()).await.is_err(), "nobody dials");
}

#[tokio::test(start_paused = true)]
async fn what_holds_everything_up_is_told_and_that_it_does_no_more() {
    let mut stage = Stage::new("stalled", r#"true,"timeouts":{"command":200000}"#);
    let (mut peer, _) = stage.live().await;
    // IDLE is no stall, however silent.
    sleep(299 * SECOND).await;
    assert!(!stage.program.saw("Stalled"));
    stage.program.raw(1, "CHECK");
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("A2 CHECK").await;
    sleep(59 * SECOND).await;
    // Any byte is a sign of life.
    peer.say("* OK working on it\r\n").await;
    sleep(59 * SECOND).await;
    assert!(!stage.program.saw("Stalled"));
    sleep(41 * SECOND).await;
    let stalled = "Stalled { since_ms: 60000, phase: \"command\" }";
    assert_eq!(stage.program.count(stalled), 1);
    peer.say("A2 OK done\r\n").await;
    peer.expect("IDLE IDLE").await;
    let flowing = "Flowing { stalled_ms: 100000, phase: \"command\" }";
    assert_eq!(stage.program.count(flowing), 1);
    assert_eq!(stage.program.count("Stalled"), 1);

    // The program takes nothing.
    peer.say("+ idling\r\n").await;
    sleep(SECOND).await;
    stage.program.is_full.store(true, Ordering::Relaxed);
    // Whatever happens next, it is seen.
    stage.program.control(Control::Rotate);
    sleep(61 * SECOND).await;
    let stalled = "Stalled { since_ms: 60000, phase: \"program\" }";
    assert_eq!(stage.program.count(stalled), 1);
    stage.program.is_full.store(false, Ordering::Relaxed);
    stage.program.space.notify_one();
    sleep(SECOND).await;
    assert_eq!(stage.program.count("Flowing"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_reads_is_told() {
    // Before it is buffered, which is after 5 s.
    let mut stage = Stage::new("unread", r#"true,"timeouts":{"command":4000}"#);
    let (mut peer, _) = stage.live().await;
    stage.program.submit(
        1,
        r#"{"kind":"fetch","uid":true,"set":[1],"options":{"bodies":[""]}}"#,
    );
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    assert!(peer.line().await.starts_with("A2 UID FETCH 1 ("));
    let size = 4 * BODY_WINDOW_BYTES as usize;
    let sending = tokio::spawn(async move {
        let head = format!("* 1 FETCH (UID 1 BODY[] {{{size}}}\r\n");
        peer.say(&head).await;
        peer.say(&"x".repeat(size)).await;
        peer
    });
    sleep(3 * SECOND).await;
    let stalled = "Stalled { since_ms: 2000, phase: \"body\" }";
    assert_eq!(stage.program.count(stalled), 1);
    sending.await.unwrap();
    assert_eq!(stage.program.count("Stalled"), 1);
    assert!(!stage.program.saw("Disconnected"));
    let flowing = "Flowing { stalled_ms: 5000, phase: \"body\" }";
    assert_eq!(stage.program.count(flowing), 1);
}
