//! Runs many inputs and says what became of them.

use std::fmt;
use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::random::Random;
use crate::script;
use crate::stage::{Script, play};
use crate::transcripts::Answer;

/// The most memory that a run may have taken at any time, in bytes.
const MAX_RESIDENT: u64 = 200 * 1000 * 1000;
/// So many faults are enough to look at.
const MAX_FAULTS: usize = 10;

/// What became of a run.
#[derive(Default)]
pub(crate) struct Outcome {
    what: &'static str,
    seed: u64,
    count: u64,
    bytes: u64,
    panics: usize,
    differing: usize,
    time: Duration,
    /// The first faults, each with the input that shows it.
    pub(crate) faults: Vec<String>,
}

impl Outcome {
    /// Success if there was no fault, and memory stayed bounded.
    pub(crate) fn code(&self) -> ExitCode {
        match self.faults.is_empty() && peak_resident().is_none_or(|peak| peak < MAX_RESIDENT) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }

    fn begin(what: &'static str, seed: u64) -> Outcome {
        Outcome {
            what,
            seed,
            ..Outcome::default()
        }
    }

    /// Plays one script as a whole and cut; the cuts come from `random`.
    fn check(&mut self, script: &Script, name: &str, random: &mut Random) {
        self.count += 1;
        self.bytes += script
            .steps
            .iter()
            .map(|step| step.says.len() as u64)
            .sum::<u64>();
        let sizes = [1, 2 + random.below(6), 20 + random.below(300)];
        let size = random.pick(&sizes);
        let played = catch_unwind(AssertUnwindSafe(|| {
            let whole = play(script, |left| left);
            let cut = play(script, |_| 1 + random.below(size));
            whole.differs(&cut)
        }));
        match played {
            Ok(None) => {}
            Ok(Some(difference)) => {
                self.differing += 1;
                self.fault(name, script, &difference);
            }
            Err(_) => {
                self.panics += 1;
                self.fault(name, script, "a panic; its text is above");
            }
        }
    }

    fn fault(&mut self, name: &str, script: &Script, what: &str) {
        let says = script.steps.iter().map(|step| {
            let text = step.says.escape_ascii();
            format!("  {}\n    {text}", step.request.unwrap_or("no request"))
        });
        let says = says.collect::<Vec<_>>().join("\n");
        self.faults
            .push(format!("{name}: {what}\n{}\n{says}", script.options));
    }
}

/// Random inputs: these numbers of them.
pub(crate) fn inputs(answers: &[Answer], seed: u64, numbers: Range<u64>) -> Outcome {
    let mut outcome = Outcome::begin("inputs", seed);
    let begin = Instant::now();
    for number in numbers {
        let script = script::input(answers, seed, number);
        let name = format!("--seed {seed} --first {number} --inputs 1");
        outcome.check(&script, &name, &mut Random::of(!seed, number));
        if outcome.faults.len() >= MAX_FAULTS {
            break;
        }
    }
    outcome.time = begin.elapsed();
    outcome
}

/// Transcripts as they are, one after the other, cut in so many ways.
pub(crate) fn splits(answers: &[Answer], seed: u64, count: u64) -> Outcome {
    let mut outcome = Outcome::begin("splits", seed);
    let begin = Instant::now();
    for (number, answer) in (0..count).zip(answers.iter().cycle()) {
        let mut random = Random::of(seed, number);
        let script = script::exchange(std::slice::from_ref(answer), &mut random);
        outcome.check(&script, &format!("split {number}"), &mut random);
    }
    outcome.time = begin.elapsed();
    outcome
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(f, "{fault}\n")?;
        }
        let peak = match peak_resident() {
            Some(bytes) => format!("{} MB", bytes / 1_000_000),
            None => "unknown".to_owned(),
        };
        write!(
            f,
            "seed {}, {} {} ({} MB), panics {}, differing {}, peak resident memory {peak}, {:.1} s",
            self.seed,
            self.count,
            self.what,
            self.bytes / 1_000_000,
            self.panics,
            self.differing,
            self.time.as_secs_f64(),
        )
    }
}

/// The most memory that this process has ever had in RAM, in bytes; Linux tells it.
pub(crate) fn peak_resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes * 1024)
}
