//! What options may be, and what is said of those that may not.

use super::*;

fn parse(text: &str) -> Result<Options, OptionError> {
    Options::from_json(text)
}

#[test]
fn an_empty_object_gives_the_defaults_of_node_imap() {
    let options = parse("{}").unwrap();
    assert_eq!((options.host.as_str(), options.port), ("localhost", 143));
    assert_eq!(options.connect_timeout, Duration::from_secs(10));
    assert_eq!(options.authentication_timeout, Duration::from_secs(5));
    assert_eq!(options.socket_timeout, None);
    assert_eq!(options.keepalive, Some(KeepAlive::default()));
}

#[test]
fn certificates_are_kept_once_for_all_who_trust_them() {
    let ca = |text: &str| parse(text).unwrap().tls_options.ca.unwrap();
    let ours = ca(r#"{"tlsOptions":{"ca":["shared by two","and more"]}}"#);
    let same = ca(r#"{"tlsOptions":{"ca":["shared by two","and more"]}}"#);
    let other = ca(r#"{"tlsOptions":{"ca":"shared by two"}}"#);
    assert!(Arc::ptr_eq(&ours, &same));
    assert_eq!(*ours, ["shared by two", "and more"]);
    assert_eq!(*other, ["shared by two"]);
}

#[test]
fn numbers_from_the_environment_are_numbers() {
    let text = r#"{"port":"993","socketTimeout":"60000","keepalive":{"interval":"100"}}"#;
    let options = parse(text).unwrap();
    assert_eq!(options.port, 993);
    assert_eq!(options.socket_timeout, Some(Duration::from_secs(60)));
    assert_eq!(
        options.keepalive.unwrap().interval,
        Duration::from_millis(100)
    );
}

#[test]
fn zero_is_the_default_and_false_turns_keepalive_off() {
    assert_eq!(
        parse(r#"{"connTimeout":0}"#)
            .unwrap()
            .connect_timeout
            .as_secs(),
        10
    );
    assert_eq!(parse(r#"{"keepalive":false}"#).unwrap().keepalive, None);
    assert_eq!(parse(r#"{"keepalive":"false"}"#).unwrap().keepalive, None);
}

#[test]
fn each_limit_is_set_alone() {
    assert_eq!(parse("{}").unwrap().limits, Limits::default());
    let options = parse(r#"{"limits":{"lineBytes":"2048","depth":7,"items":0}}"#);
    let expected = Limits {
        line_bytes: 2048,
        depth: 7,
        ..Limits::default()
    };
    assert_eq!(options.unwrap().limits, expected);
}

#[test]
fn each_deadline_is_set_alone() {
    assert_eq!(parse("{}").unwrap().timeouts, Timeouts::default());
    let options = parse(r#"{"timeouts":{"done":7,"noop":0},"tcp":{"keepCount":"5"}}"#);
    let options = options.unwrap();
    let expected = Timeouts {
        done: Duration::from_millis(7),
        ..Timeouts::default()
    };
    assert_eq!(options.timeouts, expected);
    let expected = TcpOptions {
        keep_count: 5,
        // 45 + 5 x 15 seconds.
        user_timeout: Duration::from_secs(120),
        ..TcpOptions::default()
    };
    assert_eq!(options.tcp, expected);
}

#[test]
fn news_are_asked_for_only_where_a_session_comes_back_or_the_program_says_so() {
    let asks = |text| parse(text).unwrap().keepalive.unwrap().resync_interval;
    assert_eq!(asks("{}"), None);
    assert_eq!(asks(r#"{"reconnect":true}"#), Some(DEFAULT_RESYNC_INTERVAL));
    let minute = Some(Duration::from_secs(60));
    assert_eq!(asks(r#"{"keepalive":{"resyncInterval":60000}}"#), minute);
    let both = r#"{"keepalive":{"resyncInterval":60000},"reconnect":true}"#;
    assert_eq!(asks(both), minute);
}

#[test]
fn an_unknown_limit_is_told_with_those_that_there_are() {
    let error = parse(r#"{"limits":{"linebytes":2048}}"#).unwrap_err();
    assert_eq!(
        error.message,
        "The option `limits.linebytes` is unknown; did you mean `lineBytes`?"
    );
    let error = parse(r#"{"limits":{"everything":2048}}"#).unwrap_err();
    let names = "`responseBytes`, `lineBytes`, `literalBytes`, `items`, `depth`";
    assert!(error.message.ends_with(&format!("expected one of {names}")));
}

#[test]
fn nonsense_is_refused_by_name() {
    for (text, option) in [
        (r#"{"port":70000}"#, "port"),
        (r#"{"port":"imap"}"#, "port"),
        (r#"{"host":5}"#, "host"),
        (r#"{"authTimeout":"10s"}"#, "authTimeout"),
        (r#"{"connTimeout":-1}"#, "connTimeout"),
        (r#"{"keepalive":{"interval":1e12}}"#, "keepalive.interval"),
        (
            r#"{"tlsOptions":{"minVersion":"TLSv1"}}"#,
            "tlsOptions.minVersion",
        ),
        (
            r#"{"tlsOptions":{"maxVersion":"TLSv1.1"}}"#,
            "tlsOptions.maxVersion",
        ),
        (
            r#"{"tlsOptions":{"minVersion":"TLSv1.3","maxVersion":"TLSv1.2"}}"#,
            "tlsOptions.maxVersion",
        ),
        (r#"{"localAddress":"nowhere"}"#, "localAddress"),
        (r#"{"limits":5}"#, "limits"),
        (r#"{"limits":{"lineBytes":1000}}"#, "limits.lineBytes"),
        (r#"{"limits":{"literalBytes":1e9}}"#, "limits.literalBytes"),
        (
            r#"{"limits":{"responseBytes":"Infinity"}}"#,
            "limits.responseBytes",
        ),
        (r#"{"limits":{"items":1.5}}"#, "limits.items"),
        (r#"{"limits":{"depth":201}}"#, "limits.depth"),
        (r#"{"timeouts":5000}"#, "timeouts"),
        (r#"{"tcp":{"keepCount":128}}"#, "tcp.keepCount"),
        (r#"{"tcp":{"keepCount":1.5}}"#, "tcp.keepCount"),
        (r#"{"reconnect":{"capMs":"soon"}}"#, "reconnect.capMs"),
        (
            r#"{"reconnect":{"baseMs":5000,"capMs":10}}"#,
            "reconnect.capMs",
        ),
        (
            r#"{"reconnect":{"loginsPerMinute":-1}}"#,
            "reconnect.loginsPerMinute",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.option, option);
        assert!(error.message.contains(option), "{}", error.message);
    }
}

#[test]
fn a_misspelt_key_is_answered_with_the_right_one() {
    let error = parse(r#"{"reconnect":{"maxAtempts":3}}"#).unwrap_err();
    assert_eq!(error.option, "reconnect.maxAtempts");
    assert!(error.message.ends_with("did you mean `maxAttempts`?"));
    let error = parse(r#"{"keepalive":{"intervall":"10s"}}"#).unwrap_err();
    assert_eq!(
        error.message,
        "The option `keepalive.intervall` is unknown; did you mean `interval`?"
    );
    let error = parse(r#"{"keepalive":{"often":true}}"#).unwrap_err();
    let names = "expected one of `interval`, `idleInterval`, `forceNoop`, `resyncInterval`";
    assert!(error.message.ends_with(names), "{}", error.message);
}

#[test]
fn a_misspelt_option_is_told_and_one_of_the_program_is_not() {
    for (name, meant) in [
        ("reconect", "reconnect"),
        ("keepAlive", "keepalive"),
        ("tlsoptions", "tlsOptions"),
        ("timeout", "timeouts"),
    ] {
        let note = format!("The option `{name}` is unknown; did you mean `{meant}`?");
        assert_eq!(misspelt(name), Some(note));
    }
    for name in ["mailbox", "label", "name", "secure", "path", "markSeen", ""] {
        assert_eq!(misspelt(name), None, "{name}");
    }
}

#[test]
fn a_session_comes_back_only_if_it_is_told_to() {
    assert_eq!(parse("{}").unwrap().reconnect, None);
    let on = parse(r#"{"reconnect":true}"#).unwrap().reconnect;
    assert_eq!(on, Some(Reconnect::default()));
    let some = parse(r#"{"reconnect":{"baseMs":5,"maxAttempts":2}}"#).unwrap();
    let some = some.reconnect.unwrap();
    assert_eq!((some.base.as_millis(), some.max_attempts), (5, Some(2)));
    assert_eq!(some.cap, Reconnect::default().cap);
    let delays = |text| {
        let delays = parse(text).unwrap().reconnect.unwrap();
        (delays.base.as_millis(), delays.cap.as_millis())
    };
    assert_eq!(delays(r#"{"reconnect":{"capMs":10}}"#), (10, 10));
    assert_eq!(
        delays(r#"{"reconnect":{"baseMs":90000}}"#),
        (90_000, 90_000)
    );
}

#[test]
fn a_string_is_taken_for_what_it_says_and_that_is_said() {
    let text = r#"{"connTimeout":"20000","socketTimeout":"0","authTimeout":"false",
        "keepalive":{"interval":"0100","forceNoop":"true"},"reconnect":"1"}"#;
    assert_eq!(
        check(text).unwrap(),
        [
            "The option `connTimeout` is the string '20000'; write 20000",
            "The option `authTimeout` is the string 'false'; write false",
            "The option `socketTimeout` is the string '0'; write 0",
            "The option `keepalive.interval` is the string '0100'; write 100",
            "The option `keepalive.forceNoop` is the string 'true'; write true",
            "The option `reconnect` is the string '1'; write true",
        ]
    );
    let options = parse(text).unwrap();
    let keepalive = options.keepalive.unwrap();
    assert_eq!(keepalive.interval, Duration::from_millis(100));
    assert!(keepalive.force_noop && options.reconnect.is_some());
    let typed = r#"{"connTimeout":20000,"keepalive":{"forceNoop":false},"reconnect":true}"#;
    assert_eq!(check(typed), Ok(vec![]));
    assert_eq!(check("{}"), Ok(vec![]));
}

#[test]
fn anything_else_is_refused_and_shown() {
    let number = |text: &str| format!(r#"{{"$":"number","text":"{text}"}}"#);
    let time = "expected a number of milliseconds from 0 to 2147483647, e.g. 10000";
    for (value, came, range) in [
        (number("NaN"), "NaN", true),
        (number("Infinity"), "Infinity", true),
        (number("-Infinity"), "-Infinity", true),
        ("-1".to_owned(), "-1", true),
        ("2147483648".to_owned(), "2147483648", true),
        (r#""2147483648""#.to_owned(), "2147483648", true),
        (r#""abc""#.to_owned(), "'abc'", false),
        (r#""10s""#.to_owned(), "'10s'", false),
        (r#""1e3""#.to_owned(), "'1e3'", false),
        (r#"" 100""#.to_owned(), "' 100'", false),
        (r#""-1""#.to_owned(), "'-1'", false),
        (r#""""#.to_owned(), "''", false),
        (r#""yes""#.to_owned(), "'yes'", false),
        (r#""100\r""#.to_owned(), "'100\\r'", false),
        ("true".to_owned(), "true", false),
        ("[100]".to_owned(), "[100]", false),
        ("{}".to_owned(), "an object", false),
        (r#"{"$":"bigint","text":"5"}"#.to_owned(), "5n", false),
    ] {
        for option in ["connTimeout", "authTimeout", "socketTimeout"] {
            let error = check(&format!(r#"{{"{option}":{value}}}"#)).unwrap_err();
            let message = format!("The option `{option}` is {came}; {time}");
            assert_eq!((error.message, error.range), (message, range));
        }
        for (object, option) in [
            ("keepalive", "interval"),
            ("keepalive", "idleInterval"),
            ("keepalive", "resyncInterval"),
            ("timeouts", "greeting"),
            ("timeouts", "command"),
            ("timeouts", "continuation"),
            ("timeouts", "done"),
            ("timeouts", "noop"),
            ("timeouts", "logout"),
            ("timeouts", "afterBye"),
            ("tcp", "keepIdle"),
            ("tcp", "keepInterval"),
            ("tcp", "userTimeout"),
        ] {
            let text = format!(r#"{{"{object}":{{"{option}":{value}}}}}"#);
            let option = format!("{object}.{option}");
            assert_eq!(check(&text).unwrap_err().option, option);
        }
    }
}

#[test]
fn a_switch_is_on_or_off() {
    let on = |value: &str| {
        let options = parse(&format!(r#"{{"keepalive":{value}}}"#));
        options.map(|options| options.keepalive.is_some())
    };
    for value in ["true", "1", "10000", r#""true""#, r#""1""#, "{}", "null"] {
        assert_eq!(on(value), Ok(true), "{value}");
    }
    for value in ["false", "0", r#""false""#, r#""0""#] {
        assert_eq!(on(value), Ok(false), "{value}");
    }
    for value in [
        r#""yes""#,
        r#""no""#,
        r#""off""#,
        r#""True""#,
        r#""""#,
        "[]",
        "-1",
    ] {
        let error = on(value).unwrap_err();
        assert_eq!(error.option, "keepalive");
        assert!(error.message.contains("expected true, false or an object"));
    }
}

#[test]
fn a_wrong_secret_is_not_shown() {
    for option in ["password", "xoauth", "xoauth2"] {
        let error = parse(&format!(r#"{{"{option}":12345}}"#)).unwrap_err();
        let message = format!("The option `{option}` is no string; expected a string");
        assert_eq!(error.message, message);
    }
}

#[test]
fn secrets_cannot_be_printed() {
    let options = parse(r#"{"user":"u","password":"canary","xoauth2":"canary"}"#).unwrap();
    assert!(!format!("{options:?}").contains("canary"));
}
