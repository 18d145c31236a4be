//! What a connection has to pass before it is made: the limits of its account and of its host.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::connection::Exit;
use crate::error::code;
use crate::options::{Options, Reconnect};

use super::budget::Account;
use super::classify::{Cause, Class, Reach};
use super::gate::{Gate, Pass, Turn};
use super::lockout::{self, Login};

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Door {
    account: Account,
    gate: Arc<Gate>,
    logins_per_minute: f64,
}

/// The right to make a connection and to log in.
#[derive(Debug)]
pub(super) struct Entry {
    pass: Pass,
    login: Login,
}

impl Door {
    pub(super) fn of(options: &Options, settings: &Reconnect) -> Door {
        Door {
            account: Account::of(options),
            gate: Arc::new(Gate::to(options)),
            logins_per_minute: settings.logins_per_minute,
        }
    }

    /// Counts a login that is meant for this moment, and says how much later it has to be.
    pub(super) fn login(&self, at: Instant) -> Duration {
        self.account.login(self.logins_per_minute, at)
    }

    /// Waits until the host may be tried again.
    pub(super) async fn retry(&self, random: &mut fastrand::Rng) -> Turn {
        self.gate.retry(random).await
    }

    /// Waits for the others. `None` if the host has been shut meanwhile.
    ///
    /// # Errors
    ///
    /// These credentials must not be tried now.
    pub(super) async fn enter(&self, options: &Options, turn: Turn) -> Result<Option<Entry>, Exit> {
        let login = Login::begin(&self.account, options).await;
        let login = login.map_err(Exit::Failed)?;
        let pass = self.gate.enter(turn).await;
        self.account.made(self.logins_per_minute, Instant::now());
        Ok(pass.map(|pass| Entry { pass, login }))
    }

    /// A connection ended, or was not made. Says how long it must not be tried again.
    pub(super) fn ended(
        &self,
        cause: &Cause,
        lived: Option<Duration>,
        options: &Options,
        now: Instant,
    ) -> Duration {
        let code = cause.code.as_deref();
        if cause.reach != Reach::Reached || code == Some(code::LOGIN_LIMIT) {
            self.account.spared(self.logins_per_minute, now);
        }
        let is_of_host = cause.class == Class::Transient
            && cause.reach != Reach::Offline
            && code != Some(code::TOKEN);
        if lived.is_none() && is_of_host {
            self.gate.failed();
        }
        match code {
            Some(code::AUTHENTICATION) if cause.class == Class::Rejected => {
                lockout::refused(&self.account, options)
            }
            _ => Duration::ZERO,
        }
    }
}

impl Entry {
    /// The login is done.
    pub(super) fn used(self) {
        self.pass.used();
        self.login.accepted();
    }
}
