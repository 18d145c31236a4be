//! A machine that sleeps.

use super::*;
use crate::clock::Sleeper;
use crate::connection::Token;
use crate::options::Secret;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// A session on a machine that can sleep.
fn bed(json: &str) -> (Stage, Sleeper) {
    let (peers, mut options) = Peers::of(json);
    let (sleeper, clock) = Sleeper::new();
    options.clock = clock;
    let (program, controls) = Program::new(true);
    let sink = Box::new(program.clone());
    let task = tokio::spawn(crate::session::run(options, controls, sink));
    let stage = Stage {
        peers,
        program,
        task,
    };
    (stage, sleeper)
}

#[tokio::test(start_paused = true)]
async fn p09_after_a_night_the_session_is_back_with_a_fresh_token() {
    let (mut stage, sleeper) = bed(r#"{"user":"night","reconnect":true,"asksToken":true}"#);
    let token = || Control::Token {
        token: Ok(Token {
            secret: Secret::new("t".to_owned()),
            lasts: Some(HOUR),
        }),
    };
    stage.program.control(token());
    let (mut peer, _) = stage.live().await;
    sleep(10 * SECOND).await;
    sleeper.sleeps(8 * HOUR);
    let woke = Instant::now();
    // Nothing is said to a connection that is not trusted.
    peer.expect("").await;
    while stage.program.count("TokenWanted") < 2 {
        sleep(Duration::from_millis(100)).await;
    }
    stage.program.control(token());
    let (_peer, _) = stage.live().await;
    assert!(woke.elapsed() < 10 * SECOND, "{:?}", woke.elapsed());
    assert!(stage.program.saw("The machine slept for 480 minutes"));
    assert!(
        stage.program.saw("session_ms: 28810000"),
        "it lived meanwhile"
    );
    assert_eq!(stage.program.count("Reconnected"), 1);
    assert!(!stage.program.saw("Error("));
}

#[tokio::test(start_paused = true)]
async fn p09_after_a_nap_the_server_has_five_seconds_to_show_that_it_is_there() {
    let (mut stage, sleeper) = bed(r#"{"user":"nap","reconnect":true}"#);
    let (mut peer, _) = stage.live().await;
    sleeper.sleeps(10 * MINUTE);
    assert_eq!(peer.after("DONE").await, Duration::ZERO);
    sleep(4 * SECOND).await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("IDLE IDLE").await;
    peer.say("+ idling\r\n").await;
    assert!(!stage.program.saw("Disconnected"));

    sleeper.sleeps(10 * MINUTE);
    peer.expect("DONE").await;
    let woke = Instant::now();
    let (_peer, _) = stage.live().await;
    assert!(woke.elapsed() >= 5 * SECOND && woke.elapsed() < 10 * SECOND);
    assert!(stage.program.saw("did not answer DONE within 5 seconds"));
}

#[tokio::test(start_paused = true)]
async fn what_runs_when_the_machine_wakes_up_is_hurried() {
    let (mut stage, sleeper) = bed(r#"{"user":"runs","reconnect":true,"keepalive":false}"#);
    let (mut peer, _) = stage.peers.next().await;
    peer.let_in("IDLE").await;
    // Without a keepalive, too.
    sleep(SECOND).await;
    sleeper.sleeps(MINUTE);
    assert_eq!(peer.after("NOOP NOOP").await, Duration::ZERO);
    peer.say("NOOP OK done\r\n").await;
    stage.program.raw(1, "CHECK");
    peer.expect("A2 CHECK").await;
    sleeper.sleeps(MINUTE);
    let woke = Instant::now();
    let (_peer, _) = stage.peers.next().await;
    assert!(woke.elapsed() >= 20 * SECOND && woke.elapsed() < 22 * SECOND);
    assert!(
        stage
            .program
            .saw("did not answer the command within 20 seconds")
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_waits_does_not_wait_longer_for_the_sleep() {
    let (mut stage, sleeper) = bed(r#"{"user":"waits","reconnect":true}"#);
    let (mut peer, _) = stage.live().await;
    peer.say("* BYE [LIMIT] too many\r\n").await;
    drop(peer);
    sleep(10 * SECOND).await;
    assert!(stage.program.saw("Throttled"));
    sleeper.sleeps(HOUR);
    let (_peer, took) = stage.live().await;
    assert!(took < SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn ages_go_on_while_the_machine_sleeps() {
    let json = r#"{"user":"age","reconnect":true,"rotate":{"maxSessionAge":14400000}}"#;
    let (mut stage, sleeper) = bed(json);
    let (mut peer, _) = stage.live().await;
    // Four hours, in naps of 20 minutes with a minute between.
    for _ in 0..12 {
        sleeper.sleeps(20 * MINUTE);
        peer.expect("DONE").await;
        if stage.program.saw("Rotating") {
            return;
        }
        peer.say("IDLE OK done\r\n").await;
        peer.expect("IDLE IDLE").await;
        peer.say("+ idling\r\n").await;
        sleep(MINUTE).await;
        if stage.program.saw("Rotating") {
            return;
        }
    }
    panic!("it does not move");
}

#[tokio::test(start_paused = true)]
async fn without_reconnect_a_dead_connection_is_found_out_before_it_is_an_error() {
    let (mut stage, sleeper) = bed(r#"{"user":"once"}"#);
    let (mut peer, _) = stage.live().await;
    sleeper.sleeps(8 * HOUR);
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    peer.expect("IDLE IDLE").await;
    peer.say("+ idling\r\n").await;
    sleeper.sleeps(8 * HOUR);
    peer.expect("DONE").await;
    let woke = Instant::now();
    let program = stage.over().await;
    assert_eq!(woke.elapsed(), 5 * SECOND);
    assert!(program.saw(code::DEADLINE));
    assert_eq!(program.count("Error("), 1);
}

/// P10: the wall clock may jump as it likes, because nobody here looks at it.
#[test]
fn p10_no_wall_clock_is_read() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in ["auth", "connection", "net", "options", "session", "wire"] {
        let mut folders = vec![root.join(room)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let name = concat!("System", "Time");
                assert!(!text.contains(name), "{} reads {name}", path.display());
            }
        }
    }
}
