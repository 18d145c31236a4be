//! Stub.
/// x
pub fn internal_date(_: &[u8]) -> Option<f64> { None }
/// x
pub fn header_date(_: &[u8]) -> Option<f64> { None }
