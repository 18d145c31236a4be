//! What became of a world: the line of the table, and what the oracles found.

use std::time::Duration;

use crate::oracle::{Finding, Oracle};
use crate::run::Settings;
use crate::watch::{Counts, Watch};
use crate::world::account::Books;

/// See the module.
pub(crate) struct Outcome {
    settings: Settings,
    counts: Counts,
    mails: u64,
    unseen: u64,
    logins: u64,
    pub(crate) expiries: u64,
    faults: u64,
    pub(crate) wall: Duration,
    pub(crate) processor: Duration,
    pub(crate) findings: Vec<Finding>,
}

const HEAD: [&str; 20] = [
    "profile",
    "level",
    "accounts",
    "days",
    "events",
    "mails",
    "announced",
    "unseen",
    "lost",
    "doubled",
    "faults",
    "reconnects",
    "rotations",
    "expiries",
    "silence s",
    "logins/day",
    "compared",
    "fingerprint",
    "cpu s",
    "wall s",
];

impl Outcome {
    pub(crate) fn new(settings: Settings) -> Outcome {
        Outcome {
            settings,
            counts: Counts::default(),
            mails: 0,
            unseen: 0,
            logins: 0,
            expiries: 0,
            faults: 0,
            wall: Duration::ZERO,
            processor: Duration::ZERO,
            findings: Vec::new(),
        }
    }

    /// One account more.
    pub(crate) fn add(&mut self, books: &Books, watch: &mut Watch) {
        self.mails += books.mails;
        self.unseen += books.unseen;
        self.logins += books.logins;
        self.expiries += books.expiries;
        self.faults += books.faults;
        let (all, one) = (&mut self.counts, watch.counts);
        all.events += one.events;
        all.announced += one.announced;
        all.lost += one.lost;
        all.doubled += one.doubled;
        all.reconnects += one.reconnects;
        all.rotations += one.rotations;
        all.resets += one.resets;
        all.compared += one.compared;
        all.longest_silence = all.longest_silence.max(one.longest_silence);
        all.fingerprint = all.fingerprint.rotate_left(1) ^ one.fingerprint;
        self.findings.append(&mut watch.findings);
    }

    /// The same for the same seed.
    pub(crate) fn fingerprint(&self) -> String {
        format!("{:016x}", self.counts.fingerprint)
    }

    /// Whether an oracle found something.
    #[cfg(test)]
    pub(crate) fn is_found_by(&self, oracle: Oracle) -> bool {
        self.findings.iter().any(|finding| finding.oracle == oracle)
    }

    fn row(&self) -> [String; 20] {
        let profile = self.settings.profile;
        let days = profile.span.as_secs_f64() / 86_400.0;
        let counts = &self.counts;
        [
            profile.name.to_owned(),
            self.settings.level.name().to_owned(),
            profile.accounts.to_string(),
            format!("{days:.0}"),
            counts.events.to_string(),
            self.mails.to_string(),
            counts.announced.to_string(),
            self.unseen.to_string(),
            counts.lost.to_string(),
            counts.doubled.to_string(),
            self.faults.to_string(),
            counts.reconnects.to_string(),
            counts.rotations.to_string(),
            self.expiries.to_string(),
            format!("{:.1}", counts.longest_silence.as_secs_f64()),
            format!("{:.1}", self.logins as f64 / profile.accounts as f64 / days),
            counts.compared.to_string(),
            self.fingerprint(),
            format!("{:.1}", self.processor.as_secs_f64()),
            format!("{:.1}", self.wall.as_secs_f64()),
        ]
    }
}

/// Prints the table of these, and how each of the oracles judges them. True if all are content.
pub(crate) fn print(outcomes: &[Outcome]) -> bool {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(outcomes.iter().map(Outcome::row));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:>width$}"))
            .collect();
        println!("{}", cells.join("  "));
    }
    println!();
    let findings = || outcomes.iter().flat_map(|outcome| &outcome.findings);
    for (oracle, number) in Oracle::ALL.into_iter().zip(1..) {
        let count = findings()
            .filter(|finding| finding.oracle == oracle)
            .count();
        let verdict = match count {
            0 => "holds".to_owned(),
            count => format!("BROKEN, {count} findings"),
        };
        println!("oracle {number} {}: {verdict}", oracle.name());
    }
    for finding in findings() {
        println!("{finding}");
    }
    findings().next().is_none()
}
