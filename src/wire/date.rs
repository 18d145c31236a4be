//! Dates as IMAP writes them (RFC 3501 section 9).

use super::argument::{Argument, Date};

/// A day, for searching. `None` if the argument is no valid `Date` of the years 0 to 9999.
///
/// The day is not padded, as in node-imap.
///
/// ```abnf
/// date-text       = date-day "-" date-month "-" date-year
/// date-day        = 1*2DIGIT
/// ```
pub fn date_text(argument: &Argument) -> Option<String> {
    let (date, month) = valid(argument)?;
    Some(format!("{}-{month}-{:04}", date.day, date.year))
}

/// A time in its zone, for APPEND. `None` as in [`date_text`].
///
/// ```abnf
/// date-time       = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
/// date-day-fixed  = (SP DIGIT) / 2DIGIT
/// zone            = ("+" / "-") 4DIGIT
/// ```
pub fn date_time(argument: &Argument) -> Option<String> {
    let (date, month) = valid(argument)?;
    let sign = if date.zone < 0 { '-' } else { '+' };
    let zone = date.zone.unsigned_abs();
    Some(format!(
        "\"{:02}-{month}-{:04} {:02}:{:02}:{:02} {sign}{:02}{:02}\"",
        date.day,
        date.year,
        date.hour,
        date.minute,
        date.second,
        zone / 60,
        zone % 60,
    ))
}

fn valid(argument: &Argument) -> Option<(&Date, &'static str)> {
    let Argument::Date(date) = argument else {
        return None;
    };
    let month = MONTHS.get(usize::from(date.month.checked_sub(1)?))?;
    (date.valid && (0..=9999).contains(&date.year)).then_some((date, *month))
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u8, zone: i16) -> Argument {
        Argument::Date(Date {
            text: String::new(),
            valid: true,
            year,
            month,
            day: 5,
            hour: 0,
            minute: 38,
            second: 3,
            zone,
        })
    }

    #[test]
    fn days_are_as_long_as_they_are() {
        assert_eq!(date_text(&date(2010, 5, 0)).unwrap(), "5-May-2010");
        assert_eq!(date_text(&date(987, 12, 0)).unwrap(), "5-Dec-0987");
    }

    #[test]
    fn times_have_two_digits_and_the_right_zone() {
        for (zone, expected) in [
            (330, "+0530"),
            (-300, "-0500"),
            (-210, "-0330"),
            (540, "+0900"),
            (0, "+0000"),
        ] {
            let expected = format!("\"05-Sep-2004 00:38:03 {expected}\"");
            assert_eq!(date_time(&date(2004, 9, zone)).unwrap(), expected);
        }
    }

    #[test]
    fn what_has_no_four_digits_or_no_month_is_no_date() {
        for bad in [
            date(-1, 1, 0),
            date(10_000, 1, 0),
            date(2004, 0, 0),
            date(2004, 13, 0),
            Argument::Text("2004-09-05".into()),
        ] {
            assert_eq!(date_text(&bad), None);
            assert_eq!(date_time(&bad), None);
        }
        let Argument::Date(mut invalid) = date(2004, 9, 0) else {
            unreachable!()
        };
        invalid.valid = false;
        assert_eq!(date_text(&Argument::Date(invalid)), None);
    }
}
