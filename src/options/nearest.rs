//! The name that somebody may have meant.

/// A name that must be one of ours may differ from it by every second letter.
pub(super) const HALF: usize = 2;
/// One that may be anybody's, by every third.
pub(super) const A_THIRD: usize = 3;

/// The name that differs least from a misspelt one, in any case; `None` if more than one in so many
/// of its letters would have to be changed.
pub(super) fn nearest<'a>(misspelt: &str, names: &[&'a str], one_in: usize) -> Option<&'a str> {
    let misspelt = misspelt.to_ascii_lowercase();
    let farness = |name: &&&str| distance(&misspelt, &name.to_ascii_lowercase());
    let name = names.iter().min_by_key(farness)?;
    (one_in * farness(&name) <= name.chars().count()).then_some(*name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_recognised_and_others_are_not() {
        let names = ["interval", "idleInterval", "forceNoop"];
        for (misspelt, name) in [
            ("intervall", Some("interval")),
            ("INTERVAL", Some("interval")),
            ("idleinterval", Some("idleInterval")),
            ("idle_interval", Some("idleInterval")),
            ("forceNOOP", Some("forceNoop")),
            ("timeout", None),
            ("", None),
        ] {
            assert_eq!(nearest(misspelt, &names, HALF), name, "{misspelt}");
        }
        assert_eq!(nearest("x", &[], HALF), None);
        assert_eq!(nearest("intervals", &names, A_THIRD), Some("interval"));
        assert_eq!(nearest("invalid", &names, A_THIRD), None);
    }
}
