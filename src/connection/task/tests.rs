//! Deadlines and cadences, with a scripted server in memory and a clock that stands still until
//! everybody waits for it.

use std::io::Write;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::TryRecvError;
use std::task::{Context, Wake};
use std::time::Duration;

use tokio::io::AsyncBufReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::super::timer::*;
use super::*;
use crate::connection::BODY_WINDOW_BYTES;
use crate::event::RequestId;
use crate::testing::{DAY, EVER, Peer, Program, SECOND, lock_step};

/// A connection and the server that it talks to.
struct Stage {
    peer: Peer,
    program: Program,
    task: JoinHandle<Exit>,
}

impl Deref for Stage {
    type Target = Peer;

    fn deref(&self) -> &Peer {
        &self.peer
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Peer {
        &mut self.peer
    }
}

impl Stage {
    fn new(options: &str, settles: bool) -> Stage {
        let options = lock_step(options);
        let (peer, stream) = Peer::pair();
        let (program, mut controls) = Program::new(settles);
        let sink = Box::new(program.clone());
        let task = tokio::spawn(async move {
            let mut protocol = Protocol::new(&options, Legacy::new(sink), Instant::now());
            let link = connected(stream, &options, &mut protocol);
            let (mut line, _handle) = crate::connection::line();
            let mut requests = Requests {
                controls: &mut controls,
                held: Vec::new(),
            };
            live(
                link,
                Some(&options),
                &mut requests,
                &mut line,
                &mut protocol,
            )
            .await
        });
        Stage {
            peer,
            program,
            task,
        }
    }

    /// A connection that is logged in; the server has these capabilities.
    async fn ready(options: &str, capabilities: &str, settles: bool) -> Stage {
        let mut stage = Stage::new(options, settles);
        stage.let_in(capabilities).await;
        stage
    }

    fn submit(&self, request: RequestId, json: &str) {
        self.program.submit(request, json);
    }

    fn raw(&self, request: RequestId, text: &str) {
        self.program.raw(request, text);
    }

    fn control(&self, control: Control) {
        self.program.control(control);
    }

    fn saw(&self, what: &str) -> bool {
        self.program.saw(what)
    }

    fn body_bytes(&self) -> usize {
        self.program.body_bytes()
    }

    /// How the connection ends, and how long that takes.
    async fn exit(&mut self) -> (Exit, Duration) {
        let began = Instant::now();
        let exit = timeout(EVER, &mut self.task).await;
        (exit.expect("it does not end").unwrap(), began.elapsed())
    }

    async fn dies(&mut self, code: &str) -> Duration {
        match self.exit().await {
            (Exit::Failed(error), took) => {
                assert_eq!(error.code, code, "{error}");
                took
            }
            (other, _) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn idle_comes_at_once_and_is_renewed_for_a_month() {
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    assert_eq!(stage.after("IDLE IDLE").await, Duration::ZERO);
    let began = Instant::now();
    let mut renewals = 0;
    while began.elapsed() < 30 * DAY {
        stage.say("+ idling\r\n").await;
        assert_eq!(stage.after("DONE").await, 300 * SECOND);
        stage.say("IDLE OK done\r\n").await;
        assert_eq!(stage.after("IDLE IDLE").await, Duration::ZERO);
        renewals += 1;
    }
    assert_eq!(renewals, 30 * 24 * 12);
}

/// Wakes a thread that polls by itself.
struct Unparker(std::thread::Thread);

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A thread that is not the runtime's may be JavaScript's.
#[test]
fn a_server_that_never_stops_talking_does_not_keep_a_thread() {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
    let _context = runtime.enter();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let ours = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut theirs, _) = listener.accept().unwrap();
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let talking = std::thread::spawn(move || {
        let noise = "* OK noise\r\n".repeat(10_000);
        let began = std::time::Instant::now();
        let is_patient = || began.elapsed() < Duration::from_secs(10);
        while is_patient() && is_done.try_recv() == Err(TryRecvError::Empty) {
            if theirs.write_all(noise.as_bytes()).is_err() {
                break;
            }
        }
        is_patient()
    });

    ours.set_nonblocking(true).unwrap();
    let ours = net::Stream::Plain(TcpStream::from_std(ours).unwrap());
    let options = lock_step("{}");
    let (program, mut controls) = Program::new(true);
    let legacy = Legacy::new(Box::new(program.clone()));
    let mut protocol = Protocol::new(&options, legacy, Instant::now());
    let mut link = Link::new(ours, &options);
    let (mut line, _handle) = crate::connection::line();
    let mut serving =
        Box::pin(async move { serve(&mut link, &mut controls, &mut line, &mut protocol).await });
    let waker = Arc::new(Unparker(std::thread::current())).into();
    for _ in 0..10 {
        let poll = serving.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(poll.is_pending(), "{poll:?}");
        std::thread::park();
    }
    drop((serving, done));
    assert!(
        talking.join().unwrap(),
        "a poll came back only when nothing more came"
    );
}

#[tokio::test(start_paused = true)]
async fn without_idle_or_with_force_noop_there_is_a_noop_each_interval() {
    let forced = r#"{"keepalive":{"forceNoop":true,"interval":7000}}"#;
    for (options, capabilities, seconds) in [("{}", "", 10), (forced, "IDLE", 7)] {
        let mut stage = Stage::ready(options, capabilities, true).await;
        assert_eq!(stage.after("NOOP NOOP").await, Duration::ZERO);
        for _ in 0..1000 {
            stage.say("NOOP OK done\r\n").await;
            assert_eq!(stage.after("NOOP NOOP").await, seconds * SECOND);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_idle_done_or_noop_is_the_end() {
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    assert_eq!(stage.dies(code::DEADLINE).await, IDLE_CONTINUATION_DEADLINE);

    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    stage.say("+ idling\r\n").await;
    stage.expect("DONE").await;
    // News are no answer, and a second `+` is none.
    stage.say("* 1 EXISTS\r\n+ what\r\n").await;
    assert_eq!(stage.dies(code::DEADLINE).await, DONE_DEADLINE);

    let mut stage = Stage::ready("{}", "", true).await;
    stage.expect("NOOP NOOP").await;
    stage.say("* 1 EXISTS\r\n").await;
    assert_eq!(stage.dies(code::DEADLINE).await, NOOP_DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn a_command_ends_idle_and_idle_comes_back_after_it() {
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    // Before the `+`, DONE must wait.
    stage.raw(1, "CHECK");
    sleep(SECOND).await;
    stage.say("+ idling\r\n").await;
    assert_eq!(stage.after("DONE").await, Duration::ZERO);
    stage.say("IDLE OK done\r\n").await;
    stage.expect("A2 CHECK").await;
    stage.say("A2 OK done\r\n").await;
    assert_eq!(stage.after("IDLE IDLE").await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_refused_idle_becomes_a_slow_poll_and_never_a_loop() {
    for answer in [
        "IDLE NO not today",
        "IDLE BAD what",
        "IDLE OK ended at once",
    ] {
        let mut stage = Stage::ready("{}", "IDLE", true).await;
        stage.expect("IDLE IDLE").await;
        let began = Instant::now();
        let (mut idles, mut noops) = (1, 0);
        stage.say(&format!("{answer}\r\n")).await;
        while began.elapsed() < 600 * SECOND {
            match stage.line().await.as_str() {
                "NOOP NOOP" => noops += 1,
                "IDLE IDLE" => idles += 1,
                line => panic!("{line}"),
            }
            stage.say("NOOP OK done\r\n").await;
        }
        assert!(
            idles <= 2 && (15..=21).contains(&noops),
            "{answer}: {idles} {noops}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_idle_by_itself_is_asked_again_later() {
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    for _ in 0..100 {
        stage.say("+ idling\r\nIDLE OK enough\r\n").await;
        assert_eq!(stage.after("IDLE IDLE").await, 10 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_that_does_not_settle_is_kept_alive_all_the_same() {
    let mut stage = Stage::ready("{}", "IDLE", false).await;
    assert_eq!(stage.after("IDLE IDLE").await, 10 * SECOND);

    let mut stage = Stage::ready("{}", "IDLE", false).await;
    stage.control(Control::Settled { completions: 1 });
    assert_eq!(stage.after("IDLE IDLE").await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_silent_command_is_the_end_and_every_byte_renews_it() {
    for settles in [true, false] {
        let mut stage = Stage::ready(r#"{"keepalive":false}"#, "", settles).await;
        stage.raw(1, "CHECK");
        stage.expect("A2 CHECK").await;
        assert_eq!(stage.dies(code::DEADLINE).await, COMMAND_SILENCE);
    }
    // With keepalive, too; and nothing else is due meanwhile.
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.raw(1, "CHECK");
    let first = stage.line().await;
    if first == "IDLE IDLE" {
        stage.say("+ idling\r\n").await;
        stage.expect("DONE").await;
        stage.say("IDLE OK done\r\n").await;
        stage.expect("A2 CHECK").await;
    }
    for _ in 0..10 {
        sleep(COMMAND_SILENCE - SECOND).await;
        stage.say("* OK still at it\r\n").await;
    }
    assert_eq!(stage.dies(code::DEADLINE).await, COMMAND_SILENCE);
}

#[tokio::test(start_paused = true)]
async fn a_slow_upload_is_no_silence() {
    let mut stage = Stage::ready(r#"{"keepalive":false}"#, "", true).await;
    let text = "x".repeat(1_000_000);
    stage.raw(1, &text);
    let began = Instant::now();
    let mut taken = 0;
    // What fits into the pipe is written already.
    while taken + 100_000 < text.len() {
        sleep(100 * SECOND).await;
        let bytes = stage.stream.fill_buf().await.unwrap().len();
        stage.stream.consume(bytes);
        taken += bytes;
    }
    assert!(began.elapsed() > 3 * COMMAND_SILENCE);
    assert!(!stage.task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn logout_is_bounded_whatever_the_server_does() {
    let mut stage = Stage::ready(r#"{"keepalive":false}"#, "", true).await;
    stage.submit(1, r#"{"kind":"logout"}"#);
    stage.expect("A2 LOGOUT").await;
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Local), "{exit:?}");
    assert_eq!(took, LOGOUT_DEADLINE);

    let mut stage = Stage::ready(r#"{"keepalive":false}"#, "", true).await;
    stage.submit(1, r#"{"kind":"logout"}"#);
    stage.expect("A2 LOGOUT").await;
    // So much is said that the program falls behind: that is no reason to stay.
    stage.program.is_full.store(true, Ordering::Relaxed);
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Local), "{exit:?}");
    assert_eq!(took, LOGOUT_DEADLINE);

    let mut stage = Stage::ready(r#"{"keepalive":false}"#, "", true).await;
    stage.submit(1, r#"{"kind":"logout"}"#);
    stage.expect("A2 LOGOUT").await;
    stage.say("* BYE\r\nA2 OK bye\r\n").await;
    stage.expect("").await;
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Local), "{exit:?}");
    assert_eq!(took, CLOSE_GRACE);
}

#[tokio::test(start_paused = true)]
async fn an_orderly_end_is_bounded_behind_idle_and_noop_and_brings_no_error() {
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    stage.say("+ idling\r\n").await;
    stage.submit(1, r#"{"kind":"logout"}"#);
    stage.expect("DONE").await;
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Local), "{exit:?}");
    assert_eq!(took, LOGOUT_DEADLINE);

    let mut stage = Stage::ready("{}", "", true).await;
    stage.expect("NOOP NOOP").await;
    stage.submit(1, r#"{"kind":"logout"}"#);
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Local), "{exit:?}");
    assert_eq!(took, LOGOUT_DEADLINE);

    let options = r#"{"socketTimeout":1000,"keepalive":false}"#;
    let mut stage = Stage::ready(options, "", true).await;
    stage.submit(1, r#"{"kind":"logout"}"#);
    stage.expect("A2 LOGOUT").await;
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Local), "{exit:?}");
    assert_eq!(took, LOGOUT_DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn after_bye_the_connection_ends_with_or_without_the_server() {
    let mut stage = Stage::ready("{}", "IDLE", true).await;
    stage.expect("IDLE IDLE").await;
    stage.say("+ idling\r\n* BYE enough\r\n").await;
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Closed { bye: Some(bye) } if bye.text == "enough"));
    assert_eq!(took, CLOSE_GRACE);
}

#[tokio::test(start_paused = true)]
async fn what_comes_together_with_the_last_answer_of_the_login_is_heard() {
    let mut stage = Stage::new(r#"{"keepalive":false}"#, true);
    stage.say("* PREAUTH hello\r\n").await;
    stage.expect("A0 CAPABILITY").await;
    stage.say("* CAPABILITY IMAP4rev1\r\nA0 OK done\r\n").await;
    stage.expect("A1 LIST \"\" \"\"").await;
    stage.say("A1 OK done\r\n* OK [ALERT] look\r\n").await;
    sleep(SECOND).await;
    assert!(stage.saw("Alert"));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_login_lasts_until_ready() {
    for (step, answer) in [
        ("", ""),
        ("A0 CAPABILITY", ""),
        (
            "A1 NAMESPACE",
            "* CAPABILITY IMAP4rev1 NAMESPACE\r\nA0 OK done\r\n",
        ),
        (
            "A1 LIST \"\" \"\"",
            "* CAPABILITY IMAP4rev1\r\nA0 OK done\r\n",
        ),
    ] {
        let mut stage = Stage::new(r#"{"authTimeout":4000}"#, true);
        if !step.is_empty() {
            stage.say("* PREAUTH hello\r\n").await;
            stage.expect("A0 CAPABILITY").await;
            stage.say(answer).await;
        }
        if !answer.is_empty() {
            stage.expect(step).await;
        }
        assert_eq!(stage.dies(code::AUTHENTICATION_TIMEOUT).await, 4 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_timeout_counts_from_the_last_byte_and_not_while_we_do_not_read() {
    let options = r#"{"socketTimeout":30000,"keepalive":false}"#;
    let mut stage = Stage::ready(options, "", true).await;
    sleep(20 * SECOND).await;
    stage.say("* OK hello\r\n").await;
    assert_eq!(stage.dies(code::SOCKET_TIMEOUT).await, 30 * SECOND);

    let mut stage = Stage::ready(options, "", true).await;
    sleep(SECOND).await;
    stage.program.is_full.store(true, Ordering::Relaxed);
    sleep(DAY).await;
    assert!(!stage.task.is_finished());
    stage.program.is_full.store(false, Ordering::Relaxed);
    stage.program.space.notify_one();
    assert!(stage.dies(code::SOCKET_TIMEOUT).await <= 30 * SECOND);

    // An orderly end brings no new error.
    let mut stage = Stage::ready(r#"{"socketTimeout":1000,"keepalive":false}"#, "", true).await;
    stage.say("* BYE enough\r\n").await;
    let (exit, took) = stage.exit().await;
    assert!(matches!(exit, Exit::Closed { .. }), "{exit:?}");
    assert_eq!(took, CLOSE_GRACE);
}

#[tokio::test(start_paused = true)]
async fn a_blocked_program_is_not_a_dead_server() {
    let mut stage = Stage::ready("{}", "", true).await;
    stage.expect("NOOP NOOP").await;
    stage.program.is_full.store(true, Ordering::Relaxed);
    stage.say("NOOP OK done\r\n").await;
    sleep(10 * NOOP_DEADLINE).await;
    assert!(!stage.task.is_finished());
    stage.program.is_full.store(false, Ordering::Relaxed);
    stage.program.space.notify_one();
    stage.expect("NOOP NOOP").await;
}

/// A connection whose FETCH has a body of this size, which the server sends.
async fn large_body(size: usize) -> (Stage, JoinHandle<Peer>) {
    let mut stage = Stage::ready(r#"{"keepalive":false}"#, "", true).await;
    stage.submit(
        1,
        r#"{"kind":"fetch","uid":true,"set":[1],"options":{"bodies":[""]}}"#,
    );
    assert!(stage.line().await.starts_with("A2 UID FETCH 1 ("));
    let nobody = Peer::pair().0;
    let mut server = std::mem::replace(&mut stage.peer, nobody);
    let sending = tokio::spawn(async move {
        let head = format!("* 1 FETCH (UID 1 BODY[] {{{size}}}\r\n");
        server.say(&head).await;
        server.say(&"x".repeat(size)).await;
        let tail = " FLAGS () INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\nA2 OK done\r\n";
        server.say(tail).await;
        server
    });
    (stage, sending)
}

#[tokio::test(start_paused = true)]
async fn a_body_waits_for_its_reader_until_another_command_waits_for_the_body() {
    let size = 4 * BODY_WINDOW_BYTES as usize;
    let (mut stage, sending) = large_body(size).await;
    sleep(SECOND).await;
    let held = stage.body_bytes();
    assert!(
        held >= BODY_WINDOW_BYTES as usize && held < size / 2,
        "{held}"
    );

    let body = stage.program.seen.lock().unwrap().body.unwrap();
    stage.control(Control::Credit {
        body,
        bytes: 500_000,
    });
    sleep(SECOND).await;
    assert!(stage.body_bytes() >= held + 400_000 && stage.body_bytes() < size / 2 + 500_000);

    let began = Instant::now();
    stage.raw(2, "CHECK");
    stage.peer = sending.await.unwrap();
    stage.expect("A3 CHECK").await;
    assert_eq!(began.elapsed(), STALLED_READER);
    assert_eq!(stage.body_bytes(), size);
}

#[tokio::test(start_paused = true)]
async fn a_body_whose_reader_waits_for_the_end_of_the_fetch_is_buffered() {
    let size = 4 * BODY_WINDOW_BYTES as usize;
    let (stage, sending) = large_body(size).await;
    // As long as something is taken now and then, it is read.
    for _ in 0..5 {
        sleep(LONE_READER - SECOND).await;
        let body = stage.program.seen.lock().unwrap().body.unwrap();
        stage.control(Control::Credit { body, bytes: 1 });
    }
    assert!(stage.body_bytes() < size / 2);
    let began = Instant::now();
    let _server = sending.await.unwrap();
    assert_eq!(began.elapsed(), LONE_READER);
    sleep(SECOND).await;
    assert_eq!(stage.body_bytes(), size);
    assert!(stage.saw("Done"));
}

#[tokio::test(start_paused = true)]
async fn destroy_during_a_body_ends_at_once() {
    let mut stage = Stage::ready(r#"{"keepalive":false}"#, "", true).await;
    stage.submit(
        1,
        r#"{"kind":"fetch","uid":true,"set":[1],"options":{"bodies":[""]}}"#,
    );
    stage.line().await;
    stage.say("* 1 FETCH (UID 1 BODY[] {100}\r\nabc").await;
    sleep(SECOND).await;
    assert!(stage.saw("BodyBegin"));
    stage.control(Control::Destroy);
    assert!(matches!(stage.exit().await, (Exit::Local, Duration::ZERO)));
}

mod liveness;
mod pipeline;
