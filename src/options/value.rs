//! Reading one option at a time, with an error that names it.

use std::cell::RefCell;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::nearest::{HALF, nearest};
use super::secret::Secret;

/// The longest time that Node's own timers can hold, in milliseconds.
const MAX_MILLISECONDS: f64 = 2_147_483_647.0;
/// The highest rate that means anything.
const MAX_RATE: f64 = 1_000_000.0;
/// So much of a wrong value is shown, in characters.
const MAX_SHOWN: usize = 60;

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
    /// What an error calls one of them: `option`, or the environment's `variable`.
    noun: &'static str,
    path: &'static str,
    map: Map<String, Value>,
    /// What is to be said of strings that were taken for something else.
    notes: Rc<RefCell<Vec<String>>>,
}

/// What JavaScript gave.
enum Given<'a> {
    /// `undefined` and `null`.
    Nothing,
    Switch(bool),
    /// `NaN` and the infinities, too.
    Number(f64),
    Text(&'a str),
    Object(&'a Map<String, Value>),
    Other,
}

impl Values {
    /// Reads an object whose values are as `src/js/arguments.js` writes them; anything else is an
    /// empty one.
    pub(super) fn from_json(text: &str) -> Values {
        Values::of(match serde_json::from_str(text) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        })
    }

    pub(super) fn of(map: Map<String, Value>) -> Values {
        Values {
            noun: "option",
            path: "",
            map,
            notes: Rc::default(),
        }
    }

    /// Values of environment variables.
    pub(super) fn of_variables(map: Map<String, Value>) -> Values {
        Values {
            noun: "variable",
            ..Values::of(map)
        }
    }

    /// What is to be said of strings that were taken for something else: a sentence for each.
    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.take()
    }

    /// The nested object `name`, empty when it is absent.
    pub(super) fn object(&self, name: &'static str, expected: &str) -> Result<Values, OptionError> {
        let map = match self.given(name) {
            Given::Object(map) => map.clone(),
            Given::Nothing | Given::Switch(false) | Given::Text("") => Map::new(),
            _ => return Err(self.wrong(name, expected)),
        };
        Ok(Values {
            noun: self.noun,
            path: name,
            map,
            notes: self.notes.clone(),
        })
    }

    pub(super) fn is_object(&self, name: &str) -> bool {
        matches!(self.given(name), Given::Object(_))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, OptionError> {
        match self.given(name) {
            Given::Nothing | Given::Switch(false) | Given::Text("") => Ok(None),
            Given::Text(text) => Ok(Some(text.to_owned())),
            _ => Err(self.wrong(name, "a string")),
        }
    }

    /// A text that no error shows.
    pub(super) fn secret(&self, name: &str) -> Result<Option<Secret>, OptionError> {
        let hidden = |_| self.error(name, "no string", "a string", false);
        Ok(self.text(name).map_err(hidden)?.map(Secret::new))
    }

    /// One text or a list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, OptionError> {
        let Some(Value::Array(items)) = self.map.get(name) else {
            return Ok(self.text(name)?.map(|text| vec![text]));
        };
        let text = |item: &Value| match item {
            Value::String(text) => Ok(text.clone()),
            _ => Err(self.wrong(name, "a string or a list of strings")),
        };
        items.iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// A switch of node-imap's own, which takes anything. Values are as true as in JavaScript, but
    /// `'false'`, `'0'`, `'no'` and `'off'` are false.
    pub(super) fn truth(&self, name: &str) -> Option<bool> {
        Some(match self.given(name) {
            Given::Nothing => return None,
            Given::Switch(on) => on,
            Given::Number(number) => number != 0.0 && !number.is_nan(),
            Given::Text(text) => {
                let text = text.trim().to_ascii_lowercase();
                !matches!(text.as_str(), "" | "false" | "0" | "no" | "off")
            }
            Given::Object(_) | Given::Other => true,
        })
    }

    /// A switch: a boolean, or a number as in JavaScript.
    pub(super) fn switch(&self, name: &str, expected: &str) -> Result<Option<bool>, OptionError> {
        let on = match self.given(name) {
            Given::Nothing => return Ok(None),
            Given::Switch(on) => return Ok(Some(on)),
            Given::Number(number) if (0.0..f64::INFINITY).contains(&number) => {
                return Ok(Some(number != 0.0));
            }
            Given::Number(number) => return Err(self.out_of_range(name, number, expected)),
            Given::Text("true") => true,
            Given::Text("false") => false,
            Given::Text(text) if is_decimal(text) => text.bytes().any(|digit| digit != b'0'),
            _ => return Err(self.wrong(name, expected)),
        };
        self.taken_for(name, &on.to_string());
        Ok(Some(on))
    }

    /// A time; 0 and absent are the default.
    pub(super) fn time(&self, name: &str) -> Result<Option<Duration>, OptionError> {
        let time = self.milliseconds(name)?.filter(|time| *time > 0.0);
        Ok(time.map(|time| Duration::from_secs_f64(time / 1000.0)))
    }

    /// A number of milliseconds.
    pub(super) fn milliseconds(&self, name: &str) -> Result<Option<f64>, OptionError> {
        const EXPECTED: &str = "a number of milliseconds from 0 to 2147483647, e.g. 10000";
        self.number(name, EXPECTED, |number| number <= MAX_MILLISECONDS)
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
        let fits = |number: f64| {
            number == 0.0 || (number.fract() == 0.0 && range.contains(&(number as usize)))
        };
        let number = self.number(name, &expected, fits)?;
        Ok(number
            .filter(|number| *number != 0.0)
            .map(|number| number as usize))
    }

    /// A count of at least 1; 0 and absent are the default.
    pub(super) fn count(&self, name: &str) -> Result<Option<u32>, OptionError> {
        const EXPECTED: &str = "a whole number, e.g. 10";
        let is_count = |number: f64| number <= f64::from(u32::MAX) && number.fract() == 0.0;
        let count = self.number(name, EXPECTED, is_count)?;
        Ok(count.filter(|count| *count > 0.0).map(|count| count as u32))
    }

    /// A rate above 0; 0 and absent are the default.
    pub(super) fn rate(&self, name: &str) -> Result<Option<f64>, OptionError> {
        const EXPECTED: &str = "a number above 0, at most 1000000, e.g. 1";
        let rate = self.number(name, EXPECTED, |number| number <= MAX_RATE)?;
        Ok(rate.filter(|rate| *rate > 0.0))
    }

    /// A TCP port, also as a string (node-imap); 0 and absent are the default.
    pub(super) fn port(&self, name: &str) -> Result<Option<u16>, OptionError> {
        const EXPECTED: &str = "a whole number from 1 to 65535, e.g. 993";
        let number = match self.given(name) {
            Given::Nothing | Given::Switch(false) | Given::Text("") => return Ok(None),
            Given::Number(number) => number,
            Given::Text(text) if is_decimal(text.trim()) => decimal(text.trim()),
            _ => return Err(self.wrong(name, EXPECTED)),
        };
        if !(0.0..=65535.0).contains(&number) || number.fract() != 0.0 {
            return Err(self.out_of_range(name, number, EXPECTED));
        }
        Ok((number > 0.0).then_some(number as u16))
    }

    pub(super) fn address(&self, name: &str) -> Result<Option<IpAddr>, OptionError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(address) => Ok(Some(address)),
            Err(_) => Err(self.wrong(name, "an IP address of this machine")),
        }
    }

    /// Refuses keys that nobody reads, with the nearest one that somebody does.
    pub(super) fn known(&self, names: &[&str]) -> Result<(), OptionError> {
        let Some(unknown) = self.map.keys().find(|key| !names.contains(&key.as_str())) else {
            return Ok(());
        };
        let option = self.path_of(unknown);
        let message = format!(
            "The {} `{option}` is unknown; {}",
            self.noun,
            instead("", unknown, names)
        );
        Err(OptionError {
            option,
            message,
            range: false,
        })
    }

    /// The error for a number that another option forbids.
    pub(super) fn too_small(&self, name: &str, expected: &str) -> OptionError {
        self.error(name, &self.shown(name), expected, true)
    }

    /// The error for a value that is none of the expected ones.
    pub(super) fn wrong(&self, name: &str, expected: &str) -> OptionError {
        self.error(name, &self.shown(name), expected, false)
    }

    /// A number of which 0 and more is meant. A string of digits is taken for it; `false` is
    /// absent, as in node-imap.
    fn number(
        &self,
        name: &str,
        expected: &str,
        is_in_range: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>, OptionError> {
        let (number, is_text) = match self.given(name) {
            Given::Nothing | Given::Switch(false) => return Ok(None),
            Given::Number(number) => (number, false),
            Given::Text(text) if is_decimal(text) => (decimal(text), true),
            Given::Text("false") => {
                self.taken_for(name, "false");
                return Ok(None);
            }
            _ => return Err(self.wrong(name, expected)),
        };
        if !(0.0..f64::INFINITY).contains(&number) || !is_in_range(number) {
            return Err(self.out_of_range(name, number, expected));
        }
        if is_text {
            self.taken_for(name, &number.to_string());
        }
        Ok(Some(number))
    }

    fn taken_for(&self, name: &str, value: &str) {
        let (noun, option, came) = (self.noun, self.path_of(name), self.shown(name));
        let note = format!("The {noun} `{option}` is the string {came}; write {value}");
        self.notes.borrow_mut().push(note);
    }

    fn given(&self, name: &str) -> Given<'_> {
        match self.map.get(name) {
            None | Some(Value::Null) => Given::Nothing,
            Some(Value::Bool(on)) => Given::Switch(*on),
            Some(Value::Number(number)) => Given::Number(number.as_f64().unwrap_or(f64::NAN)),
            Some(Value::String(text)) => Given::Text(text),
            Some(Value::Array(_)) => Given::Other,
            Some(Value::Object(map)) => match tagged(map) {
                None => Given::Object(map),
                Some(("undefined", _)) => Given::Nothing,
                Some(("number", text)) => Given::Number(decimal(text)),
                Some(_) => Given::Other,
            },
        }
    }

    /// The value as an error shows it.
    fn shown(&self, name: &str) -> String {
        let text = match self.map.get(name) {
            None => "absent".to_owned(),
            Some(Value::String(text)) => format!("'{}'", text.escape_debug()),
            Some(Value::Object(map)) => match tagged(map) {
                None => "an object".to_owned(),
                Some(("bigint", text)) => format!("{text}n"),
                Some((_, text)) => text.to_owned(),
            },
            Some(value) => value.to_string(),
        };
        match text.char_indices().nth(MAX_SHOWN) {
            Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
            None => text,
        }
    }

    fn out_of_range(&self, name: &str, came: f64, expected: &str) -> OptionError {
        let came = match came.is_infinite() {
            true if came > 0.0 => "Infinity".to_owned(),
            true => "-Infinity".to_owned(),
            false => came.to_string(),
        };
        self.error(name, &came, expected, true)
    }

    fn path_of(&self, name: &str) -> String {
        match self.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    fn error(&self, name: &str, came: &str, expected: &str, range: bool) -> OptionError {
        let option = self.path_of(name);
        let message = format!(
            "The {} `{option}` is {came}; expected {expected}",
            self.noun
        );
        OptionError {
            option,
            message,
            range,
        }
    }
}

/// What to write instead of an unknown name, as a part of a sentence. All of them have the prefix.
pub(super) fn instead(prefix: &str, unknown: &str, names: &[&str]) -> String {
    match nearest(unknown, names, HALF) {
        Some(name) => format!("did you mean `{prefix}{name}`?"),
        None => {
            let names: Vec<_> = names
                .iter()
                .map(|name| format!("`{prefix}{name}`"))
                .collect();
            format!("expected one of {}", names.join(", "))
        }
    }
}

/// What JSON cannot hold: `{$: kind, text}`; the other half of `src/js/arguments.js`.
fn tagged(map: &Map<String, Value>) -> Option<(&str, &str)> {
    let kind = map.get("$")?.as_str()?;
    let text = map.get("text").and_then(Value::as_str).unwrap_or(kind);
    Some((kind, text))
}

fn is_decimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number that JavaScript writes so.
fn decimal(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}
