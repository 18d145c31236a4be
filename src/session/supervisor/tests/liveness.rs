//! Servers that idle and say nothing, or not for long.

use super::*;

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
