//! Dates of messages, read without asking JavaScript.
//!
//! Both functions answer only for the forms that the RFCs give, and then exactly what V8's
//! `new Date(text)` gives. For all other texts they say `None`, and the caller lets V8 try.

/// Milliseconds of a day, as JavaScript's time value counts them.
const MILLISECONDS_PER_DAY: i64 = 86_400_000;

/// Reads an INTERNALDATE, without its quotes, into milliseconds since the epoch (UTC).
///
/// ```abnf
/// date-time      = date-day-fixed "-" date-month "-" date-year SP time SP zone
/// date-day-fixed = (SP DIGIT) / 2DIGIT / DIGIT     ; the last is not in RFC 3501, but seen
/// date-month     = "Jan" / "Feb" / ... / "Dec"     ; any case
/// date-year      = 4DIGIT                          ; 0100 and later
/// time           = 2DIGIT ":" 2DIGIT ":" 2DIGIT
/// zone           = ("+" / "-") 4DIGIT
/// ```
///
/// A day the month does not have (`31-Feb`) counts on into the next month, as in V8.
pub fn internal_date(text: &[u8]) -> Option<f64> {
    usual_internal_date(text).or_else(|| any_internal_date(text))
}

fn any_internal_date(text: &[u8]) -> Option<f64> {
    let mut cursor = Cursor { rest: text };
    cursor.skip(b' ');
    let day = cursor.number(1, 2)?.0;
    cursor.require(b'-')?;
    let month = month(cursor.word()?)?;
    cursor.require(b'-')?;
    let year = cursor.number(4, 4)?.0;
    cursor.require(b' ')?;
    let time = fixed_time(&mut cursor)?;
    cursor.require(b' ')?;
    let zone = numeric_zone(&mut cursor)?;
    if !cursor.rest.is_empty() || year < 100 {
        return None;
    }
    time_value(year, month, day, time, zone)
}

/// Reads the date of a message header (ENVELOPE date, `Date:`) into milliseconds since the epoch.
///
/// ```abnf
/// date-time = [ day-name [","] ] day month year time zone [ comment ]   ; FWS between them
/// day       = 1*2DIGIT
/// year      = 4DIGIT / 2DIGIT             ; 00-49: 20xx, 50-99: 19xx
/// time      = 1*2DIGIT ":" 2DIGIT [ ":" 2DIGIT ]
/// zone      = ("+" / "-") 4DIGIT / "UT" / "UTC" / "GMT" / "Z" / "EST" / "EDT" / ... / "PDT"
/// comment   = "(" *(any but parentheses) ")"
/// ```
///
/// This is RFC 5322 section 3.3 with the common part of its obsolete forms. Without a zone the
/// answer is `None`: V8 then means local time.
pub fn header_date(text: &[u8]) -> Option<f64> {
    usual_header_date(text).or_else(|| any_header_date(text))
}

fn any_header_date(text: &[u8]) -> Option<f64> {
    let mut cursor = Cursor { rest: text };
    cursor.blanks();
    if let Some(name) = cursor.word() {
        is_day_name(name).then_some(())?;
        cursor.skip(b',');
        cursor.blanks();
    }
    let day = cursor.number(1, 2)?.0;
    cursor.some_blanks()?;
    let month = month(cursor.word()?)?;
    cursor.some_blanks()?;
    let year = full_year(cursor.number(2, 4)?)?;
    cursor.some_blanks()?;
    let time = loose_time(&mut cursor)?;
    cursor.some_blanks()?;
    let zone = match cursor.word() {
        Some(name) => named_zone(name)?,
        None => numeric_zone(&mut cursor)?,
    };
    cursor.comment()?;
    time_value(year, month, day, time, zone)
}

/// ```abnf
/// date = (SP DIGIT / 2DIGIT) usual
/// ```
fn usual_internal_date(text: &[u8]) -> Option<f64> {
    let (day, rest) = text.split_first_chunk()?;
    let day = match *day {
        [b' ', ones] => number([b'0', ones])?,
        digits => number(digits)?,
    };
    usual(day, b'-', rest.try_into().ok()?)
}

/// ```abnf
/// date = [ day-name "," SP ] 1*2DIGIT usual
/// ```
fn usual_header_date(text: &[u8]) -> Option<f64> {
    let (front, rest) = text.split_last_chunk()?;
    let day = match *front {
        [first, second, third, b',', b' ', ref day @ ..]
            if is_day_name(&[first, second, third]) =>
        {
            day
        }
        ref day => day,
    };
    let day = match *day {
        [ones] => number([ones])?,
        [tens, ones] => number([tens, ones])?,
        _ => return None,
    };
    usual(day, b' ', rest)
}

/// The rest of a date as nearly all are written, where everything has its place.
///
/// ```abnf
/// usual = separator date-month separator date-year SP time SP zone
/// ```
fn usual(day: i64, separator: u8, rest: &[u8; 24]) -> Option<f64> {
    let &[
        before,
        m1,
        m2,
        m3,
        after,
        y1,
        y2,
        y3,
        y4,
        b' ',
        h1,
        h2,
        b':',
        i1,
        i2,
        b':',
        s1,
        s2,
        b' ',
        sign,
        z1,
        z2,
        z3,
        z4,
    ] = rest
    else {
        return None;
    };
    let year = number([y1, y2, y3, y4]).filter(|year| *year >= 100)?;
    let time = milliseconds(number([h1, h2])?, number([i1, i2])?, number([s1, s2])?)?;
    let zone = milliseconds(number([z1, z2])?, number([z3, z4])?, 0)?;
    let zone = match sign {
        b'+' => zone,
        b'-' => -zone,
        _ => return None,
    };
    if [before, after] != [separator; 2] {
        return None;
    }
    time_value(year, month(&[m1, m2, m3])?, day, time, zone)
}

/// The number that these digits are, if that is what they are.
fn number<const N: usize>(digits: [u8; N]) -> Option<i64> {
    let digit = |byte: u8| i64::from(byte.wrapping_sub(b'0'));
    let are_digits = digits.iter().all(u8::is_ascii_digit);
    are_digits.then(|| {
        digits
            .iter()
            .fold(0, |value, byte| value * 10 + digit(*byte))
    })
}

/// The parts of a date that are left to read.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Takes between `least` and `most` digits: the number, and how many there were.
    fn number(&mut self, least: usize, most: usize) -> Option<(i64, usize)> {
        let digits = self.take_while(u8::is_ascii_digit);
        (least..=most).contains(&digits.len()).then(|| {
            let value = digits
                .iter()
                .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
            (value, digits.len())
        })
    }

    /// Takes a run of letters, or nothing when the next octet is not one.
    fn word(&mut self) -> Option<&'a [u8]> {
        let word = self.take_while(u8::is_ascii_alphabetic);
        (!word.is_empty()).then_some(word)
    }

    fn require(&mut self, octet: u8) -> Option<()> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        (first == octet).then_some(())
    }

    /// Takes `octet` if it is next.
    fn skip(&mut self, octet: u8) {
        if self.rest.first() == Some(&octet) {
            self.require(octet);
        }
    }

    fn blanks(&mut self) {
        self.take_while(|octet| matches!(octet, b' ' | b'\t'));
    }

    fn some_blanks(&mut self) -> Option<()> {
        let blanks = self.take_while(|octet| matches!(octet, b' ' | b'\t'));
        (!blanks.is_empty()).then_some(())
    }

    /// Takes blanks and at most one comment, after which nothing may follow.
    fn comment(&mut self) -> Option<()> {
        self.blanks();
        if self.rest.is_empty() {
            return Some(());
        }
        self.require(b'(')?;
        self.take_while(|octet| !matches!(octet, b'(' | b')'));
        self.require(b')')?;
        self.blanks();
        self.rest.is_empty().then_some(())
    }

    fn take_while(&mut self, accept: impl Fn(&u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().take_while(|octet| accept(octet)).count();
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

/// `HH:MM:SS` in milliseconds.
fn fixed_time(cursor: &mut Cursor<'_>) -> Option<i64> {
    let hour = cursor.number(2, 2)?.0;
    cursor.require(b':')?;
    let minute = cursor.number(2, 2)?.0;
    cursor.require(b':')?;
    let second = cursor.number(2, 2)?.0;
    milliseconds(hour, minute, second)
}

/// `H:MM` to `HH:MM:SS` in milliseconds.
fn loose_time(cursor: &mut Cursor<'_>) -> Option<i64> {
    let hour = cursor.number(1, 2)?.0;
    cursor.require(b':')?;
    let minute = cursor.number(2, 2)?.0;
    let second = if cursor.rest.first() == Some(&b':') {
        cursor.require(b':')?;
        cursor.number(2, 2)?.0
    } else {
        0
    };
    milliseconds(hour, minute, second)
}

fn milliseconds(hour: i64, minute: i64, second: i64) -> Option<i64> {
    // Leap seconds and 24:00 are V8's to judge.
    (hour < 24 && minute < 60 && second < 60).then_some(((hour * 60 + minute) * 60 + second) * 1000)
}

/// `+HHMM` or `-HHMM` in milliseconds east of UTC.
fn numeric_zone(cursor: &mut Cursor<'_>) -> Option<i64> {
    let (&sign, rest) = cursor.rest.split_first()?;
    cursor.rest = rest;
    let (hours, minutes) = {
        let zone = cursor.number(4, 4)?.0;
        (zone / 100, zone % 100)
    };
    let offset = milliseconds(hours, minutes, 0)?;
    match sign {
        b'+' => Some(offset),
        b'-' => Some(-offset),
        _ => None,
    }
}

/// RFC 5322 section 4.3, in milliseconds east of UTC.
fn named_zone(name: &[u8]) -> Option<i64> {
    const ZONES: [(&[u8], i64); 12] = [
        (b"GMT", 0),
        (b"UTC", 0),
        (b"UT", 0),
        (b"Z", 0),
        (b"EST", -5),
        (b"EDT", -4),
        (b"CST", -6),
        (b"CDT", -5),
        (b"MST", -7),
        (b"MDT", -6),
        (b"PST", -8),
        (b"PDT", -7),
    ];
    let (_, hours) = ZONES
        .iter()
        .find(|(zone, _)| name.eq_ignore_ascii_case(zone))?;
    Some(hours * 3_600_000)
}

/// The year meant by the digits of a header: two digits belong to 1950-2049.
fn full_year((year, digits): (i64, usize)) -> Option<i64> {
    match (digits, year) {
        (2, 0..=49) => Some(year + 2000),
        (2, _) => Some(year + 1900),
        (4, 100..) => Some(year),
        _ => None,
    }
}

/// 1 to 12.
fn month(name: &[u8]) -> Option<i64> {
    let &[first, second, third] = name else {
        return None;
    };
    Some(
        match [first, second, third].map(|letter| letter.to_ascii_lowercase()) {
            [b'j', b'a', b'n'] => 1,
            [b'f', b'e', b'b'] => 2,
            [b'm', b'a', b'r'] => 3,
            [b'a', b'p', b'r'] => 4,
            [b'm', b'a', b'y'] => 5,
            [b'j', b'u', b'n'] => 6,
            [b'j', b'u', b'l'] => 7,
            [b'a', b'u', b'g'] => 8,
            [b's', b'e', b'p'] => 9,
            [b'o', b'c', b't'] => 10,
            [b'n', b'o', b'v'] => 11,
            [b'd', b'e', b'c'] => 12,
            _ => return None,
        },
    )
}

fn is_day_name(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    NAMES.contains(&name) || NAMES.iter().any(|day| name.eq_ignore_ascii_case(day))
}

/// Puts the parts together; `None` for a day that no month has.
fn time_value(year: i64, month: i64, day: i64, time: i64, zone: i64) -> Option<f64> {
    if !(1..=31).contains(&day) {
        return None;
    }
    let value = days_since_epoch(year, month, day) * MILLISECONDS_PER_DAY + time - zone;
    // Four-digit years stay far below 2^53 milliseconds.
    Some(value as f64)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March, so that the
/// leap day is the last of its year, and 400 years are one cycle.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let year_of_cycle = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    cycle * 146_097 + day_of_cycle - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn internal_dates() {
        // Values are those of V8's `Date`.
        for (text, value) in [
            (" 7-Jul-1996 02:44:25 -0700", 836_732_665_000.0),
            ("07-Jul-1996 02:44:25 -0700", 836_732_665_000.0),
            ("7-JUL-1996 02:44:25 -0700", 836_732_665_000.0),
            ("01-Jan-1970 00:00:00 +0000", 0.0),
            ("01-Jan-1970 00:00:00 -0000", 0.0),
            ("31-Dec-1969 23:59:59 +0000", -1000.0),
            ("29-Feb-2024 12:00:00 +0530", 1_709_188_200_000.0),
            ("31-Feb-2023 00:00:00 +0000", 1_677_801_600_000.0),
            ("31-Dec-9999 23:59:59 +0000", 253_402_300_799_000.0),
            ("01-Jan-0100 00:00:00 +0000", -59_011_459_200_000.0),
        ] {
            assert_eq!(internal_date(text.as_bytes()), Some(value), "{text}");
        }
    }

    #[test]
    fn internal_dates_left_to_v8() {
        for text in [
            "",
            "NIL",
            " 7-Jul-1996",
            " 7-Jul-1996 02:44:25",
            " 7-Jul-96 02:44:25 -0700",
            "07-Jul-0096 02:44:25 -0700",
            " 7-July-1996 02:44:25 -0700",
            " 7-Jul-1996 02:44:60 -0700",
            " 7-Jul-1996 24:00:00 -0700",
            " 0-Jul-1996 02:44:25 -0700",
            "32-Jul-1996 02:44:25 -0700",
            " 7-Jul-1996 02:44:25 -2400",
            " 7-Jul-1996 02:44:25 -0060",
            " 7-Jul-1996 02:44:25 GMT",
            " 7-Jul-1996 02:44:25 -0700 ",
            "  7-Jul-1996 02:44:25 -0700",
        ] {
            assert_eq!(internal_date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn header_dates() {
        for (text, value) in [
            ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)", 837_595_405_000.0),
            ("Wed, 17 Jul 1996 02:23:25 PDT", 837_595_405_000.0),
            ("wed 17 jul 96 2:23:25 -0700", 837_595_405_000.0),
            ("\t17  Jul\t1996  02:23:25  -0700 ", 837_595_405_000.0),
            ("17 Jul 1996 02:23 GMT", 837_570_180_000.0),
            ("17 Jul 1996 02:23 UT(any thing)", 837_570_180_000.0),
            ("1 Jan 49 00:00:00 +0000", 2_493_072_000_000.0),
            ("1 Jan 50 00:00:00 +0000", -631_152_000_000.0),
        ] {
            assert_eq!(header_date(text.as_bytes()), Some(value), "{text}");
        }
    }

    #[test]
    fn header_dates_left_to_v8() {
        for text in [
            "",
            "Wed, 17 Jul 1996",
            "Wed, 17 Jul 1996 02:23:25",
            "Wed, 17 Jul 1996 02:23:25 (PDT)",
            "17 Jul 196 02:23:25 GMT",
            "17 Jul 0096 02:23:25 GMT",
            "Foo, 17 Jul 1996 02:23:25 GMT",
            "17 Jul 1996 02:23:25 A",
            "17 Jul 1996 02:23:25 GMT+0200",
            "17 Jul 1996 02:23:25 GMT (a (b))",
            "17 Jul 1996 02:23:25 GMT (a",
            "17 Jul 1996 02:23:25 GMT x",
            "1996-07-17T02:23:25Z",
        ] {
            assert_eq!(header_date(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_octets(text in prop::collection::vec(any::<u8>(), 0..48)) {
            internal_date(&text);
            header_date(&text);
        }

        #[test]
        fn nearly_dates(text in "[ 0-3]?[0-9][- ](Jan|feb|X)[- ][0-9]{2,4} [0-9:]{5,8} [-+A-Z0-9 ()]{0,9}") {
            internal_date(text.as_bytes());
            header_date(text.as_bytes());
        }

        #[test]
        fn what_is_usual_is_read_as_anything_else(
            front in "((Mon|sun|X), )?[ 0-9]?[0-9]",
            separator in "[- ]",
            month in "Jan|feb|X",
            year in "00[0-9]{2}|[0-9]{4}",
            time in "[0-2][0-9]:[0-6][0-9]:[0-6][0-9] [-+A][0-2][0-9]{3}",
        ) {
            let text = format!("{front}{separator}{month}{separator}{year} {time}");
            let text = text.as_bytes();
            if let Some(date) = usual_internal_date(text) {
                prop_assert_eq!(any_internal_date(text), Some(date));
            }
            if let Some(date) = usual_header_date(text) {
                prop_assert_eq!(any_header_date(text), Some(date));
            }
        }

        #[test]
        fn both_readers_agree(day in 1..=31, month in 0..12_usize, year in 100..=9999, second in 0..86_400, zone in -1439..=1439) {
            const MONTHS: [&str; 12] =
                ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let month = MONTHS[month];
            let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
            let sign = if zone < 0 { '-' } else { '+' };
            let zone = format!("{sign}{:02}{:02}", i32::abs(zone) / 60, i32::abs(zone) % 60);
            let time = format!("{hour:02}:{minute:02}:{second:02} {zone}");
            let internal = internal_date(format!("{day:02}-{month}-{year:04} {time}").as_bytes());
            prop_assert!(internal.is_some());
            prop_assert_eq!(internal, header_date(format!("{day} {month} {year:04} {time}").as_bytes()));
        }
    }
}
