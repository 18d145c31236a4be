//! Many sessions and one host.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{mpsc, watch};

use super::*;
use crate::error::{Error, Source};
use crate::net::Dialer;

/// A host with many sessions.
struct Crowd {
    /// When it was dialled.
    dialled: Arc<Mutex<Vec<Instant>>>,
    /// Whether it refuses everybody.
    is_down: Arc<AtomicBool>,
    /// Counted up to drop all connections.
    drops: watch::Sender<u32>,
    programs: Vec<Program>,
}

impl Crowd {
    fn new(host: &str, sessions: usize) -> Crowd {
        let (drops, dropped) = watch::channel(0);
        let crowd = Crowd {
            dialled: Arc::default(),
            is_down: Arc::default(),
            drops,
            programs: Vec::new(),
        };
        let (sender, mut peers) = mpsc::unbounded_channel::<Peer>();
        tokio::spawn(async move {
            while let Some(peer) = peers.recv().await {
                tokio::spawn(serve(peer, dropped.clone()));
            }
        });
        let (dialled, is_down) = (crowd.dialled.clone(), crowd.is_down.clone());
        let dialer = Dialer(Arc::new(move || {
            dialled.lock().unwrap().push(Instant::now());
            if is_down.load(Ordering::Relaxed) {
                return Err(Error::new(Source::Socket, "ECONNRESET", "read ECONNRESET"));
            }
            let (peer, stream) = Peer::pair();
            let _ = sender.send(peer);
            Ok(stream)
        }));
        let programs = (0..sessions).map(|number| {
            let json = format!(r#"{{"host":"{host}","user":"{number}","reconnect":true}}"#);
            let mut options = Options::from_json(&json).unwrap();
            options.dialer = Some(dialer.clone());
            let (program, controls) = Program::new(true);
            let sink = Box::new(program.clone());
            tokio::spawn(crate::session::run(options, controls, sink));
            program
        });
        let programs = programs.collect();
        Crowd { programs, ..crowd }
    }

    fn count(&self, what: &str) -> usize {
        let saw = |program: &&Program| program.saw(what);
        self.programs.iter().filter(saw).count()
    }

    /// How long it takes until so many sessions saw this.
    async fn until(&self, sessions: usize, what: &str) -> Duration {
        let began = Instant::now();
        while self.count(what) < sessions {
            sleep(SECOND).await;
            assert!(began.elapsed() < 3600 * SECOND, "{}", self.count(what));
        }
        began.elapsed()
    }

    /// No more than so many connections began within a second.
    fn assert_no_more_than(&self, most: usize) {
        let mut window = VecDeque::new();
        for at in self.dialled.lock().unwrap().iter() {
            window.push_back(*at);
            while window.front().is_some_and(|first| *at >= *first + SECOND) {
                window.pop_front();
            }
            assert!(window.len() <= most, "{}", window.len());
        }
    }

    fn forget(&self) {
        self.dialled.lock().unwrap().clear();
        for program in &self.programs {
            program.seen.lock().unwrap().events.clear();
        }
    }
}

/// Lets the session in and idles with it, until all are dropped.
async fn serve(mut peer: Peer, mut dropped: watch::Receiver<u32>) {
    dropped.mark_unchanged();
    peer.let_in("IDLE").await;
    loop {
        tokio::select! {
            line = peer.line() => match line.as_str() {
                "" => return,
                "IDLE IDLE" => peer.say("+ idling\r\n").await,
                "DONE" => peer.say("IDLE OK done\r\n").await,
                "NOOP NOOP" => peer.say("NOOP OK done\r\n").await,
                other => panic!("{other}"),
            },
            _ = dropped.changed() => return,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n23_a_thousand_that_are_reset_at_once_come_back_in_order() {
    let crowd = Crowd::new("reset.test", 1_000);
    assert!(crowd.until(1_000, "Ready").await <= 60 * SECOND);
    crowd.assert_no_more_than(20);
    sleep(600 * SECOND).await;
    crowd.forget();
    crowd.drops.send(1).unwrap();
    let took = crowd.until(1_000, "Reconnected").await;
    assert!(took <= 180 * SECOND, "{took:?}");
    assert_eq!(
        crowd.dialled.lock().unwrap().len(),
        1_000,
        "one attempt each"
    );
    crowd.assert_no_more_than(20);
}

#[tokio::test(start_paused = true)]
async fn f11_a_host_that_is_down_is_probed_and_its_return_is_no_stampede() {
    let crowd = Crowd::new("outage.test", 300);
    crowd.until(300, "Ready").await;
    sleep(600 * SECOND).await;
    crowd.forget();
    crowd.is_down.store(true, Ordering::Relaxed);
    crowd.drops.send(1).unwrap();
    sleep(3600 * SECOND).await;
    // One probe every 15 seconds, after those that showed that it is down.
    let probes = crowd.dialled.lock().unwrap().len();
    assert!((100..=3600 / 15 + 20).contains(&probes), "{probes}");

    crowd.is_down.store(false, Ordering::Relaxed);
    let took = crowd.until(300, "Reconnected").await;
    assert!(took >= 15 * SECOND && took <= 180 * SECOND, "{took:?}");
    crowd.assert_no_more_than(20);
}
