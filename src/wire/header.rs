//! Stub.
/// x
pub fn parse_header(_: &str, _: bool) -> Vec<(String, Vec<String>)> { Vec::new() }
