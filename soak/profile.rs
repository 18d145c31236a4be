//! How long, how many, and how often: the three worlds of resilience 3.5, and one of strangers.

use std::time::Duration;

use crate::world::provider::{KNOWN, Provider, STRANGERS};
use crate::world::weather::Climate;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A world to live in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    pub(crate) accounts: usize,
    /// Accounts are dealt out to these in turn.
    pub(crate) providers: &'static [Provider],
    /// The provider of the first account, by its number; the others follow in turn.
    pub(crate) first_provider: usize,
    pub(crate) span: Duration,
    pub(crate) climate: Climate,
    /// How often each shadow is held against its server.
    pub(crate) look: Duration,
    /// How often each program asks something.
    pub(crate) question: Duration,
    /// How often a provider is away for an hour.
    pub(crate) outages: u32,
    /// How often the UIDVALIDITY of each account changes.
    pub(crate) renumberings: u32,
    /// How often the machine of the clients sleeps, and how long.
    pub(crate) sleeps: u32,
    pub(crate) sleep: Duration,
    /// The mailbox's UIDs and MODSEQs begin here.
    pub(crate) first_uid: u32,
    pub(crate) first_modseq: u64,
}

/// Many accounts, and much trouble.
pub(crate) const DAY_OF_MANY: Profile = Profile {
    name: "day",
    accounts: 200,
    providers: &KNOWN,
    first_provider: 0,
    span: DAY,
    climate: Climate {
        mail: MINUTE.saturating_mul(2),
        expunge: MINUTE.saturating_mul(4),
        flag: MINUTE.saturating_mul(5),
        fault: Some(MINUTE.saturating_mul(20)),
        kept: 60,
    },
    look: MINUTE,
    question: HOUR,
    outages: 1,
    renumberings: 1,
    sleeps: 2,
    sleep: MINUTE.saturating_mul(40),
    first_uid: 1,
    first_modseq: 1,
};

/// What a listener lives through in a month.
pub(crate) const MONTH: Profile = Profile {
    name: "month",
    accounts: 100,
    span: DAY.saturating_mul(30),
    climate: Climate {
        mail: MINUTE.saturating_mul(10),
        expunge: MINUTE.saturating_mul(15),
        flag: MINUTE.saturating_mul(20),
        fault: Some(HOUR.saturating_mul(6)),
        kept: 60,
    },
    look: MINUTE.saturating_mul(10),
    question: HOUR.saturating_mul(4),
    outages: 2,
    sleeps: 10,
    sleep: HOUR.saturating_mul(8),
    ..DAY_OF_MANY
};

/// One listener for a year: counters. UIDs run up to the last that there is, and begin anew.
pub(crate) const YEAR: Profile = Profile {
    name: "year",
    accounts: 1,
    first_provider: 1,
    span: DAY.saturating_mul(365),
    climate: Climate {
        fault: Some(DAY),
        ..MONTH.climate
    },
    look: MINUTE.saturating_mul(10),
    question: SECOND.saturating_mul(30),
    outages: 4,
    renumberings: 0,
    sleeps: 100,
    first_uid: u32::MAX - 40_000,
    first_modseq: u32::MAX as u64 - 20_000,
    ..MONTH
};

/// A week with servers whose sessions have an age that nobody knows: three of them end, and then no
/// more.
pub(crate) const WEEK_AMONG_STRANGERS: Profile = Profile {
    name: "strangers",
    accounts: 20,
    providers: &STRANGERS,
    span: DAY.saturating_mul(7),
    sleeps: 2,
    ..MONTH
};

/// A day of one account of each provider, for the tests.
#[cfg(test)]
pub(crate) const SMOKE: Profile = Profile {
    name: "smoke",
    accounts: 7,
    climate: Climate {
        fault: Some(HOUR),
        ..MONTH.climate
    },
    look: MINUTE.saturating_mul(5),
    sleeps: 1,
    ..DAY_OF_MANY
};

/// A morning with a lot of trouble.
#[cfg(test)]
pub(crate) const MORNING: Profile = Profile {
    name: "morning",
    accounts: 3,
    span: HOUR.saturating_mul(6),
    look: MINUTE,
    outages: 0,
    sleeps: 0,
    renumberings: 0,
    ..DAY_OF_MANY
};

impl Profile {
    pub(crate) const ALL: [Profile; 4] = [DAY_OF_MANY, MONTH, YEAR, WEEK_AMONG_STRANGERS];
}
