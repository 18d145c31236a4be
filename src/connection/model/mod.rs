//! The model check of resuming (resilience 2.19): random runs of the real protocol against a server
//! that changes all the time, over links that are cut and in processes that die. What a program is
//! told must be in order, once, complete and right; and each of seven mistakes must be noticed.
//!
//! `cargo test model` makes some hundred runs. The long one, 10,000 runs and 2,000 with each
//! mistake, is `npm run test:soak -- --profile model`. `MODEL_RUNS` and `MODEL_SEED` change the
//! number and the first seed; `MODEL_TRACE=1` shows what is said.

mod server;
mod session;
mod shadow;

use std::collections::BTreeMap;

use fastrand::Rng;

use server::{Level, Server};
use session::{Halt, Session};
use shadow::{Counts, Violation};

/// How many steps a run has.
const STEPS: u32 = 150;
/// A mistake is looked for in so many runs.
const RUNS_OF_A_MISTAKE: u64 = 60;

/// What the algorithm does wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    None,
    /// What is about to be handed over is not written down before.
    NoIntent,
    /// The cursor moves before the program has the events.
    CursorFirst,
    /// Messages with UIDs that are not above the last one are taken for new.
    AcceptOld,
    /// A modification sequence counts as soon as it is seen.
    ModseqEarly,
    /// Numbers come from the order of a search's result.
    MapBySearch,
    /// Numbers come from counting on from the last one.
    AppendToMap,
    /// UIDNEXT, and not the largest UID that was fetched, says what is new.
    BaselineUidnext,
}

const MISTAKES: [Mutation; 7] = [
    Mutation::NoIntent,
    Mutation::CursorFirst,
    Mutation::AcceptOld,
    Mutation::ModseqEarly,
    Mutation::MapBySearch,
    Mutation::AppendToMap,
    Mutation::BaselineUidnext,
];

/// One run; everything in it comes from the seed.
fn run(seed: u64, mutation: Mutation) -> Result<Counts, Violation> {
    let mut rng = Rng::with_seed(seed);
    let level = rng.choice([Level::None, Level::Condstore, Level::Qresync]);
    let mut server = Server::new(rng.fork(), level.unwrap_or(Level::None), mutation);
    let mut session = Session::new(rng.fork(), mutation);
    let mut is_up = false;
    let mut replaced = 0;
    for _ in 0..STEPS {
        let done = match is_up {
            false => session.connect(&mut server),
            true => step(&mut rng, &mut server, &mut session),
        };
        is_up = survives(done, &mut session)?;
        while !is_up && rng.u32(0..3) == 0 {
            server.change();
        }
        if !is_up && session.shadow.is_known && rng.u32(0..25) == 0 {
            server.replace();
            replaced += 1;
        }
    }
    server.is_busy = false;
    session.is_stormy = false;
    if is_up {
        let done = cut_in_the_middle(&mut server, &mut session);
        is_up = survives(done, &mut session)?;
    }
    for _ in 0..3 {
        let done = match is_up {
            false => session.connect(&mut server),
            true => calm(&mut server, &mut session),
        };
        is_up = survives(done, &mut session)?;
    }
    settled(&mut session, &server, replaced)?;
    Ok(session.shadow.counts)
}

fn step(rng: &mut Rng, server: &mut Server, session: &mut Session) -> Result<(), Halt> {
    match rng.u32(0..20) {
        0..8 => server.change(),
        8..13 => tell(server, session)?,
        13 => session.submit(r#"{"kind":"raw","text":"UID FETCH 1:* (FLAGS)"}"#),
        14 => {
            let uid = rng.u32(1..20);
            session.submit(&format!(
                r#"{{"kind":"raw","text":"UID STORE {uid} +FLAGS (x)"}}"#
            ));
        }
        15 => {
            let uid = rng.u32(1..30);
            session.submit(&format!(r#"{{"kind":"raw","text":"UID EXPUNGE {uid}"}}"#));
        }
        16 => session.submit(r#"{"kind":"raw","text":"CHECK"}"#),
        17 => return Err(Halt::Cut),
        18 if rng.bool() => return Err(Halt::Crash),
        // Rotation: everything was answered, and another link goes on.
        _ => {
            session.pump(server)?;
            return Err(Halt::Cut);
        }
    }
    session.pump(server)
}

fn tell(server: &mut Server, session: &mut Session) -> Result<(), Halt> {
    for response in server.push() {
        session.receive(&response, server)?;
    }
    Ok(())
}

/// The server tells of flags, and does not come to an end.
fn cut_in_the_middle(server: &mut Server, session: &mut Session) -> Result<(), Halt> {
    session.pump(server)?;
    server.flag();
    let said = server.push();
    for response in said.iter().take(said.len() / 2) {
        session.receive(response, server)?;
    }
    Err(Halt::Cut)
}

/// Nothing changes any more, and everything is told.
fn calm(server: &mut Server, session: &mut Session) -> Result<(), Halt> {
    tell(server, session)?;
    session.pump(server)
}

fn survives(done: Result<(), Halt>, session: &mut Session) -> Result<bool, Violation> {
    match done {
        Ok(()) => return Ok(true),
        Err(Halt::Violation(violation)) => return Err(violation),
        Err(Halt::Crash) => session.crash(),
        Err(Halt::Cut) => {}
    }
    Ok(false)
}

/// The session, the program and the server agree.
fn settled(session: &mut Session, server: &Server, replaced: u32) -> Result<(), Violation> {
    session.shadow.is_right(server)?;
    if session.shadow.resets > replaced {
        return Err(format!("{} resets of {replaced}", session.shadow.resets));
    }
    let known = session.remembered().ok_or("nothing is open")?;
    for (at, message) in server.messages.iter().enumerate() {
        let digest = super::roll::digest(message.flags().into_iter());
        if known.flags().get(at) != Some(&digest) {
            return Err(format!("FLAGS of {} are not known", message.uid));
        }
    }
    Ok(())
}

/// So many runs; stops at the first violation.
fn check(first: u64, runs: u64) {
    let mut total = Counts::default();
    for seed in first..first + runs {
        let counts = run(seed, Mutation::None);
        let counts = counts.unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
        total.new += counts.new;
        total.gone += counts.gone;
        total.again += counts.again;
    }
    println!(
        "model: seeds {first} to {}: {} new, {} expunged, {} told again after a crash, 0 violations",
        first + runs - 1,
        total.new,
        total.gone,
        total.again
    );
    assert!(total.new > 10 * runs && total.gone > 5 * runs && total.again > 0);
}

#[test]
fn whatever_happens_everything_is_told_once() {
    check(1, 100);
}

#[test]
fn each_mistake_is_noticed() {
    check_mistakes(1, RUNS_OF_A_MISTAKE);
}

fn check_mistakes(first: u64, runs: u64) {
    for mistake in MISTAKES {
        let mut violations: BTreeMap<String, u32> = BTreeMap::new();
        let mut example = None;
        for seed in first..first + runs {
            if let Err(violation) = run(seed, mistake) {
                let kind = violation.split([' ', ':']).next().unwrap_or_default();
                *violations.entry(kind.to_owned()).or_default() += 1;
                example.get_or_insert((seed, violation));
            }
        }
        let caught: u32 = violations.values().sum();
        println!("model: {mistake:?} is noticed in {caught} of {runs} runs {violations:?}");
        let (seed, violation) = example.unwrap_or_else(|| panic!("{mistake:?} is not noticed"));
        println!("    first with seed {seed}: {violation}");
    }
}

#[test]
#[ignore = "long: see the module"]
fn model_soak() {
    let number = |name: &str, otherwise: u64| {
        let value = std::env::var(name).ok();
        value.map_or(otherwise, |value| value.parse().unwrap())
    };
    let first = number("MODEL_SEED", 1_000_000);
    let runs = number("MODEL_RUNS", 10_000);
    check(first, runs);
    check_mistakes(first, runs.div_ceil(5));
}
