//! Runs a world from its beginning to its end.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use everimap::clock::{Clock, Sleeper};
use everimap::options::Options;
use everimap::session;
use fastrand::Rng;
use futures_channel::mpsc::unbounded;
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance, sleep, sleep_until};

use crate::client::Client;
use crate::oracle::{Finding, MAX_GROWTH_BYTES, Oracle};
use crate::outcome::Outcome;
use crate::planted::Planted;
use crate::profile::Profile;
use crate::world::account::{Account, Census, Desk, Fault};
use crate::world::dialer;
use crate::world::mailbox::Mailbox;
use crate::world::provider::Level;
use crate::world::weather::rain;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
/// Nothing happens to the accounts in the last hour: what was lost by then must be back.
const PEACE: Duration = HOUR;
/// Messages that are there in the beginning.
const FIRST_MESSAGES: u32 = 20;
/// An outage of a provider takes so long.
const OUTAGE: Duration = HOUR;
/// So many times tasks are counted, for their least number: some come and go.
const SAMPLES: u32 = 20;

/// How a world is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) profile: Profile,
    pub(crate) level: Level,
    pub(crate) seed: u64,
    /// The number of an account whose lines and events are printed.
    pub(crate) traced: Option<usize>,
    pub(crate) planted: Planted,
}

/// Runs a world with a clock that jumps from event to event.
pub(crate) fn run(settings: Settings) -> Outcome {
    let began = std::time::Instant::now();
    // The jitter of the sessions comes from the thread's own numbers.
    fastrand::seed(settings.seed);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let before = processor_time();
    let mut outcome = runtime.block_on(async { World::new(settings).live().await });
    outcome.wall = began.elapsed();
    outcome.processor = processor_time().saturating_sub(before);
    outcome
}

struct World {
    settings: Settings,
    birth: Instant,
    census: Census,
    desks: Vec<Arc<Desk>>,
    clients: Vec<Client>,
    sessions: Vec<JoinHandle<()>>,
    /// The machine of the clients.
    machine: Arc<Sleeper>,
    clock: Clock,
    random: Rng,
    /// Of the whole world.
    findings: Vec<Finding>,
}

/// What the client takes of the machine.
struct Burden {
    tasks: usize,
    resident: u64,
}

impl World {
    fn new(settings: Settings) -> World {
        // Hosts and accounts are spared by the whole process: no two worlds share them.
        static WORLDS: AtomicU64 = AtomicU64::new(0);
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let (machine, clock) = Sleeper::new();
        let mut world = World {
            settings,
            machine: Arc::new(machine),
            clock,
            birth: Instant::now(),
            census: Census::default(),
            desks: Vec::new(),
            clients: Vec::new(),
            sessions: Vec::new(),
            random: Rng::with_seed(settings.seed),
            findings: Vec::new(),
        };
        for account in 0..settings.profile.accounts {
            world.settle(number, account);
        }
        world
    }

    /// An account and its listener.
    fn settle(&mut self, world: u64, number: usize) {
        let Settings {
            profile,
            level,
            traced,
            planted,
            ..
        } = self.settings;
        let provider =
            &profile.providers[(profile.first_provider + number) % profile.providers.len()];
        let name = format!("{}-{number}.{world}", provider.name);
        let mailbox = Mailbox::new(7, profile.first_uid, profile.first_modseq, FIRST_MESSAGES);
        let random = self.random.fork();
        let mut account = Account::new(name.clone(), provider, level, mailbox, random);
        account.is_traced = traced == Some(number);
        let desk = Desk::new(account, self.census.clone());
        let credential = match provider.wants_tokens {
            true => r#""asksToken":true"#,
            false => r#""password":"open sesame""#,
        };
        // The last one counts.
        let json = format!(
            r#"{{"host":"{world}.{}","user":"{name}",{credential},{}}}"#,
            provider.host,
            planted.options()
        );
        let mut options = Options::from_json(&json).expect("options of ours");
        options.clock = self.clock.from_now();
        options.dialer = Some(dialer(desk.clone(), self.birth));
        let (controls, receiver) = unbounded();
        let client = Client::new(desk.clone(), self.birth, controls, planted);
        let sink = Box::new(client.clone());
        self.sessions
            .push(tokio::spawn(session::run(options, receiver, sink)));
        self.desks.push(desk);
        self.clients.push(client);
    }

    async fn live(mut self) -> Outcome {
        let profile = self.settings.profile;
        let end = self.birth + profile.span;
        // Everybody is there before anything happens.
        sleep(MINUTE).await;
        self.compare_all();
        self.begin_weather(end - PEACE);
        let after_an_hour = self.birth + HOUR;
        self.look_until(after_an_hour).await;
        let first = self.burden().await;
        self.look_until(end).await;
        self.conclude().await;
        let last = self.burden().await;
        self.weigh(&first, &last);
        self.part().await;
        self.outcome()
    }

    /// Starts everything that happens to the accounts by itself.
    fn begin_weather(&mut self, until: Instant) {
        let profile = self.settings.profile;
        for desk in &self.desks {
            tokio::spawn(rain(desk.clone(), profile.climate, until));
            for _ in 0..profile.renumberings {
                let at = some_time(&mut self.random, until);
                tokio::spawn(renumber(desk.clone(), at));
            }
        }
        for client in &self.clients {
            let pause = profile.question;
            tokio::spawn(ask(client.clone(), self.census.clone(), pause, until));
        }
        for _ in 0..profile.outages {
            let providers = profile.providers;
            let host = providers[self.random.usize(..providers.len())].host;
            let of_host = |desk: &&Arc<Desk>| desk.lock().provider.host == host;
            let desks: Vec<_> = self.desks.iter().filter(of_host).cloned().collect();
            let at = some_time(&mut self.random, until - OUTAGE);
            let is_silent = self.random.bool();
            tokio::spawn(fail(desks, self.census.clone(), at, is_silent));
        }
        // One in each part of the time: nobody falls asleep while asleep.
        let now = Instant::now();
        let part = (until - now) / profile.sleeps.max(1);
        for number in 0..profile.sleeps {
            let latest = part.saturating_sub(2 * profile.sleep);
            let night = Night {
                at: now + part * number + latest.mul_f64(self.random.f64()),
                time: profile.sleep,
                timers_go_on: number % 2 == 0,
                mails: (profile.sleep.as_secs_f64() / profile.climate.mail.as_secs_f64()) as usize,
                desks: self.desks.clone(),
                clients: self.clients.clone(),
                machine: self.machine.clone(),
            };
            tokio::spawn(night.pass(self.census.clone()));
        }
    }

    async fn look_until(&mut self, until: Instant) {
        while Instant::now() + self.settings.profile.look <= until {
            sleep(self.settings.profile.look).await;
            self.compare_all();
        }
        sleep_until(until).await;
    }

    fn compare_all(&mut self) {
        for client in &self.clients {
            client.watch().compare();
        }
    }

    /// The weather is calm: everybody must be at rest, and have everything.
    async fn conclude(&mut self) {
        for client in &self.clients {
            let mut compared = false;
            for _ in 0..600 {
                compared = client.watch().compare();
                if compared {
                    break;
                }
                sleep(Duration::from_secs(3)).await;
            }
            let mut watch = client.watch();
            if !compared {
                let what = "is not at rest an hour after the last fault".to_owned();
                watch.find(Oracle::Truth, what);
            }
            watch.conclude();
        }
        for (desk, client) in self.desks.iter().zip(&self.clients) {
            let (over, expiries, unforeseen, gaps) = {
                let books = &desk.lock().books;
                (
                    books.over_budget,
                    books.expiries,
                    books.unforeseen,
                    books.gaps,
                )
            };
            let mut watch = client.watch();
            if over > 0.0 {
                let what = format!("{over:.1} logins more than the budget allows");
                watch.find(Oracle::Budget, what);
            }
            if expiries > unforeseen || gaps > expiries {
                let what = format!(
                    "{expiries} sessions were ended because of their age, {unforeseen} of them \
                     unforeseen; {gaps} times there was no session"
                );
                watch.find(Oracle::Rotation, what);
            }
        }
    }

    async fn burden(&self) -> Burden {
        let mut tasks = usize::MAX;
        for _ in 0..SAMPLES {
            let alive = Handle::current().metrics().num_alive_tasks();
            tasks = tasks.min(alive - self.census.count());
            sleep(MINUTE).await;
        }
        Burden {
            tasks,
            resident: resident(),
        }
    }

    fn weigh(&mut self, first: &Burden, last: &Burden) {
        if first.tasks != last.tasks {
            let what = format!(
                "{} tasks after the first hour, {} at the end",
                first.tasks, last.tasks
            );
            self.find(Oracle::Leaks, what);
        }
        let growth = last.resident.saturating_sub(first.resident);
        if growth > MAX_GROWTH_BYTES {
            let what = format!(
                "{} MB after the first hour, {} MB at the end",
                first.resident / 1_000_000,
                last.resident / 1_000_000
            );
            self.find(Oracle::Leaks, what);
        }
    }

    /// All programs end, and nothing of their sessions is left.
    async fn part(&mut self) {
        for client in &self.clients {
            client.watch().end();
        }
        for session in self.sessions.drain(..) {
            if session.await.is_err() {
                self.findings.push(Finding {
                    oracle: Oracle::Word,
                    account: "the world".to_owned(),
                    at: self.birth.elapsed(),
                    what: "a session panicked".to_owned(),
                });
            }
        }
        sleep(MINUTE).await;
        let alive = Handle::current().metrics().num_alive_tasks();
        let left = alive - self.census.count();
        if left > 0 {
            self.find(Oracle::Leaks, format!("{left} tasks are left over"));
        }
    }

    fn find(&mut self, oracle: Oracle, what: String) {
        self.findings.push(Finding {
            oracle,
            account: "the world".to_owned(),
            at: self.birth.elapsed(),
            what,
        });
    }

    fn outcome(self) -> Outcome {
        let mut outcome = Outcome::new(self.settings);
        outcome.findings = self.findings;
        for (desk, client) in self.desks.iter().zip(&self.clients) {
            outcome.add(&desk.lock().books, &mut client.watch());
        }
        outcome
    }
}

fn some_time(random: &mut Rng, until: Instant) -> Instant {
    let now = Instant::now();
    now + (until - now).mul_f64(random.f64())
}

async fn renumber(desk: Arc<Desk>, at: Instant) {
    let _alive = desk.census.enter();
    sleep_until(at).await;
    desk.lock().renumber();
}

async fn ask(client: Client, census: Census, pause: Duration, until: Instant) {
    let _alive = census.enter();
    while Instant::now() + pause < until {
        sleep(pause).await;
        client.watch().ask();
    }
}

/// A provider is away: it refuses connections, or accepts them and says nothing.
async fn fail(desks: Vec<Arc<Desk>>, census: Census, at: Instant, is_silent: bool) {
    let _alive = census.enter();
    sleep_until(at).await;
    for desk in desks {
        let mut account = desk.lock();
        let until = Some(Instant::now() + OUTAGE);
        match is_silent {
            true => {
                account.strike(Fault::BlackHole);
                account.door.silent_until = until;
            }
            false => {
                account.strike(Fault::Close);
                account.door.refuses_until = until;
            }
        }
    }
}

/// The machine of the clients sleeps: all their connections die unseen, and the world goes on.
struct Night {
    at: Instant,
    time: Duration,
    /// As on Windows, so that everything is late when it wakes up. Elsewhere no time has passed for
    /// timers, and a clock tells of the sleep (resilience 2.15).
    timers_go_on: bool,
    /// So many mails come meanwhile to each account.
    mails: usize,
    desks: Vec<Arc<Desk>>,
    clients: Vec<Client>,
    machine: Arc<Sleeper>,
}

impl Night {
    async fn pass(self, census: Census) {
        let _alive = census.enter();
        sleep_until(self.at).await;
        for desk in &self.desks {
            desk.lock().strike(Fault::BlackHole);
        }
        // First, everybody's connections are to be dead.
        tokio::task::yield_now().await;
        if self.timers_go_on {
            for client in &self.clients {
                client.watch().sleep(self.time);
            }
            advance(self.time).await;
            return;
        }
        for desk in &self.desks {
            let mut account = desk.lock();
            account.books.rest();
            for _ in 0..self.mails {
                account.deliver();
            }
        }
        self.machine.sleeps(self.time);
    }
}

/// How much memory this process has in RAM, in bytes; Linux tells it.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// How long this process has computed; Linux tells it, in hundredths of a second.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (_, fields) = stat.rsplit_once(") ").unwrap_or_default();
    // utime and stime of proc(5), counted from the state.
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
}
