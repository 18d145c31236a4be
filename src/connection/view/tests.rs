//! A large mailbox is found again (resilience 3.2, S26).

use super::*;
use crate::event::Activity;
use crate::wire::token::tape;

/// How many messages there were.
const BEFORE: u32 = 1_000_000;
/// How many of them are gone.
const GONE: u32 = 40;
/// The most round trips for each.
const MOST_ROUND_TRIPS: u32 = 25;
/// The most memory that the mailbox takes meanwhile.
const MOST_BYTES: usize = 20_000_000;

/// Counts what it is told.
#[derive(Default)]
struct Counter {
    expunged: Vec<u32>,
    arrived: Vec<u32>,
}

impl EventSink for Counter {
    fn emit(&mut self, event: &Event<'_>) {
        match event {
            Event::Expunge { uid, .. } => self.expunged.extend(uid),
            Event::Arrived { uids, .. } => self.arrived.extend(uids),
            _ => {}
        }
    }

    fn flush(&mut self) {}

    fn is_full(&self) -> bool {
        false
    }

    fn space(&self) -> std::sync::Arc<tokio::sync::Notify> {
        Default::default()
    }

    fn show(&mut self, _: Activity) {}
}

/// The facts of a SELECT.
fn facts(uid_next: u32, modseq: u64) -> Facts {
    Facts {
        uid_validity: Some(7),
        uid_next: Some(uid_next),
        modseq: facts::Modseq::of(Some(modseq)),
        is_sticky: true,
    }
}

fn row(view: &mut View, seqno: u32, uid: u32) {
    let text = format!("UID {uid}");
    let tape = tape(text.as_bytes());
    view.row(seqno, Nodes::new(text.as_bytes(), &tape));
}

#[test]
fn s26_forty_of_a_million_are_found_in_few_round_trips_and_little_memory() {
    let mut roll = Roll::of(BEFORE);
    for seqno in 1..=BEFORE {
        roll.name(seqno, Some(seqno * 3), Some(1));
    }
    roll.answered(BEFORE);
    let is_gone = |uid: u32| uid % 75_000 == 30_000;
    let mut now: Vec<u32> = (1..=BEFORE)
        .map(|n| n * 3)
        .filter(|uid| !is_gone(*uid))
        .collect();
    assert_eq!(BEFORE - now.len() as u32, GONE);
    now.push(BEFORE * 3 + 9);

    let mut sink = Counter::default();
    let mut view = View::new(true);
    let parameter = view.restore(Remembered {
        name: "in".to_owned(),
        read_only: true,
        facts: facts(BEFORE * 3 + 1, 5),
        total: BEFORE,
        roll: Some(roll),
        is_reset_told: false,
    });
    assert_eq!(parameter, None);
    view.exists(now.len() as u32, &mut sink);
    view.facts = facts(BEFORE * 3 + 20, 9);

    let changes = "FETCH 1:* (UID FLAGS) (CHANGEDSINCE 5)";
    assert_eq!(view.question().as_deref(), Some(changes));
    row(&mut view, now.len() as u32, BEFORE * 3 + 9);
    let mut round_trips = 1;
    let mut most = view.bytes();
    while let Some(question) = view.question() {
        let places = question
            .strip_prefix("FETCH ")
            .and_then(|it| it.strip_suffix(" (UID)"));
        for place in places.expect(&question).split(',') {
            let place: u32 = place.parse().unwrap();
            row(&mut view, place, now[place as usize - 1]);
        }
        assert!(question.len() < 8_000);
        round_trips += 1;
        most = most.max(view.bytes());
    }
    view.restored(&mut sink);
    assert!(round_trips <= MOST_ROUND_TRIPS, "{round_trips} round trips");
    assert!(most <= MOST_BYTES, "{most} bytes");
    let gone: Vec<u32> = (1..=BEFORE * 3).filter(|uid| is_gone(*uid)).rev().collect();
    assert_eq!(sink.expunged, gone);
    assert_eq!(sink.arrived, [BEFORE * 3 + 9]);
    assert_eq!(view.resumption().means, Some("condstore"));
    assert_eq!(view.roll.unwrap().uids(), now);
}
