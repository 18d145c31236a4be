//! Logging in: which mechanism, and how it is carried out.
//!
//! * [`mechanism`] chooses from what the options give and the server offers.
//! * [`bearer`] wraps access tokens.
//! * [`gate`] has async-imap authenticate, over a [`Dialogue`] with the server.
//!
//! A secret leaves this room in the bytes for the server and nowhere else.

pub mod bearer;
pub mod gate;
pub mod mechanism;

pub use gate::{Dialogue, Reply, authenticate};
pub use mechanism::{Mechanism, choose};
