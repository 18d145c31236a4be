use super::*;
use crate::wire::request;

fn compiled(text: &str) -> Box<Compiled> {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    let json = format!(r#"{{"kind":"raw","text":"{text}"}}"#);
    Box::new(request::compile(serde_json::from_str(&json).unwrap(), None).unwrap())
}

/// How often a command is sent whole, and what its program is told after that.
fn sent(text: &str) -> (u32, Loss) {
    let mut compiled = compiled(text);
    for times in 1.. {
        match fate(compiled, Wire::Sent, None, true) {
            Ok(again) => compiled = again,
            Err(loss) => return (times, loss),
        }
    }
    panic!("{text}");
}

#[test]
fn what_was_sent_whole_is_repeated_as_often_as_it_does_no_harm() {
    for (text, times, loss) in [
        ("UID FETCH 1 (UID)", 3, Loss::Unanswered),
        ("SEARCH ALL", 3, Loss::Unanswered),
        ("UID STORE 1 +FLAGS.SILENT (\\Seen)", 2, Loss::Unknown),
        ("UID EXPUNGE 4", 2, Loss::Unknown),
        ("CREATE x", 2, Loss::Unknown),
        ("UID STORE 1 FLAGS (\\Seen)", 1, Loss::Unknown),
        ("UID MOVE 1 x", 1, Loss::Unknown),
        ("EXPUNGE", 1, Loss::Unknown),
        ("X-ANYTHING", 1, Loss::Unknown),
        // Without a mailbox that says which messages these are.
        ("FETCH 1 (FLAGS)", 1, Loss::Stale),
        ("STORE 1 +FLAGS (x)", 1, Loss::Unknown),
        ("MOVE 1 x", 1, Loss::Unknown),
    ] {
        assert_eq!(sent(text), (times, loss), "{text}");
    }
}

#[test]
fn what_was_sent_in_part_is_sent_again() {
    for text in ["APPEND x {3+}", "UID MOVE 1 x", "RENAME x y"] {
        let Ok(command) = Command::raw(text) else {
            continue;
        };
        let mut compiled = compiled("NOOP");
        compiled.command = command;
        let again = fate(compiled.clone(), Wire::Partial, None, true);
        assert!(matches!(again, Ok(again) if again.tries == 0), "{text}");
        let lost = fate(compiled, Wire::Partial, None, false);
        assert!(matches!(lost, Err(Loss::Unanswered)), "{text}");
    }
    let stale = fate(compiled("COPY 1 x"), Wire::Partial, None, true);
    assert!(matches!(stale, Err(Loss::Stale)));
}

#[test]
fn only_a_mailbox_that_may_be_there_already_is_forgiven() {
    for (wire, expected) in [(Wire::Partial, None), (Wire::Sent, Some("ALREADYEXISTS"))] {
        match fate(compiled("CREATE x"), wire, None, true) {
            Ok(again) => assert_eq!(again.forgives, expected),
            other => panic!("{other:?}"),
        }
    }
}
