//! What happens to an account: mail comes and goes, another client changes flags, and now and then
//! something breaks.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{Instant, sleep_until};

use super::account::{Account, Desk, Fault};

/// How often things happen; each is a mean time, and the times between are as they fall (Poisson).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Climate {
    /// Between mails.
    pub(crate) mail: Duration,
    /// Between two looks of another client, which removes some messages.
    pub(crate) expunge: Duration,
    /// Between changes of flags.
    pub(crate) flag: Duration,
    /// Between faults; `None` is never.
    pub(crate) fault: Option<Duration>,
    /// The other client leaves so many messages.
    pub(crate) kept: usize,
}

/// One mail in so many brings others with it.
const BURSTS: usize = 20;
const MAX_BURST: usize = 6;
/// A server that restarts is away for so long at the most.
const RESTART: Duration = Duration::from_secs(60);
/// A login that is refused is refused for so long at the most.
const REFUSAL: Duration = Duration::from_secs(10 * 60);
/// A stall that ends by itself takes so long at the most.
const STALL: Duration = Duration::from_secs(60);

/// Lets it rain on an account until then.
pub(crate) async fn rain(desk: Arc<Desk>, climate: Climate, until: Instant) {
    let _alive = desk.census.enter();
    let mut random = desk.lock().random.fork();
    let mut next = Next::from(Instant::now(), climate, &mut random);
    loop {
        let at = next.first();
        if at >= until {
            return;
        }
        sleep_until(at).await;
        let now = Instant::now();
        let mut account = desk.lock();
        if next.mail <= now {
            next.mail += interval(climate.mail, &mut random);
            deliver(&mut account, &mut random);
        }
        if next.expunge <= now {
            next.expunge += interval(climate.expunge, &mut random);
            tidy(&mut account, climate.kept, &mut random);
        }
        if next.flag <= now {
            next.flag += interval(climate.flag, &mut random);
            change_flag(&mut account, &mut random);
        }
        if let (Some(at), Some(mean)) = (next.fault, climate.fault)
            && at <= now
        {
            // Faults that a sleeping machine missed do not come all at once.
            next.fault = Some(at.max(now) + interval(mean, &mut random));
            strike(&mut account, now, &mut random);
        }
    }
}

/// When each of these happens next.
struct Next {
    mail: Instant,
    expunge: Instant,
    flag: Instant,
    fault: Option<Instant>,
}

impl Next {
    fn from(now: Instant, climate: Climate, random: &mut Rng) -> Next {
        Next {
            mail: now + interval(climate.mail, random),
            expunge: now + interval(climate.expunge, random),
            flag: now + interval(climate.flag, random),
            fault: climate.fault.map(|mean| now + interval(mean, random)),
        }
    }

    fn first(&self) -> Instant {
        let first = self.mail.min(self.expunge).min(self.flag);
        self.fault.map_or(first, |fault| fault.min(first))
    }
}

/// Exponentially distributed.
fn interval(mean: Duration, random: &mut Rng) -> Duration {
    mean.mul_f64(-(1.0 - random.f64()).ln())
}

fn deliver(account: &mut Account, random: &mut Rng) {
    account.deliver();
    if random.usize(..BURSTS) == 0 {
        for _ in 0..random.usize(..MAX_BURST) {
            account.deliver();
        }
    }
}

fn tidy(account: &mut Account, kept: usize, random: &mut Rng) {
    let count = account.mailbox.messages().len();
    let most = match count > kept {
        true => (count - kept).min(4) + 1,
        false => 1,
    };
    for _ in 0..random.usize(..=most) {
        let count = account.mailbox.messages().len();
        if count > 0 {
            // The newest too: before anybody was told of it, now and then.
            account.expunge(random.usize(..count));
        }
    }
}

fn change_flag(account: &mut Account, random: &mut Rng) {
    let count = account.mailbox.messages().len();
    if count > 0 {
        account.toggle(random.usize(..count), random.usize(..4));
    }
}

fn strike(account: &mut Account, now: Instant, random: &mut Rng) {
    account.books.faults += 1;
    let some = |limit: Duration, random: &mut Rng| limit.mul_f64(random.f64());
    match random.usize(..11) {
        0 => account.strike(Fault::Close),
        1 => account.strike(Fault::Tear),
        2 => account.strike(Fault::BlackHole),
        3 => account.strike(Fault::Deafness),
        4 => account.strike(Fault::Stall(some(STALL, random))),
        5 => account.strike(Fault::Bye("Server shutting down.")),
        6 => account.strike(Fault::ByeAlone("Connection is closed. 13")),
        7 => {
            account.strike(Fault::Bye("Server shutting down."));
            account.door.refuses_until = Some(now + some(RESTART, random));
        }
        8 => {
            account.strike(Fault::Close);
            account.door.silent_until = Some(now + some(RESTART, random));
        }
        9 => {
            account.strike(Fault::Close);
            let why = "NO [UNAVAILABLE] Temporary authentication failure.";
            account.door.login = Some((now + some(REFUSAL, random), why));
        }
        _ => {
            account.strike(Fault::Close);
            let why = "BAD Request is throttled. Suggested Backoff Time: 178755 milliseconds";
            account.door.login = Some((now + some(REFUSAL, random), why));
        }
    }
}
