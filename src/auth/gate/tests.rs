//! Both sides of a login, as a script: what the server answers, and what must be on the wire.

use std::collections::VecDeque;

use super::*;
use crate::error::Refusal;
use crate::options::Secret;
use crate::wire::value::Value;

/// A server that answers in turn, and then has gone.
#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    sent: Vec<String>,
    shown: Vec<String>,
}

impl Dialogue for Script {
    async fn send(&mut self, line: &[u8], shown: &str) -> Result<(), Error> {
        self.sent.push(String::from_utf8(line.to_vec()).unwrap());
        self.shown.push(shown.to_owned());
        Ok(())
    }

    async fn reply(&mut self) -> Result<Reply, Error> {
        // The rest of the program runs in between, as it does when a server takes its time.
        tokio::task::yield_now().await;
        self.replies.pop_front().ok_or_else(gone)
    }
}

fn gone() -> Error {
    Error::new(Source::Socket, "ECONNRESET", "read ECONNRESET")
}

fn challenge(text: impl Into<Vec<u8>>) -> Reply {
    Reply::Continuation(text.into())
}

fn accepted() -> Reply {
    Reply::Done(Ok(()))
}

fn refused(refusal: Refusal, text: &str) -> Reply {
    Reply::Done(Err(Error::refused(refusal, text, None)))
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn login(user: &str, password: &str) -> Mechanism {
    Mechanism::Login {
        user: user.to_owned(),
        password: secret(password),
    }
}

fn plain() -> Mechanism {
    Mechanism::Plain {
        user: "foo".to_owned(),
        password: secret("canary"),
    }
}

/// Runs the login to its end. No secret may be in what is shown or told.
async fn play(
    mechanism: &Mechanism,
    initial_response_allowed: bool,
    replies: impl Into<VecDeque<Reply>>,
) -> (Script, Result<(), Error>) {
    let mut script = Script {
        replies: replies.into(),
        ..Script::default()
    };
    let outcome = authenticate(&mut script, "A1", mechanism, initial_response_allowed).await;
    let told = format!("{:?} {outcome:?} {mechanism:?}", script.shown);
    assert!(!told.contains("canary"), "{told}");
    assert!(!told.contains(&STANDARD.encode("\0foo\0canary")), "{told}");
    (script, outcome)
}

#[tokio::test]
async fn login_is_one_line_of_quoted_strings() {
    let (script, outcome) = play(&login("foo", "canary"), true, [accepted()]).await;
    outcome.unwrap();
    assert_eq!(script.sent, ["A1 LOGIN \"foo\" \"canary\"\r\n"]);
    assert_eq!(script.shown, ["A1 LOGIN \"foo\" <redacted>"]);
}

#[tokio::test]
async fn quotes_backslashes_and_utf8_are_sent_as_node_imap_sends_them() {
    let mechanism = login("a\"b", "c\\canary\u{e9}");
    let (script, outcome) = play(&mechanism, true, [accepted()]).await;
    outcome.unwrap();
    assert_eq!(
        script.sent,
        ["A1 LOGIN \"a\\\"b\" \"c\\\\canary\u{e9}\"\r\n"]
    );
    assert_eq!(script.shown, ["A1 LOGIN \"a\\\"b\" <redacted>"]);
}

#[tokio::test]
async fn a_token_goes_out_verbatim_in_the_line_of_the_command() {
    for (mechanism, line) in [
        (
            Mechanism::Xoauth2(secret("Y2FuYXJ5==")),
            "A1 AUTHENTICATE XOAUTH2 Y2FuYXJ5==\r\n",
        ),
        (
            Mechanism::Xoauth(secret("canary no base64")),
            "A1 AUTHENTICATE XOAUTH canary no base64\r\n",
        ),
        (
            Mechanism::Xoauth2(secret("canary\"\\")),
            "A1 AUTHENTICATE XOAUTH2 canary\\\"\\\\\r\n",
        ),
    ] {
        let (script, outcome) = play(&mechanism, false, [accepted()]).await;
        outcome.unwrap();
        assert_eq!(script.sent, [line]);
        assert_eq!(
            script.shown,
            [format!("A1 AUTHENTICATE {} <redacted>", mechanism.name())]
        );
    }
}

#[tokio::test]
async fn a_challenge_is_answered_with_an_empty_line_and_becomes_the_message() {
    let text = r#"{"status":"400","schemes":"Bearer"}"#;
    let replies = [challenge(STANDARD.encode(text)), refused(Refusal::No, "")];
    let mechanism = Mechanism::Xoauth2(secret("canary"));
    let (script, outcome) = play(&mechanism, true, replies).await;
    let error = outcome.unwrap_err();
    assert_eq!(script.sent[1..], ["\r\n"]);
    assert_eq!(script.shown[1..], ["\r\n"]);
    assert_eq!(error.message, text);
    assert_eq!(
        (error.source, error.refusal),
        (Some(Source::Authentication), Some(Refusal::No))
    );

    let replies = [
        challenge(STANDARD.encode(text)),
        refused(Refusal::Bad, "SASL authentication failed"),
    ];
    let error = play(&mechanism, true, replies).await.1.unwrap_err();
    assert_eq!(error.message, "SASL authentication failed");
    assert_eq!(
        (&*error.code, error.refusal),
        (code::AUTHENTICATION, Some(Refusal::Bad))
    );
}

#[tokio::test]
async fn a_challenge_may_lack_padding_or_be_no_base64_at_all() {
    let mechanism = Mechanism::Xoauth2(secret("canary"));
    for (text, message) in [
        (&b"eyJhIjoxfQ"[..], "{\"a\":1}"),
        (b"((((((", ""),
        (b"\xff\xfe\r[ALERT", ""),
        (b"", ""),
    ] {
        let (script, outcome) = play(
            &mechanism,
            true,
            [challenge(text), refused(Refusal::No, "")],
        )
        .await;
        assert_eq!(script.sent[1..], ["\r\n"]);
        let error = outcome.unwrap_err();
        assert_eq!(error.message, message);
        assert!(error.advice.unwrap().contains("`xoauth2`"));
    }
}

#[tokio::test]
async fn plain_waits_for_the_server_unless_it_has_sasl_ir() {
    let response = STANDARD.encode("\0foo\0canary");
    let (script, outcome) = play(&plain(), true, [accepted()]).await;
    outcome.unwrap();
    assert_eq!(
        script.sent,
        [format!("A1 AUTHENTICATE PLAIN {response}\r\n")]
    );
    assert_eq!(script.shown, ["A1 AUTHENTICATE PLAIN <redacted>"]);

    for prompt in ["", "go ahead"] {
        let replies = [challenge(prompt), accepted()];
        let (script, outcome) = play(&plain(), false, replies).await;
        outcome.unwrap();
        assert_eq!(
            script.sent,
            [
                "A1 AUTHENTICATE PLAIN\r\n".to_owned(),
                format!("{response}\r\n")
            ]
        );
        assert_eq!(script.shown, ["A1 AUTHENTICATE PLAIN", "<redacted>"]);
    }
}

#[tokio::test]
async fn credentials_are_not_sent_to_a_server_that_has_answered_already() {
    let (script, outcome) = play(&plain(), false, [accepted()]).await;
    assert_eq!(script.sent.len(), 1);
    assert_eq!(outcome.unwrap_err().source, Some(Source::Protocol));

    let (script, outcome) = play(&plain(), false, [refused(Refusal::No, "not here")]).await;
    assert_eq!(script.sent.len(), 1);
    assert_eq!(outcome.unwrap_err().message, "not here");
}

#[tokio::test]
async fn a_refusal_has_the_text_and_code_of_the_server() {
    let code = Value::Text("AUTHENTICATIONFAILED".to_owned());
    let error = Error::refused(Refusal::No, "Nope", Some(code.clone()));
    let reply = Reply::Done(Err(error));
    let error = play(&login("foo", "canary"), true, [reply])
        .await
        .1
        .unwrap_err();
    assert_eq!(error.message, "Nope");
    assert_eq!(error.text_code, Some(code));

    let error = play(&login("foo", "canary"), true, [refused(Refusal::No, "")])
        .await
        .1
        .unwrap_err();
    assert_eq!(error.message, "");
    assert_eq!(&*error.advice.unwrap(), "Check `user` and `password`.");
}

#[tokio::test]
async fn a_secret_that_the_server_repeats_is_hidden() {
    let reply = refused(Refusal::No, "LOGIN foo canary failed");
    let error = play(&login("foo", "canary"), true, [reply])
        .await
        .1
        .unwrap_err();
    assert_eq!(error.message, "LOGIN foo <redacted> failed");

    let echo = format!("bad line: {}", STANDARD.encode("\0foo\0canary"));
    let error = play(&plain(), true, [refused(Refusal::Bad, &echo)])
        .await
        .1
        .unwrap_err();
    assert_eq!(error.message, "bad line: <redacted>");

    // Hidden inside a word, a short password would be given away.
    let error = play(&login("foo", "no"), true, [refused(Refusal::No, "no")])
        .await
        .1
        .unwrap_err();
    assert_eq!(error.message, "no");
}

/// imap-proto overflows the stack on these; they must not get there.
#[tokio::test]
async fn parentheses_without_end_do_no_harm() {
    let text = format!("[X {}", "(".repeat(400));
    for refusal in [Refusal::No, Refusal::Bad] {
        let error = play(&login("foo", "canary"), true, [refused(refusal, &text)])
            .await
            .1
            .unwrap_err();
        assert_eq!(error.message, text);
    }
    let replies = [challenge(text), accepted()];
    play(&Mechanism::Xoauth2(secret("canary")), true, replies)
        .await
        .1
        .unwrap();
}

#[tokio::test]
async fn a_server_that_goes_away_is_told_as_the_connection_tells_it() {
    for mechanism in [
        login("foo", "canary"),
        plain(),
        Mechanism::Xoauth2(secret("canary")),
    ] {
        for replies in [vec![], vec![challenge("")]] {
            let error = play(&mechanism, false, replies).await.1.unwrap_err();
            assert_eq!(
                (error.message.as_str(), &*error.code),
                ("read ECONNRESET", "ECONNRESET")
            );
        }
    }
}

#[tokio::test]
async fn login_ignores_a_challenge_and_nobody_is_challenged_for_ever() {
    let replies = [challenge("what?"), accepted()];
    let (script, outcome) = play(&login("foo", "canary"), true, replies).await;
    outcome.unwrap();
    assert_eq!(script.sent.len(), 1);

    let endless = vec![challenge(""); MAX_CHALLENGES + 10];
    for mechanism in [login("foo", "canary"), Mechanism::Xoauth(secret("canary"))] {
        let error = play(&mechanism, true, endless.clone()).await.1.unwrap_err();
        assert_eq!(
            (error.source, &*error.code),
            (Some(Source::Protocol), code::LIMIT)
        );
    }
}

#[tokio::test]
async fn long_credentials_and_challenges_fit_through() {
    let long = "canary".repeat(20_000);
    let replies = [challenge(STANDARD.encode(&long)), accepted()];
    let mechanism = Mechanism::Xoauth2(secret(&long));
    let (script, outcome) = play(&mechanism, true, replies).await;
    outcome.unwrap();
    assert_eq!(
        script.sent[0],
        format!("A1 AUTHENTICATE XOAUTH2 {long}\r\n")
    );
}

#[tokio::test]
async fn credentials_that_would_break_the_line_are_never_sent() {
    for mechanism in [
        login("u\r\nA2 X", "canary"),
        Mechanism::Xoauth2(secret("canary\nA2 X")),
    ] {
        let (script, outcome) = play(&mechanism, true, [accepted()]).await;
        assert_eq!(outcome.unwrap_err().code, code::ARGUMENT);
        assert!(script.sent.is_empty());
    }
}

/// The connection's task may run on any thread.
#[test]
fn the_login_is_send() {
    fn is_send(_: impl Send) {}
    is_send(authenticate(&mut Script::default(), "A1", &plain(), true));
}
