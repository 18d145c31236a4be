//! QUOTA responses in the shape of node-imap (contract section 3.6 and Q-61).

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::token::Nodes;
use super::utf7;
use super::value::Plain;

/// The use and the limits of one quota root.
///
/// ```abnf
/// quota-response  = "QUOTA" SP quota-root-name SP quota-list      ; RFC 9208 section 7, RFC 2087
/// quota-list      = "(" [quota-resource *(SP quota-resource)] ")"
/// quota-resource  = resource-name SP resource-usage SP resource-limit
/// ```
#[derive(Debug, serde::Serialize)]
pub struct Quota<'a> {
    /// The root's name, decoded from modified UTF-7 as it is encoded in commands.
    root: String,
    resources: Resources<'a>,
}

impl<'a> Quota<'a> {
    /// Reads the values after `QUOTA`; `None` if they are something else.
    pub fn of(mut values: Nodes<'a>) -> Option<Quota<'a>> {
        let root = values.next().filter(|root| !root.is_list())?;
        let list = values.next().filter(|list| list.is_list())?;
        Some(Quota {
            root: utf7::decode(&root.text()),
            resources: Resources(list.children()),
        })
    }
}

/// An object with lower-case names of resources. A resource without a limit is passed over.
#[derive(Clone, Copy, Debug)]
struct Resources<'a>(Nodes<'a>);

#[derive(serde::Serialize)]
struct Resource<'a> {
    usage: Plain<'a>,
    limit: Plain<'a>,
}

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = self.0;
        let mut map = serializer.serialize_map(None)?;
        while let (Some(name), Some(usage), Some(limit)) =
            (fields.next(), fields.next(), fields.next())
        {
            let resource = Resource {
                usage: Plain(usage),
                limit: Plain(limit),
            };
            map.serialize_entry(&name.string().to_lowercase(), &resource)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::token::tape;
    use super::*;

    fn quota(text: &[u8]) -> Option<serde_json::Value> {
        let tape = tape(text);
        let quota = Quota::of(Nodes::new(text, &tape))?;
        Some(serde_json::to_value(quota).unwrap())
    }

    #[test]
    fn resources_have_lower_case_names() {
        let limits = |usage: f64, limit: f64| json!({"usage": usage, "limit": limit});
        for (text, expected) in [
            (
                r#""" (STORAGE 10 512)"#,
                json!({"root": "", "resources": {"storage": limits(10.0, 512.0)}}),
            ),
            (
                "\"Entw&APw-rfe\" (Message 5 100 x-other 0 0)",
                json!({
                    "root": "Entwürfe",
                    "resources": {"message": limits(5.0, 100.0), "x-other": limits(0.0, 0.0)},
                }),
            ),
            ("2021 ()", json!({"root": "2021", "resources": {}})),
            (
                "x (STORAGE 9223372036854775807 1)",
                json!({"root": "x", "resources": {
                    "storage": {"usage": "9223372036854775807", "limit": 1.0},
                }}),
            ),
        ] {
            assert_eq!(quota(text.as_bytes()), Some(expected));
        }
    }

    #[test]
    fn what_is_malformed_is_passed_over() {
        for text in ["", "x", "x 5", "(STORAGE 1 2)", "() ()"] {
            assert_eq!(quota(text.as_bytes()), None, "{text}");
        }
        let read = quota(b"x (STORAGE 1 2 MESSAGE 3").unwrap();
        assert_eq!(read["resources"].as_object().unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn any_limit_comes_back(name in "[a-z-]{1,9}", usage: u32, limit: u32) {
            let text = format!("\"root\" ({} {usage} {limit})", name.to_uppercase());
            let read = quota(text.as_bytes()).unwrap();
            let expected = json!({"usage": f64::from(usage), "limit": f64::from(limit)});
            prop_assert_eq!(&read["resources"][&name], &expected);
        }

        #[test]
        fn any_octets(text: Vec<u8>) {
            quota(&text);
        }
    }
}
