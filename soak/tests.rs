//! A smoke run, and the proof that each oracle can fail.

use super::*;
use crate::oracle::Oracle;
use crate::outcome::Outcome;
use crate::profile::{MORNING, SMOKE, WEEK_AMONG_STRANGERS};

const SEED: u64 = 20_261_124;

fn play(profile: Profile, level: Level, seed: u64, planted: Planted) -> Outcome {
    run::run(Settings {
        profile,
        level,
        seed,
        traced: None,
        planted,
    })
}

#[test]
fn a_day_of_a_few_accounts_pleases_the_oracles() {
    let day = |level| play(SMOKE, level, SEED, Planted::Nothing);
    assert!(outcome::print(&Level::ALL.map(day)));
}

#[test]
fn what_nobody_can_know_is_learned() {
    let day = Profile {
        accounts: 2,
        span: SMOKE.span,
        ..WEEK_AMONG_STRANGERS
    };
    let outcome = play(day, Level::Qresync, SEED, Planted::Nothing);
    assert!(outcome.expiries >= 2 * 3, "each has to see it");
    assert!(outcome::print(&[outcome]));
}

#[test]
fn a_seed_is_a_world() {
    let fingerprint = |seed| play(MORNING, Level::Plain, seed, Planted::Nothing).fingerprint();
    assert_eq!(fingerprint(SEED), fingerprint(SEED));
    assert_ne!(fingerprint(SEED), fingerprint(SEED + 1));
}

/// A client with this fault is found out, and by this oracle.
fn is_found(planted: Planted, oracle: Oracle) {
    is_found_in(MORNING, planted, oracle);
}

fn is_found_in(profile: Profile, planted: Planted, oracle: Oracle) {
    let outcome = play(profile, Level::Plain, SEED, planted);
    assert!(
        outcome.is_found_by(oracle),
        "{planted:?}: {:?}",
        outcome.findings
    );
}

#[test]
fn mail_that_is_lost_doubled_or_never_retracted_is_found() {
    is_found(Planted::LosesMail, Oracle::Truth);
    is_found(Planted::DoublesMail, Oracle::Truth);
    is_found(Planted::KeepsTheDead, Oracle::Truth);
    is_found(Planted::IgnoresFlags, Oracle::Truth);
}

#[test]
fn a_silent_client_is_found() {
    is_found(Planted::NeverAsks, Oracle::Silence);
}

#[test]
fn a_client_that_storms_is_found() {
    is_found(Planted::Storms, Oracle::Budget);
}

#[test]
fn a_client_that_waits_for_its_servers_end_is_found() {
    // Few connections live for an hour where something breaks each twenty minutes.
    is_found_in(SMOKE, Planted::NeverRotates, Oracle::Rotation);
}

#[test]
fn a_leak_is_found() {
    is_found(Planted::LeaksTasks, Oracle::Leaks);
}

#[test]
fn a_return_that_is_not_told_is_found() {
    is_found(Planted::ReturnsSilently, Oracle::Word);
}
