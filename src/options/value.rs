//! Reading one option at a time, with an error that names it.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Map, Value};

/// The longest time that Node's own timers can hold, in milliseconds.
const MAX_MILLISECONDS: f64 = 2_147_483_647.0;
/// The highest rate that means anything.
const MAX_RATE: f64 = 1_000_000.0;

/// An option that cannot be used: which, what came, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// The path of the option, e.g. `keepalive.interval`.
    pub option: String,
    /// The whole text for the user.
    pub message: String,
    /// True when the type is right and the value is out of range: a `RangeError` in JavaScript.
    pub range: bool,
}

/// The values of one object of options.
pub(super) struct Values {
    path: &'static str,
    map: Map<String, Value>,
}

impl Values {
    pub(super) fn from_json(text: &str) -> Result<Values, OptionError> {
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Ok(Values { path: "", map }),
            _ => Ok(Values {
                path: "",
                map: Map::new(),
            }),
        }
    }

    /// The nested object `name`, empty when it is absent.
    pub(super) fn object(&self, name: &'static str) -> Result<Values, OptionError> {
        match self.present(name) {
            None => Ok(Values {
                path: name,
                map: Map::new(),
            }),
            Some(Value::Object(map)) => Ok(Values {
                path: name,
                map: map.clone(),
            }),
            Some(other) => Err(self.wrong(name, other, "an object")),
        }
    }

    pub(super) fn is_object(&self, name: &str) -> bool {
        matches!(self.map.get(name), Some(Value::Object(_)))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, OptionError> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.wrong(name, other, "a string")),
        }
    }

    /// One text or a list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, OptionError> {
        let Some(Value::Array(items)) = self.present(name) else {
            return Ok(self.text(name)?.map(|text| vec![text]));
        };
        let text = |item: &Value| match item {
            Value::String(text) => Ok(text.clone()),
            other => Err(self.wrong(name, other, "a string or a list of strings")),
        };
        items.iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// A switch. Numbers are as true as in JavaScript; `'false'`, `'0'`, `'no'` and `'off'` are
    /// false, because environment variables are strings.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, OptionError> {
        Ok(match self.map.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(on)) => Some(*on),
            Some(Value::Number(number)) => Some(number.as_f64() != Some(0.0)),
            Some(Value::String(text)) => {
                let text = text.trim().to_ascii_lowercase();
                Some(!matches!(text.as_str(), "" | "false" | "0" | "no" | "off"))
            }
            Some(_) => Some(true),
        })
    }

    /// A time in milliseconds; 0 and absent are the default.
    pub(super) fn milliseconds(&self, name: &str) -> Result<Option<Duration>, OptionError> {
        const EXPECTED: &str = "a number of milliseconds from 0 to 2147483647, e.g. 10000";
        let Some(number) = self.number(name, EXPECTED)? else {
            return Ok(None);
        };
        if !(0.0..=MAX_MILLISECONDS).contains(&number) {
            return Err(self.out_of_range(name, number, EXPECTED));
        }
        Ok((number > 0.0).then(|| Duration::from_secs_f64(number / 1000.0)))
    }

    /// A TCP port; 0 and absent are the default.
    pub(super) fn port(&self, name: &str) -> Result<Option<u16>, OptionError> {
        const EXPECTED: &str = "a whole number from 1 to 65535, e.g. 993";
        let port = self.whole_number(name, 1..=65535, EXPECTED)?;
        Ok(port.map(|port| port as u16))
    }

    /// A whole number of `unit` in this range; 0 and absent are the default.
    pub(super) fn whole(
        &self,
        name: &str,
        unit: &str,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, OptionError> {
        let (least, most) = (range.start(), range.end());
        let expected = format!("a whole number of {unit} from {least} to {most}");
        self.whole_number(name, range, &expected)
    }

    /// Refuses every option but these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), OptionError> {
        let mut given = self.map.iter();
        match given.find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, came)) => {
                let expected = format!("one of `{}`", known.join("`, `"));
                Err(self.wrong(name, came, &expected))
            }
        }
    }

    /// A count of at least 1; 0 and absent are the default.
    pub(super) fn count(&self, name: &str) -> Result<Option<u32>, OptionError> {
        const EXPECTED: &str = "a whole number, e.g. 10";
        let Some(number) = self.number(name, EXPECTED)? else {
            return Ok(None);
        };
        if !(0.0..=f64::from(u32::MAX)).contains(&number) || number.fract() != 0.0 {
            return Err(self.out_of_range(name, number, EXPECTED));
        }
        Ok((number > 0.0).then_some(number as u32))
    }

    /// A rate above 0; 0 and absent are the default.
    pub(super) fn rate(&self, name: &str) -> Result<Option<f64>, OptionError> {
        const EXPECTED: &str = "a number above 0, e.g. 1";
        let Some(number) = self.number(name, EXPECTED)? else {
            return Ok(None);
        };
        if !(0.0..=MAX_RATE).contains(&number) {
            return Err(self.out_of_range(name, number, EXPECTED));
        }
        Ok((number > 0.0).then_some(number))
    }

    /// Refuses keys that nobody reads, with the nearest one that somebody does.
    pub(super) fn known(&self, names: &[&str]) -> Result<(), OptionError> {
        let Some(unknown) = self.map.keys().find(|key| !names.contains(&key.as_str())) else {
            return Ok(());
        };
        let nearest = names
            .iter()
            .min_by_key(|name| distance(&unknown.to_ascii_lowercase(), &name.to_ascii_lowercase()));
        let option = self.path_of(unknown);
        let message = match nearest {
            Some(name) => format!(
                "The option `{option}` is unknown; did you mean `{}`?",
                self.path_of(name)
            ),
            None => format!("The option `{option}` is unknown; leave it out"),
        };
        Err(OptionError {
            option,
            message,
            range: false,
        })
    }

    pub(super) fn address(&self, name: &str) -> Result<Option<IpAddr>, OptionError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(address) => Ok(Some(address)),
            Err(_) => Err(self.invalid(name, &text, "an IP address of this machine")),
        }
    }

    /// The error for a value of the right type that is none of the known ones.
    pub(super) fn invalid(&self, name: &str, came: &str, expected: &str) -> OptionError {
        self.error(name, &format!("'{came}'"), expected, false)
    }

    fn whole_number(
        &self,
        name: &str,
        range: RangeInclusive<usize>,
        expected: &str,
    ) -> Result<Option<usize>, OptionError> {
        let given = self.number(name, expected)?;
        let Some(number) = given.filter(|number| *number != 0.0) else {
            return Ok(None);
        };
        let allowed = *range.start() as f64..=*range.end() as f64;
        if !allowed.contains(&number) || number.fract() != 0.0 {
            return Err(self.out_of_range(name, number, expected));
        }
        Ok(Some(number as usize))
    }

    fn number(&self, name: &str, expected: &str) -> Result<Option<f64>, OptionError> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(Value::String(text)) if is_decimal(text) => Ok(text.trim().parse().ok()),
            Some(other) => Err(self.wrong(name, other, expected)),
        }
    }

    /// The value, unless it is one that node-imap takes for "not given".
    fn present(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            _ => true,
        })
    }

    fn wrong(&self, name: &str, came: &Value, expected: &str) -> OptionError {
        self.error(name, &came.to_string(), expected, false)
    }

    fn out_of_range(&self, name: &str, came: f64, expected: &str) -> OptionError {
        self.error(name, &came.to_string(), expected, true)
    }

    fn path_of(&self, name: &str) -> String {
        match self.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    fn error(&self, name: &str, came: &str, expected: &str, range: bool) -> OptionError {
        let option = self.path_of(name);
        let message = format!("The option `{option}` is {came}; expected {expected}");
        OptionError {
            option,
            message,
            range,
        }
    }
}

/// How many letters must be put in, taken out or changed to make one word of the other
/// (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, theirs) in row.iter_mut().skip(1).zip(&other) {
            let changed = diagonal + usize::from(letter != *theirs);
            diagonal = *cell;
            left = changed.min(*cell + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

fn is_decimal(text: &str) -> bool {
    let digits = text.trim();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
