//! Deadlines that the program sets, clocks that are late.

use tokio::time::advance;

use super::*;

#[tokio::test(start_paused = true)]
async fn each_deadline_can_be_set() {
    let mut stage = Stage::ready(r#"{"timeouts":{"continuation":3000}}"#, "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    assert_eq!(stage.dies(code::DEADLINE).await, 3 * SECOND);

    let mut stage = Stage::ready(r#"{"timeouts":{"done":4000}}"#, "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    stage.say("+ idling\r\n").await;
    stage.expect("DONE").await;
    assert_eq!(stage.dies(code::DEADLINE).await, 4 * SECOND);

    let mut stage = Stage::ready(r#"{"timeouts":{"noop":2000}}"#, "", true).await;
    stage.expect("NOOP NOOP").await;
    assert_eq!(stage.dies(code::DEADLINE).await, 2 * SECOND);

    let options = r#"{"keepalive":false,"timeouts":{"command":7000,"logout":1000}}"#;
    let mut stage = Stage::ready(options, "", true).await;
    stage.raw(1, "CHECK");
    stage.expect("A2 CHECK").await;
    assert_eq!(stage.dies(code::DEADLINE).await, 7 * SECOND);

    let mut stage = Stage::ready(options, "", true).await;
    stage.submit(1, r#"{"kind":"logout"}"#);
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Local), "{exit:?}");
    assert_eq!(took, SECOND);

    let mut stage = Stage::ready(r#"{"timeouts":{"afterBye":9000}}"#, "IDLE", true).await;
    stage.say("* BYE enough\r\n").await;
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Closed { bye: Some(_) }), "{exit:?}");
    assert_eq!(took, 9 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_greeting_has_a_deadline_of_its_own_only_if_it_is_set() {
    let options = r#"{"authTimeout":60000,"timeouts":{"greeting":16000}}"#;
    let mut stage = Stage::new(options, true);
    assert_eq!(stage.dies(code::AUTHENTICATION_TIMEOUT).await, 16 * SECOND);

    let mut stage = Stage::new(options, true);
    stage.say("* PREAUTH hello\r\n").await;
    assert_eq!(stage.dies(code::AUTHENTICATION_TIMEOUT).await, 60 * SECOND);

    let mut stage = Stage::new(r#"{"authTimeout":60000}"#, true);
    assert_eq!(stage.dies(code::AUTHENTICATION_TIMEOUT).await, 60 * SECOND);
}

/// The process, or the machine, stood still: when it goes on, the deadline has passed, and the
/// answer is in the socket.
#[tokio::test(start_paused = true)]
async fn p11_a_late_clock_is_no_death_when_the_answer_is_here() {
    let mut stage = Stage::ready("{}", "", true).await;
    stage.expect("NOOP NOOP").await;
    stage.say("NOOP OK done\r\n").await;
    // The program is heard before the server.
    stage.raw(1, "CHECK");
    advance(10 * NOOP_DEADLINE).await;
    stage.expect("A2 CHECK").await;

    // What is here is read as far as it goes; if the answer is not in it, that is the end.
    stage.say("A2 OK done\r\n").await;
    stage.expect("NOOP NOOP").await;
    stage.say("* OK still here\r\n").await;
    stage.raw(2, "CHECK");
    advance(10 * NOOP_DEADLINE).await;
    assert_eq!(stage.dies(code::DEADLINE).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn p11_a_server_that_never_stops_talking_does_not_escape() {
    let mut stage = Stage::ready("{}", "", true).await;
    stage.expect("NOOP NOOP").await;
    let nobody = Peer::pair().0;
    let mut server = std::mem::replace(&mut stage.peer, nobody);
    let talking = tokio::spawn(async move {
        loop {
            server.say("* OK and another thing\r\n").await;
            sleep(Duration::from_millis(1)).await;
        }
    });
    assert_eq!(stage.dies(code::DEADLINE).await, NOOP_DEADLINE);
    talking.abort();
}

/// `* OK Still here` of Dovecot: the server lives, and IDLE is renewed all the same.
#[tokio::test(start_paused = true)]
async fn a_sign_of_life_does_not_put_off_the_renewal_of_idle() {
    let options = r#"{"socketTimeout":130000}"#;
    let mut stage = Stage::ready(options, "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    stage.say("+ idling\r\n").await;
    let began = Instant::now();
    for _ in 0..2 {
        sleep(120 * SECOND).await;
        stage.say("* OK Still here\r\n").await;
    }
    stage.expect("DONE").await;
    assert_eq!(began.elapsed(), 300 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn without_reconnect_nobody_asks_for_news_behind_idle_unless_the_program_does() {
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    for _ in 0..12 {
        stage.say("+ idling\r\n").await;
        stage.expect("DONE").await;
        stage.say("IDLE OK done\r\n").await;
        stage.expect("IDLE IDLE").await;
    }

    let options = r#"{"keepalive":{"resyncInterval":60000}}"#;
    let mut stage = Stage::ready(options, "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    stage.say("+ idling\r\n").await;
    for _ in 0..3 {
        assert_eq!(stage.after("DONE").await, 60 * SECOND);
        stage.say("IDLE OK done\r\n").await;
        stage.expect("NOOP NOOP").await;
        stage.say("NOOP OK done\r\n").await;
        assert_eq!(stage.after("IDLE IDLE").await, Duration::ZERO);
        stage.say("+ idling\r\n").await;
    }
}

/// It says `+` only when it is asked to stop, or never before the deadline is near.
#[tokio::test(start_paused = true)]
async fn a_continuation_that_comes_late_is_good_until_its_deadline() {
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    sleep(IDLE_CONTINUATION_DEADLINE - SECOND).await;
    stage.raw(1, "CHECK");
    stage.say("* 1 EXISTS\r\n+ idling\r\n").await;
    stage.expect("DONE").await;
    stage.say("+ what else\r\nIDLE OK done\r\n").await;
    stage.expect("A2 CHECK").await;
    stage.say("A2 OK done\r\n").await;
    stage.expect("IDLE IDLE").await;
}
