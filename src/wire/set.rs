//! Sequence sets: which messages a command is about (RFC 3501 section 9, `sequence-set`).

use super::argument::{Argument, ArgumentError};

/// A set of sequence numbers or UIDs, with the text that names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SequenceSet {
    text: String,
    /// Sorted, neither overlapping nor touching; both ends included.
    ranges: Vec<(u32, u32)>,
    /// A bare `*`, which may be any number.
    any: bool,
}

impl SequenceSet {
    /// Reads the user's message set (contract section 4.3): a value, or arrays of values.
    ///
    /// Values are whole numbers, `'*'`, ranges, and comma lists of these; each of them is checked.
    /// Text that merely begins with a number is refused, because node-imap acts on the wrong
    /// messages there.
    ///
    /// ```abnf
    /// sequence-set    = (seq-number / seq-range) *("," sequence-set)
    /// seq-range       = seq-number ":" seq-number
    /// seq-number      = nz-number / "*"
    /// ```
    pub fn parse(source: &Argument) -> Result<SequenceSet, ArgumentError> {
        let mut set = SequenceSet::default();
        for value in source.leaves() {
            set.add_value(value)?;
        }
        set.ranges = merged(set.ranges);
        Ok(set)
    }

    /// The set as the user wrote it, in the user's order, for the wire.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the server may mean `number` by this set.
    ///
    /// A range up to `*` is open above its other end. The server may answer `5:*` with its largest
    /// message even if that is below 5 (RFC 3501 section 6.4.8); that one is not contained.
    pub fn contains(&self, number: u32) -> bool {
        let after = self.ranges.partition_point(|&(first, _)| first <= number);
        let candidate = after
            .checked_sub(1)
            .and_then(|index| self.ranges.get(index));
        self.any || candidate.is_some_and(|&(_, last)| number <= last)
    }

    /// Whether the server may mean one number by both sets. What is open above may end at any
    /// message.
    pub fn overlaps(&self, other: &SequenceSet) -> bool {
        if self.is_open() || other.is_open() {
            return true;
        }
        let mut others = other.ranges.iter().peekable();
        self.ranges.iter().any(|&(first, last)| {
            while others.next_if(|(_, end)| *end < first).is_some() {}
            others.peek().is_some_and(|(begin, _)| *begin <= last)
        })
    }

    /// Whether it names the last message, whichever that is.
    fn is_open(&self) -> bool {
        self.any
            || self
                .ranges
                .last()
                .is_some_and(|&(_, last)| last == u32::MAX)
    }

    /// The set of these ranges, both ends included; `u32::MAX` as an end is `*`.
    pub fn of_ranges(ranges: Vec<(u32, u32)>) -> SequenceSet {
        let ranges = merged(ranges);
        let member = |(first, last): &(u32, u32)| match (first == last, *last) {
            (true, _) => first.to_string(),
            (false, u32::MAX) => format!("{first}:*"),
            (false, last) => format!("{first}:{last}"),
        };
        let members: Vec<String> = ranges.iter().map(member).collect();
        SequenceSet {
            text: members.join(","),
            ranges,
            any: false,
        }
    }

    /// What remains without these ranges. A bare `*` is `largest`; `None` if that is not known.
    pub fn without(&self, gone: &[(u32, u32)], largest: Option<u32>) -> Option<SequenceSet> {
        let mut wanted = self.ranges.clone();
        if self.any {
            let largest = largest?;
            wanted.push((largest, largest));
        }
        let gone = SequenceSet::of_ranges(gone.to_vec()).ranges;
        let mut rest = Vec::new();
        for (first, last) in wanted {
            let mut from = u64::from(first);
            let after = gone.partition_point(|(_, end)| *end < first);
            let gone = gone.get(after..).unwrap_or_default().iter();
            for (begin, end) in gone.take_while(|(begin, _)| *begin <= last) {
                if u64::from(*begin) > from {
                    rest.push((from as u32, begin - 1));
                }
                from = from.max(u64::from(*end) + 1);
            }
            if from <= u64::from(last) {
                rest.push((from as u32, last));
            }
        }
        Some(SequenceSet::of_ranges(rest))
    }

    /// The numbers that the set means where there are `total` messages, as ranges. `None` if it
    /// means one that is not there.
    pub fn within(&self, total: u32) -> Option<Vec<(u32, u32)>> {
        let mut ranges = self.ranges.clone();
        if self.any {
            ranges.push((total, total));
        }
        for (first, last) in &mut ranges {
            // `5:*` is the largest number where that is below 5 (RFC 3501 section 6.4.8).
            if *last == u32::MAX {
                *first = total.min(*first);
                *last = total;
            }
        }
        let ranges = SequenceSet::of_ranges(ranges).ranges;
        let is_there = |(first, last): &(u32, u32)| *first > 0 && *last <= total;
        ranges.iter().all(is_there).then_some(ranges)
    }

    /// The numbers that it names, in order; both ends included, `u32::MAX` is `*`.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Whether it means every message: `1:*`.
    pub fn is_everything(&self) -> bool {
        self.ranges == [(1, u32::MAX)]
    }

    /// Whether it means no message at all.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty() && !self.any
    }

    fn add_value(&mut self, value: &Argument) -> Result<(), ArgumentError> {
        let text = value.text();
        let listed = matches!(value, Argument::Text(_) | Argument::Object(_));
        if !listed || !text.contains(',') {
            return self.add_member(&text, &text);
        }
        text.split(',').try_for_each(|member| {
            let blamed = if member.trim().is_empty() {
                &text
            } else {
                member
            };
            self.add_member(member, blamed)
        })
    }

    /// Adds one number, `*` or range; `blamed` is what an error names.
    fn add_member(&mut self, member: &str, blamed: &str) -> Result<(), ArgumentError> {
        let member = member.trim();
        if let Some((first, last)) = member.split_once(':') {
            let (Some(first), Some(last)) = (bound(first), bound(last)) else {
                return Err(not_an_integer(blamed));
            };
            self.append(member, first, last);
            return Ok(());
        }
        if member == "*" {
            self.append(member, Bound::Largest, Bound::Largest);
            return Ok(());
        }
        let digits = match member.strip_prefix('-') {
            Some(digits) if is_digits(digits) => {
                return Err(ArgumentError::new("UID/seqno must be greater than zero"));
            }
            _ => member.strip_prefix('+').unwrap_or(member),
        };
        if !is_digits(digits) {
            return Err(not_an_integer(blamed));
        }
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Err(ArgumentError::new("UID/seqno must be greater than zero"));
        }
        self.append(digits, number(digits), number(digits));
        Ok(())
    }

    fn append(&mut self, member: &str, first: Bound, last: Bound) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(member);
        match (first, last) {
            (Bound::Largest, Bound::Largest) => self.any = true,
            (Bound::Largest, Bound::Number(number)) | (Bound::Number(number), Bound::Largest) => {
                self.ranges.push((number, u32::MAX));
            }
            (Bound::Number(first), Bound::Number(last)) => {
                self.ranges.push((first.min(last), first.max(last)));
            }
        }
    }
}

/// The same numbers in ranges that ascend and neither overlap nor touch; both ends are included.
pub(super) fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let joins = next.0 <= kept.1.saturating_add(1);
        if joins {
            kept.1 = kept.1.max(next.1);
        }
        joins
    });
    ranges
}

/// One end of a range.
#[derive(Clone, Copy)]
enum Bound {
    Number(u32),
    Largest,
}

fn bound(text: &str) -> Option<Bound> {
    match text {
        "*" => Some(Bound::Largest),
        digits => is_digits(digits).then(|| number(digits)),
    }
}

/// The value of digits; beyond 32 bits, which no server has, the largest.
fn number(digits: &str) -> Bound {
    Bound::Number(digits.parse().unwrap_or(u32::MAX))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_an_integer(value: &str) -> ArgumentError {
    ArgumentError::new(format!(
        "UID/seqno must be an integer, \"*\", or a range: {value}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<SequenceSet, String> {
        let source: Argument = serde_json::from_str(json).unwrap();
        SequenceSet::parse(&source).map_err(|error| error.message)
    }

    #[test]
    fn the_users_text_and_order_are_kept() {
        for (json, text) in [
            ("7", "7"),
            ("\"1,2,3\"", "1,2,3"),
            ("[[1,2],[3]]", "1,2,3"),
            ("[\"9:*\",5,\"3:1\",\"0:5\",\"*:*\"]", "9:*,5,3:1,0:5,*:*"),
            ("\" 1 , 2:3 \"", "1,2:3"),
            ("[\"007\",\"+5\"]", "7,5"),
            ("{\"$\":\"bigint\",\"text\":\"5\"}", "5"),
            (
                "{\"$\":\"object\",\"text\":\"1,2\",\"type\":\"object\"}",
                "1,2",
            ),
        ] {
            assert_eq!(parse(json).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused_by_name() {
        let integer = "UID/seqno must be an integer, \"*\", or a range: ";
        for (json, value) in [
            ("\"5x\"", "5x"),
            ("[5,\"*\",\"junk\"]", "junk"),
            ("\"1,2x\"", "2x"),
            ("\"1,,2\"", "1,,2"),
            ("\"1:\"", "1:"),
            ("\"1 : 2\"", "1 : 2"),
            ("\"1:2:3\"", "1:2:3"),
            ("\"12.5\"", "12.5"),
            ("{\"$\":\"number\",\"text\":\"1e+21\"}", "1e+21"),
            ("[1,null]", "null"),
            ("[1,{\"$\":\"undefined\"}]", "undefined"),
            ("[1,[]]", ""),
            ("\"-\"", "-"),
            ("\"1\\r\\nA1 LOGOUT\"", "1\r\nA1 LOGOUT"),
        ] {
            assert_eq!(parse(json).unwrap_err(), format!("{integer}{value}"));
        }
        let zero = "UID/seqno must be greater than zero";
        for json in ["0", "-1", "\"-5\"", "\"00\"", "[1,0]", "\"1,0\""] {
            assert_eq!(parse(json).unwrap_err(), zero, "{json}");
        }
    }

    #[test]
    fn members_are_found() {
        let set = parse("[\"3:1\",4,10,\"20:22\",21]").unwrap();
        let found: Vec<u32> = (0..30).filter(|&number| set.contains(number)).collect();
        assert_eq!(found, [1, 2, 3, 4, 10, 20, 21, 22]);
        assert_eq!(set.ranges, [(1, 4), (10, 10), (20, 22)]);
    }

    #[test]
    fn sets_overlap_if_one_message_may_be_in_both() {
        for (one, other, overlaps) in [
            ("1,3,5:9", "2,4,10:20", false),
            ("1,3,5:9", "2,4,9:20", true),
            ("5:9", "1:20", true),
            ("1:20", "7", true),
            ("3", "3", true),
            ("1", "5:*", true),
            ("*", "1", true),
        ] {
            let set = |text: &str| parse(&format!("\"{text}\"")).unwrap();
            assert_eq!(set(one).overlaps(&set(other)), overlaps, "{one} {other}");
            assert_eq!(set(other).overlaps(&set(one)), overlaps, "{other} {one}");
        }
    }

    #[test]
    fn a_star_is_open() {
        let set = parse("\"*:5\"").unwrap();
        assert!(!set.contains(4) && set.contains(5) && set.contains(u32::MAX));
        assert!(parse("\"*\"").unwrap().contains(1));
        assert!(parse("[7,\"*:*\"]").unwrap().contains(1));
        assert!(parse("\"1:99999999999\"").unwrap().contains(u32::MAX));
    }

    #[test]
    fn what_is_done_is_taken_away() {
        let rest = |json: &str, gone: &[(u32, u32)]| {
            let rest = parse(json).unwrap().without(gone, Some(9)).unwrap();
            (rest.as_str().to_owned(), rest.is_empty())
        };
        assert_eq!(rest("\"1:*\"", &[(1, 3), (5, 5)]), ("4,6:*".into(), false));
        assert_eq!(
            rest("[\"2:6\",9]", &[(9, 9), (1, 2)]),
            ("3:6".into(), false)
        );
        assert_eq!(rest("[7,\"*\"]", &[(5, 8)]), ("9".into(), false));
        assert_eq!(rest("\"3:4\"", &[(3, 3), (4, 4)]), (String::new(), true));
        assert_eq!(rest("\"5:*\"", &[(6, u32::MAX)]), ("5".into(), false));
        assert_eq!(parse("\"*\"").unwrap().without(&[], None), None);
    }

    #[test]
    fn numbers_are_those_of_messages_that_are_there() {
        let within = |json: &str, total| parse(json).unwrap().within(total);
        assert_eq!(within("[4,\"2:1\",\"*\"]", 5), Some(vec![(1, 2), (4, 5)]));
        assert_eq!(within("\"9:*\"", 5), Some(vec![(5, 5)]));
        assert_eq!(within("\"4:6\"", 5), None);
        assert_eq!(within("\"*\"", 0), None);
        assert_eq!(within("\"1:*\"", 0), None);
    }

    #[test]
    fn a_large_set_is_searched_by_halves() {
        let numbers: Vec<Argument> = (1..=100_000).map(|n| Argument::Integer(n * 2)).collect();
        let set = SequenceSet::parse(&Argument::List(numbers)).unwrap();
        let count = (0..=200_001).filter(|&number| set.contains(number)).count();
        assert_eq!(count, 100_000);
    }
}
