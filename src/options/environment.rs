//! Options from environment variables.

use serde_json::{Map, Value};

use super::value::{OptionError, Values, instead};

/// What the variables of each kind begin with.
#[derive(Clone, Copy, Debug)]
pub struct Prefixes<'a> {
    /// Those of the connection: `USER`, `PASSWORD`, `HOST`, `PORT`, `TLS`, and the timeouts.
    pub client: &'a str,
    /// Those of `keepalive`: `INTERVAL`, `IDLEINTERVAL`, `FORCENOOP`.
    pub keepalive: &'a str,
}

/// What a variable holds.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Secret,
    Port,
    Switch,
    Milliseconds,
}

/// The options of the connection. A variable has the name of its option in upper case.
const CLIENT: [(&str, Kind); 8] = [
    ("user", Kind::Text),
    ("password", Kind::Secret),
    ("host", Kind::Text),
    ("port", Kind::Port),
    ("tls", Kind::Switch),
    ("connTimeout", Kind::Milliseconds),
    ("authTimeout", Kind::Milliseconds),
    ("socketTimeout", Kind::Milliseconds),
];
/// The keys of `keepalive`.
const KEEPALIVE: [(&str, Kind); 3] = [
    ("interval", Kind::Milliseconds),
    ("idleInterval", Kind::Milliseconds),
    ("forceNoop", Kind::Switch),
];

/// Makes a configuration of environment variables. `variables` is a JSON object of them; an empty
/// one is not set. Gives the configuration with numbers and switches where they belong, or an
/// error for each variable that cannot be used, in the order of the options.
///
/// Variables of the connection that nobody reads may be anybody's; those of `keepalive` are
/// misspelt.
pub fn from_environment(
    variables: &str,
    prefixes: Prefixes<'_>,
) -> Result<Value, Vec<OptionError>> {
    let mut map: Map<String, Value> = serde_json::from_str(variables).unwrap_or_default();
    map.retain(|_, value| value.as_str() != Some(""));
    let mut errors = misspelt(&map, prefixes);
    let values = Values::of_variables(map);
    let mut config = read(&values, prefixes.client, &CLIENT, &mut errors);
    let keepalive = read(&values, prefixes.keepalive, &KEEPALIVE, &mut errors);
    if !keepalive.is_empty() {
        config.insert("keepalive".to_owned(), Value::Object(keepalive));
    }
    match errors.is_empty() {
        true => Ok(Value::Object(config)),
        false => Err(errors),
    }
}

fn read(
    values: &Values,
    prefix: &str,
    options: &[(&str, Kind)],
    errors: &mut Vec<OptionError>,
) -> Map<String, Value> {
    let mut config = Map::new();
    for (option, kind) in options {
        match value(values, &variable(prefix, option), *kind) {
            Ok(Some(value)) => _ = config.insert((*option).to_owned(), value),
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
    }
    config
}

fn value(values: &Values, name: &str, kind: Kind) -> Result<Option<Value>, OptionError> {
    Ok(match kind {
        Kind::Text => values.text(name)?.map(Value::from),
        Kind::Secret => {
            let secret = values.secret(name)?;
            secret.map(|secret| Value::from(secret.expose()))
        }
        Kind::Port => values.port(name)?.map(Value::from),
        Kind::Switch => values.switch(name, "true or false")?.map(Value::from),
        Kind::Milliseconds => values.milliseconds(name)?.map(Value::from),
    })
}

/// Variables of `keepalive` that nobody reads; none if the prefix is that of others, too.
fn misspelt(map: &Map<String, Value>, prefixes: Prefixes<'_>) -> Vec<OptionError> {
    let Prefixes { client, keepalive } = prefixes;
    if client.starts_with(keepalive) {
        return Vec::new();
    }
    let known = KEEPALIVE.map(|(option, _)| option.to_ascii_uppercase());
    let known = known.each_ref().map(String::as_str);
    let error = |name: &String| {
        let rest = name.strip_prefix(keepalive)?;
        (!known.contains(&rest)).then(|| OptionError {
            option: name.clone(),
            message: format!(
                "The variable `{name}` is unknown; {}",
                instead(keepalive, rest, &known)
            ),
            range: false,
        })
    };
    map.keys().filter_map(error).collect()
}

fn variable(prefix: &str, option: &str) -> String {
    format!("{prefix}{}", option.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PREFIXES: Prefixes<'_> = Prefixes {
        client: "IMAP_CLIENT_",
        keepalive: "IMAP_KEEPALIVE_",
    };

    fn config(variables: Value) -> Result<Value, Vec<String>> {
        let config = from_environment(&variables.to_string(), PREFIXES);
        config.map_err(|errors| errors.into_iter().map(|error| error.message).collect())
    }

    #[test]
    fn variables_become_options_of_their_own_types() {
        let variables = json!({
            "IMAP_CLIENT_USER": "u", "IMAP_CLIENT_PASSWORD": "123", "IMAP_CLIENT_HOST": "h",
            "IMAP_CLIENT_PORT": "993", "IMAP_CLIENT_TLS": "true", "IMAP_CLIENT_AUTHTIMEOUT": "7",
            "IMAP_KEEPALIVE_INTERVAL": "10000", "IMAP_KEEPALIVE_IDLEINTERVAL": "0",
            "IMAP_KEEPALIVE_FORCENOOP": "false", "IMAP_CLIENT_ID": "somebody's", "HOME": "/",
        });
        let expected = json!({
            "user": "u", "password": "123", "host": "h", "port": 993, "tls": true, "authTimeout": 7.0,
            "keepalive": { "interval": 10000.0, "idleInterval": 0.0, "forceNoop": false },
        });
        assert_eq!(config(variables), Ok(expected));
    }

    #[test]
    fn what_is_not_set_or_empty_is_left_out() {
        assert_eq!(config(json!({})), Ok(json!({})));
        let variables = json!({ "IMAP_CLIENT_PORT": "", "IMAP_KEEPALIVE_INTERVAL": "" });
        assert_eq!(config(variables), Ok(json!({})));
    }

    #[test]
    fn every_variable_that_cannot_be_used_is_told() {
        let variables = json!({
            "IMAP_CLIENT_PORT": "70000", "IMAP_CLIENT_TLS": "yes", "IMAP_KEEPALIVE_INTERVAL": "10s",
            "IMAP_KEEPALIVE_FORCENOP": "true", "IMAP_KEEPALIVE_OFTEN": "1", "IMAP_CLIENT_PASSWORD": 5,
        });
        let time = "expected a number of milliseconds from 0 to 2147483647, e.g. 10000";
        assert_eq!(
            config(variables),
            Err(vec![
                "The variable `IMAP_KEEPALIVE_FORCENOP` is unknown; did you mean \
                 `IMAP_KEEPALIVE_FORCENOOP`?"
                    .to_owned(),
                "The variable `IMAP_KEEPALIVE_OFTEN` is unknown; expected one of \
                 `IMAP_KEEPALIVE_INTERVAL`, `IMAP_KEEPALIVE_IDLEINTERVAL`, \
                 `IMAP_KEEPALIVE_FORCENOOP`"
                    .to_owned(),
                "The variable `IMAP_CLIENT_PASSWORD` is no string; expected a string".to_owned(),
                "The variable `IMAP_CLIENT_PORT` is 70000; expected a whole number from 1 to \
                 65535, e.g. 993"
                    .to_owned(),
                "The variable `IMAP_CLIENT_TLS` is 'yes'; expected true or false".to_owned(),
                format!("The variable `IMAP_KEEPALIVE_INTERVAL` is '10s'; {time}"),
            ])
        );
    }

    #[test]
    fn a_prefix_that_others_have_too_makes_nobody_suspicious() {
        let variables = r#"{"MAIL_USER":"u","MAIL_FROM":"f","MAIL_INTERVAL":"5"}"#;
        let prefixes = Prefixes {
            client: "MAIL_",
            keepalive: "MAIL_",
        };
        let config = from_environment(variables, prefixes);
        let expected = json!({ "user": "u", "keepalive": { "interval": 5.0 } });
        assert_eq!(config, Ok(expected));
    }
}
