//! The mailbox of a lost connection is found again, line by line (resilience 2.4, 2.5, S20 to S37).

use super::*;

const QRESYNC: &str = "IDLE ENABLE CONDSTORE QRESYNC";
const CONDSTORE: &str = "IDLE ENABLE CONDSTORE";

/// Plays the server's side: `C:` is what the client says next, `S:` what it hears.
async fn play(peer: &mut Peer, script: &str) {
    for line in script.lines().map(str::trim).filter(|it| !it.is_empty()) {
        match line.split_at(3) {
            ("C: ", line) => peer.expect(line).await,
            ("S: ", line) => peer.say(&format!("{line}\r\n")).await,
            other => panic!("{other:?}"),
        }
    }
}

impl Stage {
    /// The next connection of a server with these capabilities, up to its CAPABILITY.
    async fn next(&mut self, capabilities: &str) -> Peer {
        let (mut peer, _) = self.peers.next().await;
        peer.let_in(capabilities).await;
        if let Some(extension) = ["QRESYNC", "CONDSTORE"]
            .into_iter()
            .find(|extension| capabilities.contains(extension))
        {
            peer.expect(&format!("A2 ENABLE {extension}")).await;
            peer.say(&format!("* ENABLED {extension}\r\nA2 OK done\r\n"))
                .await;
        }
        peer
    }

    /// A session with an open mailbox: messages 3, 5 and 8, as of modification sequence 20.
    async fn watching(user: &str, capabilities: &str) -> (Stage, Peer) {
        let mut stage = Stage::new(user, "true");
        let mut peer = stage.next(capabilities).await;
        let open = r#"{"kind":"select","mailbox":"in","condstore":true}"#;
        stage.program.submit(1, open);
        let script = r#"
            C: A3 SELECT "in" (CONDSTORE)
            S: * 3 EXISTS
            S: * OK [UIDVALIDITY 7] ok
            S: * OK [UIDNEXT 9] ok
            S: * OK [HIGHESTMODSEQ 20] ok
            S: A3 OK done
            C: A4 FETCH 1:3 (UID FLAGS)
            S: * 1 FETCH (UID 3 FLAGS ())
            S: * 2 FETCH (UID 5 FLAGS (\Seen))
            S: * 3 FETCH (UID 8 FLAGS ())
            S: A4 OK done
            C: IDLE IDLE
            S: + idling"#;
        play(&mut peer, script).await;
        assert_eq!(stage.told(), [] as [&str; 0]);
        (stage, peer)
    }

    /// What a listener heard of messages so far, and hears no more.
    fn told(&self) -> Vec<String> {
        let mut seen = self.program.seen.lock().unwrap();
        let is_told = |event: &String| {
            ["Expunge", "Arrived", "Flags", "Update"]
                .iter()
                .any(|kind| event.starts_with(kind))
        };
        let (told, rest) = std::mem::take(&mut seen.events)
            .into_iter()
            .partition(is_told);
        seen.events = rest;
        told
    }
}

fn expunged(seqno: u32, uid: u32, cause: &str) -> String {
    format!("Expunge {{ seqno: {seqno}, uid: Some({uid}), cause: Some(\"{cause}\") }}")
}

fn arrived(uids: &str, cause: &str) -> String {
    format!("Arrived {{ uids: [{uids}], uid_validity: Some(7), cause: \"{cause}\" }}")
}

fn flags(seqno: u32, uid: u32, flags: &str) -> String {
    format!("Flags {{ seqno: {seqno}, uid: {uid}, flags: [{flags}] }}")
}

#[tokio::test(start_paused = true)]
async fn qresync_tells_everything_in_one_round_trip() {
    let (mut stage, peer) = Stage::watching("qresync", QRESYNC).await;
    drop(peer);
    let mut peer = stage.next(QRESYNC).await;
    let script = r#"
        C: A3 SELECT "in" (QRESYNC (7 20))
        S: * 4 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: * OK [UIDNEXT 13] ok
        S: * OK [HIGHESTMODSEQ 31] ok
        S: * VANISHED (EARLIER) 1:3,4,7,300:4294967295
        S: * 2 FETCH (UID 8 FLAGS (\Flagged) MODSEQ (29))
        S: * 3 FETCH (UID 11 FLAGS () MODSEQ (30))
        S: * 4 FETCH (UID 12 FLAGS () MODSEQ (31))
        S: A3 OK done
        C: A4 FETCH 2 (UID)
        S: * 2 FETCH (UID 8)
        S: A4 OK done
        C: IDLE IDLE"#;
    play(&mut peer, script).await;
    assert_eq!(
        stage.told(),
        [
            expunged(1, 3, "resume"),
            arrived("11, 12", "resume"),
            flags(2, 8, r#""\\Flagged""#),
        ]
    );
    assert!(
        stage.program.saw(
            "new: 2, expunged: 1, gap: 2, mailbox: Some(\"in\"), resumed_by: Some(\"qresync\")"
        )
    );
    let synced = "Synced { mailbox: \"in\", uidvalidity: Some(7), last_uid: 12, uidnext: Some(13), \
                  messages: 4, highestmodseq: Some(\"31\") }";
    assert_eq!(stage.program.count(synced), 1);
    assert_eq!(stage.program.count("Synced"), 2);
}

#[tokio::test(start_paused = true)]
async fn without_reconnect_nothing_is_enabled() {
    let mut stage = Stage::new("off", "false");
    let (mut peer, _) = stage.peers.next().await;
    peer.let_in(QRESYNC).await;
    peer.expect("IDLE IDLE").await;
}

#[tokio::test(start_paused = true)]
async fn s22_vanished_is_arithmetic_with_what_is_known() {
    let (stage, mut peer) = Stage::watching("vanished", QRESYNC).await;
    play(
        &mut peer,
        "S: * VANISHED 1:2,3,8,8,9:4294967295\nS: * VANISHED 3",
    )
    .await;
    sleep(SECOND).await;
    let gone = [expunged(3, 8, "live"), expunged(1, 3, "live")];
    assert_eq!(stage.told(), gone);
    play(
        &mut peer,
        "S: * VANISHED (EARLIER) 5\nS: * VANISHED 1:4294967295",
    )
    .await;
    sleep(SECOND).await;
    assert_eq!(stage.told(), [expunged(1, 5, "live")]);
    // Nothing is asked: everything is known.
    play(&mut peer, "S: * OK still here").await;
    assert!(peer.after("DONE").await >= 200 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_vanishes_before_it_was_announced_is_not_guessed() {
    let (stage, mut peer) = Stage::watching("unknown", QRESYNC).await;
    let script = r#"
        S: * 5 EXISTS
        S: * VANISHED 5,10
        C: DONE
        S: IDLE OK done
        C: A5 FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 3 FLAGS (\Answered))
        S: * 2 FETCH (UID 8 FLAGS ())
        S: * 3 FETCH (UID 9 FLAGS ())
        S: A5 OK done
        C: IDLE IDLE"#;
    play(&mut peer, script).await;
    assert_eq!(
        stage.told(),
        [
            expunged(2, 5, "live"),
            arrived("9", "live"),
            flags(1, 3, r#""\\Answered""#),
        ]
    );
    assert!(stage.program.saw("Exists { total: 3, fresh: 0 }"));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_of_the_program_stays_right_when_messages_vanish() {
    let (stage, mut peer) = Stage::watching("fetch", QRESYNC).await;
    let fetch = r#"{"kind":"fetch","uid":true,"set":"1:*","options":{"bodies":"HEADER"}}"#;
    stage.program.submit(2, fetch);
    peer.expect("DONE").await;
    peer.say("IDLE OK done\r\n").await;
    let line = peer.line().await;
    assert!(line.starts_with("A5 UID FETCH 1:* "), "{line}");
    let row = |seqno: u32, uid: u32| {
        format!(
            "S: * {seqno} FETCH (UID {uid} FLAGS () INTERNALDATE \"01-Jan-2026 00:00:00 +0000\" \
             BODY[HEADER] {{2}}\r\n\r\n)"
        )
    };
    // Two have been answered when the first goes: what was 3 is 2.
    let script = [
        row(1, 3),
        row(2, 5),
        "S: * VANISHED 3".to_owned(),
        row(2, 8),
    ];
    for line in script {
        peer.say(&format!("{}\r\n", line.trim_start_matches("S: ")))
            .await;
    }
    play(&mut peer, "S: A5 OK done\nC: IDLE IDLE").await;
    let seen = stage.program.seen.lock().unwrap().events.join("\n");
    assert_eq!(stage.program.count("Body { request: 2"), 3, "{seen}");
    for seqno in [1, 2, 2] {
        assert!(
            seen.contains(&format!("Body {{ request: 2, seqno: {seqno}")),
            "{seen}"
        );
    }
    assert_eq!(stage.told(), [expunged(1, 3, "live")]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_take_qresync_after_all_is_asked_less() {
    let (mut stage, peer) = Stage::watching("bad", QRESYNC).await;
    drop(peer);
    let mut peer = stage.next(QRESYNC).await;
    let script = r#"
        C: A3 SELECT "in" (QRESYNC (7 20))
        S: A3 BAD too much
        C: A4 SELECT "in" (CONDSTORE)
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: * OK [UIDNEXT 9] ok
        S: * OK [HIGHESTMODSEQ 21] ok
        S: A4 OK done
        C: A5 FETCH 1:* (UID FLAGS) (CHANGEDSINCE 20)
        S: * 3 FETCH (UID 8 FLAGS (x) MODSEQ (21))
        S: A5 OK done
        C: IDLE IDLE"#;
    play(&mut peer, script).await;
    assert_eq!(stage.told(), [flags(3, 8, r#""x""#)]);
    assert!(stage.program.saw("resumed_by: Some(\"condstore\")"));
}

#[tokio::test(start_paused = true)]
async fn a_modification_sequence_counts_when_everything_was_told() {
    let (mut stage, mut peer) = Stage::watching("modseq", QRESYNC).await;
    // The higher one first, and the link is cut before the lower one.
    play(&mut peer, "S: * 2 FETCH (UID 5 FLAGS () MODSEQ (40))").await;
    sleep(SECOND).await;
    drop(peer);
    let mut peer = stage.next(QRESYNC).await;
    let script = r#"
        C: A3 SELECT "in" (QRESYNC (7 20))
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: * OK [UIDNEXT 9] ok
        S: * OK [HIGHESTMODSEQ 40] ok
        S: * 2 FETCH (UID 5 FLAGS () MODSEQ (40))
        S: * 1 FETCH (UID 3 FLAGS (x) MODSEQ (39))
        S: A3 OK done
        C: IDLE IDLE
        S: + idling
        S: * 1 FETCH (UID 3 FLAGS () MODSEQ (41))
        C: DONE
        S: IDLE OK done
        C: IDLE IDLE"#;
    play(&mut peer, script).await;
    let told = stage.told();
    assert_eq!(told.iter().filter(|it| it.starts_with("Flags")).count(), 1);
    drop(peer);
    let mut peer = stage.next(QRESYNC).await;
    peer.expect("A3 SELECT \"in\" (QRESYNC (7 41))").await;
}

#[tokio::test(start_paused = true)]
async fn s21_a_sequence_that_falls_or_is_gone_is_not_believed() {
    for modseq in ["HIGHESTMODSEQ 19", "NOMODSEQ"] {
        let (mut stage, peer) = Stage::watching(modseq, QRESYNC).await;
        drop(peer);
        let mut peer = stage.next(QRESYNC).await;
        let script = format!(
            r#"
            C: A3 SELECT "in" (QRESYNC (7 20))
            S: * 3 EXISTS
            S: * OK [UIDVALIDITY 7] ok
            S: * OK [UIDNEXT 10] ok
            S: * OK [{modseq}] ok
            S: A3 OK done
            C: A4 FETCH 1:* (UID FLAGS)
            S: * 1 FETCH (UID 3 FLAGS ())
            S: * 2 FETCH (UID 8 FLAGS ())
            S: * 3 FETCH (UID 9 FLAGS ())
            S: A4 OK done
            C: IDLE IDLE"#
        );
        play(&mut peer, &script).await;
        let told = [expunged(2, 5, "resume"), arrived("9", "resume")];
        assert_eq!(stage.told(), told, "{modseq}");
        assert!(stage.program.saw("resumed_by: Some(\"uids\")"));
        drop(peer);
        let mut peer = stage.next(QRESYNC).await;
        match modseq {
            "NOMODSEQ" => peer.expect("A3 SELECT \"in\" (CONDSTORE)").await,
            _ => {
                peer.expect("A3 SELECT \"in\" (QRESYNC (7 19))").await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn s20_uidnext_may_be_missing_or_wrong() {
    // The count says that nothing is new: the last message says so, too, or not.
    for (uidnext, last, everything) in [
        ("PERMANENTFLAGS ()", 8, false),
        ("UIDNEXT 30", 8, false),
        ("UIDNEXT 30", 9, true),
        ("UIDNEXT 4", 0, true),
    ] {
        let (mut stage, peer) = Stage::watching(&format!("{uidnext} {last}"), CONDSTORE).await;
        drop(peer);
        let mut peer = stage.next(CONDSTORE).await;
        let selected = format!(
            r#"
            C: A3 SELECT "in" (CONDSTORE)
            S: * 3 EXISTS
            S: * OK [UIDVALIDITY 7] ok
            S: * OK [{uidnext}] ok
            S: * OK [HIGHESTMODSEQ 20] ok
            S: A3 OK done"#
        );
        play(&mut peer, &selected).await;
        let mut tag = 4;
        if last > 0 {
            let looked = format!("C: A4 FETCH 3 (UID)\nS: * 3 FETCH (UID {last})\nS: A4 OK done");
            play(&mut peer, &looked).await;
            tag += 1;
        }
        if everything {
            let looked = format!(
                r#"
                C: A{tag} FETCH 1:* (UID FLAGS)
                S: * 1 FETCH (UID 3 FLAGS ())
                S: * 2 FETCH (UID 8 FLAGS ())
                S: * 3 FETCH (UID 9 FLAGS ())
                S: A{tag} OK done"#
            );
            play(&mut peer, &looked).await;
        }
        peer.expect("IDLE IDLE").await;
        let told = match everything {
            true => vec![expunged(2, 5, "resume"), arrived("9", "resume")],
            false => Vec::new(),
        };
        assert_eq!(stage.told(), told, "{uidnext} {last}");
    }
}

#[tokio::test(start_paused = true)]
async fn s23_numbers_that_cannot_be_lead_to_a_look_and_not_to_a_fall() {
    for nonsense in [
        "* 0 EXPUNGE",
        "* 4 EXPUNGE",
        "* 4294967295 EXPUNGE",
        "* 2 EXISTS",
        "* 1 FETCH (UID 5 FLAGS (\\Seen))",
    ] {
        let (stage, mut peer) = Stage::watching(&nonsense.replace('\\', ""), CONDSTORE).await;
        let script = format!(
            r#"
            S: {nonsense}
            C: DONE
            S: IDLE OK done
            C: A5 FETCH 1:* (UID FLAGS)
            S: * 1 FETCH (UID 5 FLAGS (\Seen))
            S: * 2 FETCH (UID 8 FLAGS ())
            S: A5 OK done"#
        );
        play(&mut peer, &script).await;
        if nonsense.contains("FETCH") {
            // It said that there are three: the third must have a name, or go.
            play(&mut peer, "C: A6 NOOP\nS: * 3 EXPUNGE\nS: A6 OK done").await;
        }
        peer.expect("IDLE IDLE").await;
        let mut told = stage.told();
        told.retain(|event| !event.starts_with("Update"));
        assert_eq!(told, [expunged(1, 3, "live")], "{nonsense}");
    }
}

#[tokio::test(start_paused = true)]
async fn s37_a_server_that_lost_an_extension_is_asked_for_everything() {
    let (mut stage, peer) = Stage::watching("lost", QRESYNC).await;
    drop(peer);
    let mut peer = stage.next("IDLE").await;
    let script = r#"
        C: A2 SELECT "in"
        S: * 2 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: * OK [UIDNEXT 9] ok
        S: A2 OK done
        C: A3 FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 3 FLAGS ())
        S: * 2 FETCH (UID 8 FLAGS ())
        S: A3 OK done
        C: IDLE IDLE"#;
    play(&mut peer, script).await;
    assert_eq!(stage.told(), [expunged(2, 5, "resume")]);
}

#[tokio::test(start_paused = true)]
async fn uids_that_do_not_last_are_told_once_and_never_replayed() {
    for code in ["UIDNOTSTICKY", "UNSEEN 1"] {
        let (mut stage, peer) = Stage::watching(code, CONDSTORE).await;
        drop(peer);
        for uids in [[30, 31, 32], [50, 51, 52]] {
            let mut peer = stage.next("IDLE").await;
            let validity = match code {
                "UIDNOTSTICKY" => "UIDVALIDITY 7",
                _ => "UIDNEXT 99",
            };
            let [one, two, three] = uids;
            let script = format!(
                r#"
                C: A2 SELECT "in"
                S: * 3 EXISTS
                S: * OK [{validity}] ok
                S: * OK [{code}] ok
                S: A2 OK done
                C: A3 FETCH 1:* (UID FLAGS)
                S: * 1 FETCH (UID {one} FLAGS ())
                S: * 2 FETCH (UID {two} FLAGS ())
                S: * 3 FETCH (UID {three} FLAGS ())
                S: A3 OK done
                C: IDLE IDLE"#
            );
            play(&mut peer, &script).await;
            assert_eq!(stage.told(), [] as [&str; 0], "{code}");
        }
        assert_eq!(
            stage
                .program
                .count("MailboxReset { cause: \"uidnotsticky\""),
            1
        );
        assert_eq!(stage.program.count("Uidvalidity("), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_gmail_does_not_show_yet_is_asked_for_again() {
    let (mut stage, peer) = Stage::watching("gmail", CONDSTORE).await;
    drop(peer);
    for (modseq, row, next) in [
        (25, None, 20),
        (26, Some("S: * 1 FETCH (UID 3 FLAGS (x) MODSEQ (24))"), 20),
        (27, None, 26),
    ] {
        let mut peer = stage.next(CONDSTORE).await;
        let script = format!(
            r#"
            C: A3 SELECT "in" (CONDSTORE)
            S: * 3 EXISTS
            S: * OK [UIDVALIDITY 7] ok
            S: * OK [UIDNEXT 9] ok
            S: * OK [HIGHESTMODSEQ {modseq}] ok
            S: A3 OK done
            C: A4 FETCH 1:* (UID FLAGS) (CHANGEDSINCE {next})
            {}
            S: A4 OK done
            C: IDLE IDLE"#,
            row.unwrap_or_default()
        );
        play(&mut peer, &script).await;
    }
    assert_eq!(stage.told(), [flags(1, 3, r#""x""#)]);
}

#[tokio::test(start_paused = true)]
async fn messages_that_are_hidden_at_first_are_found_out() {
    let (mut stage, peer) = Stage::watching("hidden", CONDSTORE).await;
    drop(peer);
    let mut peer = stage.next("IDLE").await;
    // 5 was removed between SELECT and FETCH: it has its number, and no data (RFC 2180).
    let script = r#"
        C: A2 SELECT "in"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] ok
        S: * OK [UIDNEXT 9] ok
        S: A2 OK done
        C: A3 FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 3 FLAGS ())
        S: * 3 FETCH (UID 8 FLAGS ())
        S: A3 OK done
        C: A4 NOOP
        S: * 2 EXPUNGE
        S: A4 OK done
        C: IDLE IDLE
        S: + idling
        S: * 2 EXPUNGE"#;
    play(&mut peer, script).await;
    sleep(SECOND).await;
    let told = [expunged(2, 5, "resume"), expunged(2, 8, "live")];
    assert_eq!(stage.told(), told);
}
