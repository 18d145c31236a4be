//! THREAD responses in the shape of node-imap: lists of numbers and lists (contract section 3.6).

use serde::ser::{Serialize, Serializer};

use super::token::{Node, Nodes};

/// The threads that a server found, or what is inside of one. What is neither a number of a
/// message nor a list is passed over.
///
/// ```abnf
/// thread-data     = "THREAD" [SP 1*thread-list]            ; RFC 5256 section 4
/// thread-list     = "(" (thread-members / thread-nested) ")"
/// thread-members  = nz-number *(SP nz-number) [SP thread-nested]
/// thread-nested   = 2*thread-list
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Threads<'a>(pub Nodes<'a>);

impl Serialize for Threads<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The recursion ends: the tape is at most MAX_DEPTH deep.
        serializer.collect_seq(self.0.filter_map(Member::of))
    }
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Member<'a> {
    Message(u32),
    Threads(Threads<'a>),
}

impl<'a> Member<'a> {
    fn of(node: Node<'a>) -> Option<Member<'a>> {
        if node.is_list() {
            return Some(Member::Threads(Threads(node.children())));
        }
        let number = u32::try_from(node.number()?).ok()?;
        Some(Member::Message(number))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::token::tape;
    use super::*;

    fn threads(text: &[u8]) -> serde_json::Value {
        let tape = tape(text);
        serde_json::to_value(Threads(Nodes::new(text, &tape))).unwrap()
    }

    #[test]
    fn threads_are_nested_lists() {
        for (text, expected) in [
            ("(2)(3 6 (4 23)(44 7 96))", "[[2],[3,6,[4,23],[44,7,96]]]"),
            ("((3)(5)) (4294967295)", "[[[3],[5]],[4294967295]]"),
            ("", "[]"),
        ] {
            assert_eq!(threads(text.as_bytes()).to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_thread_is_passed_over() {
        for (text, expected) in [
            ("(1 x NIL -2 4294967296)", "[[1]]"),
            ("(1 (2", "[[1,[2]]]"),
            (")) junk (5))", "[[5]]"),
            ("()", "[[]]"),
        ] {
            assert_eq!(threads(text.as_bytes()).to_string(), expected);
        }
    }

    fn forest() -> impl Strategy<Value = serde_json::Value> {
        let leaf = any::<u32>().prop_map(serde_json::Value::from);
        let nested = leaf.prop_recursive(8, 64, 5, |inner| {
            prop::collection::vec(inner, 0..5).prop_map(serde_json::Value::from)
        });
        prop::collection::vec(nested, 0..5).prop_map(serde_json::Value::from)
    }

    proptest! {
        #[test]
        fn any_forest_comes_back(forest in forest()) {
            // JSON's own notation, with IMAP's brackets.
            let text = forest.to_string().replace('[', "(").replace(']', ")").replace(',', " ");
            let tape = tape(text.as_bytes());
            let outer = Nodes::new(text.as_bytes(), &tape).next().unwrap();
            let read = serde_json::to_value(Threads(outer.children())).unwrap();
            prop_assert_eq!(read, forest);
        }

        #[test]
        fn any_octets(text: Vec<u8>) {
            threads(&text);
        }
    }
}
