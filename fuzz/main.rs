//! Properties of the whole protocol, from the framer to the frames for JavaScript:
//!
//! * any bytes at all of a server end in events or in a named error, never in a panic;
//! * however the bytes are cut, the events are the same.
//!
//! ```text
//! fuzz [--inputs N] [--seed N] [--first N]    random inputs; the default is 100,000
//! fuzz --splits N --corpus FOLDER             transcripts as they are, cut in N random ways
//! fuzz --cost                                 the cost of a byte at n, 4n and 16n bytes
//! ```
//!
//! `npm run test:fuzz -- ...` builds and runs it. An input is made from the seed and its number alone:
//! `--seed S --first I --inputs 1` plays it again.

mod cost;
mod random;
mod run;
mod script;
mod stage;
mod transcripts;

use std::path::PathBuf;
use std::process::ExitCode;

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
    inputs: u64,
    seed: u64,
    first: u64,
    splits: Option<u64>,
    corpus: Option<PathBuf>,
    cost: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
        let mut arguments = Arguments {
            inputs: 100_000,
            seed: 1,
            first: 0,
            splits: None,
            corpus: None,
            cost: false,
        };
        while let Some(word) = words.next() {
            if word == "--cost" {
                arguments.cost = true;
                continue;
            }
            let value = words.next().ok_or(format!("{word} needs a value"))?;
            let number = || {
                value
                    .parse()
                    .map_err(|_| format!("{word} is '{value}'; expected a number"))
            };
            match word.as_str() {
                "--inputs" => arguments.inputs = number()?,
                "--seed" => arguments.seed = number()?,
                "--first" => arguments.first = number()?,
                "--splits" => arguments.splits = Some(number()?),
                "--corpus" => arguments.corpus = Some(value.into()),
                _ => {
                    return Err(format!(
                        "There is no argument '{word}'; there are --inputs, --seed, --first, --splits, \
                         --corpus and --cost"
                    ));
                }
            }
        }
        Ok(arguments)
    }

    fn run(self) -> ExitCode {
        if self.cost {
            return cost::measure();
        }
        let folder = self.corpus.unwrap_or_else(own_transcripts);
        let answers = match transcripts::read(&folder) {
            Ok(answers) if !answers.is_empty() => answers,
            Ok(_) => {
                eprintln!("There is no transcript (*.txt) in {}", folder.display());
                return ExitCode::from(2);
            }
            Err(error) => {
                eprintln!("{} cannot be read: {error}", folder.display());
                return ExitCode::from(2);
            }
        };
        let outcome = match self.splits {
            Some(splits) => run::splits(&answers, self.seed, splits),
            None => run::inputs(&answers, self.seed, self.first..self.first + self.inputs),
        };
        println!("{outcome}");
        outcome.code()
    }
}

/// Written for this project, in the manner of the large servers.
fn own_transcripts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("__test__/corpus/transcripts")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A smoke run; the long one is `npm run test:fuzz`.
    #[test]
    fn any_bytes_end_in_events_and_any_split_gives_the_same() {
        let answers = transcripts::read(&own_transcripts()).unwrap();
        let outcome = run::inputs(&answers, 20_261_124, 0..3000);
        assert_eq!(outcome.faults, Vec::<String>::new());
        let outcome = run::splits(&answers, 20_261_124, 1000);
        assert_eq!(outcome.faults, Vec::<String>::new());
    }
}
