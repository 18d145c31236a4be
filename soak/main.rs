//! A month in seconds: sessions live in a world of virtual servers, under a clock that jumps from
//! event to event, and six oracles that know the truth watch what their programs are told.
//!
//! ```text
//! soak [--profile day|month|year|strangers|all] [--level plain|condstore|qresync|all] [--seed N]
//!      [--trace ACCOUNT] [--plant FAULT]
//! ```
//!
//! `npm run test:soak -- ...` builds and runs it. The seed is printed, and everything that happens
//! is made from it: `--seed N` plays it again, and `--trace 12` prints the lines and events of
//! account 12.
//!
//! The table has a line for each world. `mails` arrived at the servers after the listeners came;
//! all of them were `announced`, `unseen` (removed by somebody else, or renumbered, before anybody
//! could know of them), `lost` or `doubled`. `expiries` are sessions that a server ended because of
//! their age: none, but in the world of strangers, where nobody can know that there is one until
//! three in a row have ended. `silence s` is the longest time, in seconds, that mail waited while the program was
//! told nothing. `compared` counts the moments at which a mailbox kept from the events alone was
//! held against the server's. The `fingerprint` is that of all events and their times.
//!
//! * `world.rs` has the servers, `client.rs` a program that listens.
//! * `watch.rs` holds what it is told against the truth, `oracle.rs` says what must hold, and
//!   `shadow.rs` is the mailbox as a listener counts it.
//! * `profile.rs` has the worlds, `run.rs` runs one, `outcome.rs` is its line in the table.
//! * `planted.rs` are faults that the oracles must find: `--plant loses-mail` shows one do so.

mod client;
mod oracle;
mod outcome;
mod planted;
mod profile;
mod run;
mod shadow;
mod watch;
mod world;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use planted::Planted;
use profile::Profile;
use run::Settings;
use world::provider::Level;

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments.run(),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

struct Arguments {
    profiles: Vec<Profile>,
    levels: Vec<Level>,
    seed: u64,
    traced: Option<usize>,
    planted: Planted,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut arguments = Arguments {
            profiles: Profile::ALL.to_vec(),
            levels: Level::ALL.to_vec(),
            seed: now.map_or(0, |now| now.as_secs()),
            traced: None,
            planted: Planted::Nothing,
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or(format!("{word} needs a value"))?;
            let wrong = |expected: &str| format!("{word} is '{value}'; expected {expected}");
            match word.as_str() {
                "--profile" => arguments
                    .profiles
                    .retain(|it| value == "all" || value == it.name),
                "--level" => arguments
                    .levels
                    .retain(|it| value == "all" || value == it.name()),
                "--seed" => arguments.seed = value.parse().map_err(|_| wrong("a number"))?,
                "--trace" => {
                    let number = value.parse();
                    arguments.traced = Some(number.map_err(|_| wrong("a number"))?);
                }
                "--plant" => {
                    let named = Planted::ALL.into_iter().find(|(name, _)| value == *name);
                    let names = || Planted::ALL.map(|(name, _)| name).join(", ");
                    arguments.planted = named.ok_or_else(|| wrong(&names()))?.1;
                }
                _ => {
                    return Err(format!(
                        "There is no argument '{word}'; there are --profile, --level, --seed, \
                         --trace and --plant"
                    ));
                }
            }
            if arguments.profiles.is_empty() {
                return Err(wrong("day, month, year, strangers or all"));
            }
            if arguments.levels.is_empty() {
                return Err(wrong("plain, condstore, qresync or all"));
            }
        }
        Ok(arguments)
    }

    fn run(self) -> ExitCode {
        println!("seed {}", self.seed);
        let mut outcomes = Vec::new();
        for profile in &self.profiles {
            for level in &self.levels {
                outcomes.push(run::run(Settings {
                    profile: *profile,
                    level: *level,
                    seed: self.seed,
                    traced: self.traced,
                    planted: self.planted,
                }));
            }
        }
        match outcome::print(&outcomes) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }
}

#[cfg(test)]
mod tests;
