//! A server's end of one connection.
//!
//! What it says is right by the RFCs; when it says it, and whether it goes on saying it, is the
//! provider's habit and the [`Fault`] of the day.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use super::account::{Desk, Fault, Phase, Session};
use super::answers;
use super::command::{Command, Fetch, Select};
use super::provider::Idle;
use super::view::Manner;

/// An answer takes up to so long.
const LATENCY: Duration = Duration::from_millis(150);
/// `* OK Still here` comes so often.
const STILL_HERE: Duration = Duration::from_secs(120);
/// A session whose client does not answer is kept for so long.
const DEAD_PEER: Duration = Duration::from_secs(15 * 60);
/// No world lasts so long.
const NEVER: Duration = Duration::from_secs(1000 * 24 * 60 * 60);
/// What an access token begins with; the rest is when it ends, in milliseconds of the world.
const TOKEN: &str = "token.";

/// Serves a client until either of them is gone.
pub(crate) async fn serve(desk: Arc<Desk>, stream: DuplexStream, birth: Instant) {
    let _alive = desk.census.enter();
    let (id, stir) = desk.lock().enter();
    let mut connection = Connection {
        desk: desk.clone(),
        id,
        stir,
        stream,
        input: Vec::new(),
        birth,
        manner: Manner::default(),
        expires_at: None,
        still_here_at: None,
        is_deaf: false,
    };
    let end = connection.live().await;
    desk.lock()
        .leave(id, matches!(end, End::LoggedOut | End::Expired));
}

/// An access token that is good until then.
pub(crate) fn token(birth: Instant, expires_at: Instant) -> String {
    format!("{TOKEN}{}", (expires_at - birth).as_millis())
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug)]
enum End {
    /// The client is gone.
    Gone,
    /// Something happened to it.
    Struck,
    /// The client said goodbye.
    LoggedOut,
    /// It was too old.
    Expired,
}

struct Connection {
    desk: Arc<Desk>,
    id: u64,
    stir: Arc<Notify>,
    stream: DuplexStream,
    /// What was read and not looked at.
    input: Vec<u8>,
    /// When the world began.
    birth: Instant,
    manner: Manner,
    expires_at: Option<Instant>,
    still_here_at: Option<Instant>,
    is_deaf: bool,
}

/// What a connection wakes up for.
enum Wake {
    Line(String),
    Stirred,
    Timer,
}

impl Connection {
    async fn live(&mut self) -> End {
        match self.greet().await {
            Ok(()) => {}
            Err(end) => return end,
        }
        loop {
            let turned = match self.wake().await {
                Ok(Wake::Line(line)) => self.line(&line).await,
                Ok(Wake::Stirred) => self.push().await,
                Ok(Wake::Timer) => self.timer().await,
                Err(end) => return end,
            };
            if let Err(end) = turned {
                return end;
            }
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        self.pause().await?;
        self.say("* OK ready\r\n").await
    }

    async fn wake(&mut self) -> Result<Wake, End> {
        loop {
            if let Some(line) = self.take_line() {
                return Ok(Wake::Line(line));
            }
            let due = [self.expires_at, self.still_here_at];
            let due = due.into_iter().flatten().min();
            let due = due.unwrap_or(self.birth + NEVER);
            tokio::select! {
                biased;
                read = self.stream.read_buf(&mut self.input) => match read {
                    Ok(0) | Err(_) => return Err(End::Gone),
                    Ok(_) => {}
                },
                () = self.stir.notified() => return Ok(Wake::Stirred),
                () = sleep_until(due) => return Ok(Wake::Timer),
            }
        }
    }

    fn take_line(&mut self) -> Option<String> {
        let end = self.input.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.input.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// Something happened in the mailbox, or to the connection.
    async fn push(&mut self) -> Result<(), End> {
        self.suffer().await?;
        let news = {
            let mut account = self.desk.lock();
            let speaks = matches!(account.provider.idle, Idle::Speaks | Idle::StillHere);
            let is_idling = |it: &&mut Session| it.phase == Phase::Idling;
            match account.session(self.id).filter(is_idling) {
                Some(_) if speaks => answers::news(&mut account, self.id, self.manner, true),
                _ => String::new(),
            }
        };
        self.say(&news).await
    }

    async fn timer(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.expires_at.is_some_and(|at| now >= at) {
            let farewell = {
                let mut account = self.desk.lock();
                let is_known = !account.provider.is_secretive;
                account.books.expire(is_known);
                format!("* BYE {}\r\n", account.provider.farewell)
            };
            self.say(&farewell).await?;
            return Err(End::Expired);
        }
        if self.still_here_at.is_some_and(|at| now >= at) {
            self.still_here_at = Some(now + STILL_HERE);
            self.say("* OK Still here\r\n").await?;
        }
        Ok(())
    }

    async fn line(&mut self, line: &str) -> Result<(), End> {
        self.trace("C", line);
        if self.is_deaf {
            return self.fall_silent().await;
        }
        let was_idling = self.turn(Phase::Busy) == Some(Phase::Idling);
        self.still_here_at = None;
        self.pause().await?;
        if was_idling {
            // The tag of the IDLE, which is all that a client may end (RFC 2177).
            return self.answer("IDLE", "", "done", true).await;
        }
        let (tag, command) = Command::of(line);
        match command {
            Command::Capability => {
                let text = format!("* CAPABILITY {}\r\n", self.capabilities());
                self.answer(tag, &text, "done", true).await
            }
            Command::Login { user } => {
                let is_right = self.desk.lock().name == user;
                self.log_in(tag, is_right.then_some(None)).await
            }
            Command::Xoauth2 { response } => {
                let life = response.and_then(|response| self.token_end(response));
                if life.is_none() {
                    self.say("+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=\r\n")
                        .await?;
                    while !matches!(self.wake().await?, Wake::Line(_)) {}
                }
                self.log_in(tag, life.map(Some)).await
            }
            Command::Enable { qresync } => {
                self.manner = Manner {
                    condstore: true,
                    qresync: self.manner.qresync || qresync,
                };
                let enabled = if qresync { " QRESYNC" } else { "" };
                let text = format!("* ENABLED CONDSTORE{enabled}\r\n");
                self.answer(tag, &text, "done", true).await
            }
            Command::List => {
                self.answer(tag, "* LIST (\\Noselect) \"/\" \"\"\r\n", "done", true)
                    .await
            }
            Command::Status => {
                let text = {
                    let mailbox = &self.desk.lock().mailbox;
                    let count = mailbox.messages().len();
                    format!(
                        "* STATUS Other (MESSAGES {count} UIDNEXT {})\r\n",
                        mailbox.uid_next
                    )
                };
                self.answer(tag, &text, "done", true).await
            }
            Command::Select(select) => self.select(tag, &select).await,
            Command::Fetch(fetch) => self.fetch(tag, &fetch).await,
            Command::Idle => self.idle(tag).await,
            Command::Noop => self.answer(tag, "", "done", true).await,
            Command::Logout => {
                let text = format!("* BYE see you\r\n{tag} OK done\r\n");
                self.say(&text).await?;
                Err(End::LoggedOut)
            }
            Command::Unknown => {
                eprintln!("This world has no answer to '{line}'");
                self.say(&format!("{tag} BAD what?\r\n")).await
            }
        }
    }

    /// `life` is `None` for wrong credentials; inside is when the token ends, if there is one.
    async fn log_in(&mut self, tag: &str, life: Option<Option<Instant>>) -> Result<(), End> {
        let now = Instant::now();
        let refusal = {
            let mut account = self.desk.lock();
            account.books.login(now);
            let refused = account.door.login.filter(|(until, _)| now < *until);
            match refused {
                Some((_, why)) => Some(why),
                None if life.is_none() => Some("NO [AUTHENTICATIONFAILED] no"),
                None if !account.has_room() => {
                    Some("NO [ALERT] Too many simultaneous connections. (Failure)")
                }
                None => None,
            }
        };
        if let Some(refusal) = refusal {
            return self.say(&format!("{tag} {refusal}\r\n")).await;
        }
        self.expires_at = {
            let mut account = self.desk.lock();
            let age = account.provider.age.map(|(age, spread)| {
                let spread = spread.as_secs_f64();
                let shift = (account.random.f64() * 2.0 - 1.0) * spread;
                now + Duration::from_secs_f64(age.as_secs_f64() + shift)
            });
            life.flatten().or(age)
        };
        self.turn(Phase::Ready);
        let text = format!("{tag} OK [CAPABILITY {}] in\r\n", self.capabilities());
        self.say(&text).await
    }

    async fn select(&mut self, tag: &str, select: &Select) -> Result<(), End> {
        self.manner.condstore |= select.condstore;
        let text = answers::select(&mut self.desk.lock(), self.id, self.manner, select);
        let code = match select.read_only {
            true => "[READ-ONLY] done",
            false => "[READ-WRITE] done",
        };
        self.answer(tag, &text, code, true).await
    }

    async fn fetch(&mut self, tag: &str, fetch: &Fetch<'_>) -> Result<(), End> {
        self.manner.condstore |= fetch.since.is_some();
        let rows = answers::rows(&mut self.desk.lock(), self.id, self.manner, fetch);
        match rows {
            // In the answer to UID FETCH messages may go (RFC 3501 section 6.4.8).
            Some(rows) => self.answer(tag, &rows, "done", fetch.by_uid).await,
            None => self.say(&format!("{tag} BAD no mailbox\r\n")).await,
        }
    }

    async fn idle(&mut self, tag: &str) -> Result<(), End> {
        let habit = self.desk.lock().provider.idle;
        if habit == Idle::Refused {
            return self.say_ready(&format!("{tag} NO not now\r\n")).await;
        }
        let news = answers::news(&mut self.desk.lock(), self.id, self.manner, true);
        self.turn(Phase::Idling);
        if habit == Idle::StillHere {
            self.still_here_at = Some(Instant::now() + STILL_HERE);
        }
        self.say(&format!("{news}+ idling\r\n")).await
    }

    /// Data, the news, and the tagged answer.
    async fn answer(
        &mut self,
        tag: &str,
        data: &str,
        text: &str,
        may_expunge: bool,
    ) -> Result<(), End> {
        let news = answers::news(&mut self.desk.lock(), self.id, self.manner, may_expunge);
        self.say_ready(&format!("{data}{news}{tag} OK {text}\r\n"))
            .await
    }

    async fn say_ready(&mut self, text: &str) -> Result<(), End> {
        {
            let mut account = self.desk.lock();
            let session = account.session(self.id);
            if let Some(session) = session.filter(|it| it.phase != Phase::Greeted) {
                session.phase = Phase::Ready;
            }
        }
        self.say(text).await
    }

    async fn say(&mut self, text: &str) -> Result<(), End> {
        if text.is_empty() {
            return Ok(());
        }
        for line in text.lines() {
            self.trace("S", line);
        }
        if let Some(session) = self.desk.lock().session(self.id) {
            session.spoke_at = Instant::now();
        }
        let written: io::Result<()> = self.stream.write_all(text.as_bytes()).await;
        written.map_err(|_| End::Gone)
    }

    /// The server thinks.
    async fn pause(&mut self) -> Result<(), End> {
        let latency = self.desk.lock().random.f64();
        sleep(LATENCY.mul_f64(latency)).await;
        self.suffer().await
    }

    /// What was to happen to this connection happens.
    async fn suffer(&mut self) -> Result<(), End> {
        let fault = {
            let mut account = self.desk.lock();
            account.session(self.id).and_then(|it| it.fault.take())
        };
        let Some(fault) = fault else {
            return Ok(());
        };
        self.trace("!", &format!("{fault:?}"));
        match fault {
            Fault::Close => Err(End::Struck),
            Fault::Tear => {
                self.say("* 1 FETCH (FLAGS (\\Se").await?;
                Err(End::Struck)
            }
            Fault::BlackHole => self.fall_silent().await,
            Fault::Deafness => {
                self.is_deaf = true;
                Ok(())
            }
            Fault::Stall(time) => {
                self.set_dead(true);
                sleep(time).await;
                self.set_dead(false);
                Ok(())
            }
            Fault::Bye(text) => {
                self.say(&format!("* BYE {text}\r\n")).await?;
                Err(End::Struck)
            }
            Fault::ByeAlone(text) => {
                self.set_dead(true);
                self.say(&format!("* BYE {text}\r\n")).await?;
                self.swallow().await;
                Err(End::Struck)
            }
        }
    }

    /// From now on nothing comes through, and the client is not told when it is forgotten.
    async fn fall_silent(&mut self) -> Result<(), End> {
        self.set_dead(true);
        sleep(DEAD_PEER).await;
        self.desk.lock().leave(self.id, false);
        self.swallow().await;
        Err(End::Struck)
    }

    /// Listens to no purpose until the client is gone.
    async fn swallow(&mut self) {
        while self
            .stream
            .read_buf(&mut self.input)
            .await
            .is_ok_and(|read| read > 0)
        {
            self.input.clear();
        }
    }

    fn set_dead(&mut self, is_dead: bool) {
        if let Some(session) = self.desk.lock().session(self.id) {
            session.is_dead = is_dead;
        }
    }

    /// The session does something else now. Gives what it did before.
    fn turn(&mut self, phase: Phase) -> Option<Phase> {
        let mut account = self.desk.lock();
        let session = account.session(self.id)?;
        session.spoke_at = Instant::now();
        let before = session.phase;
        if before != Phase::Greeted || phase == Phase::Ready {
            session.phase = phase;
        }
        Some(before)
    }

    fn capabilities(&self) -> String {
        let account = self.desk.lock();
        let bearer = match account.provider.wants_tokens {
            true => " SASL-IR AUTH=XOAUTH2",
            false => "",
        };
        format!("IMAP4rev1 IDLE{bearer}{}", account.level.capabilities())
    }

    /// Until when the token in this response is good; `None` if it is not, or not ours.
    fn token_end(&self, response: &str) -> Option<Instant> {
        let text = String::from_utf8(STANDARD.decode(response).ok()?).ok()?;
        let (_, rest) = text.split_once("auth=Bearer ")?;
        let millis = rest.strip_prefix(TOKEN)?.trim_end_matches('\x01');
        let millis = millis.parse().ok()?;
        let end = self.birth + Duration::from_millis(millis);
        (end > Instant::now()).then_some(end)
    }

    fn trace(&self, who: &str, line: &str) {
        let account = self.desk.lock();
        if account.is_traced {
            let time = self.birth.elapsed().as_secs_f64();
            eprintln!("{time:14.3} {}#{} {who}: {line}", account.name, self.id);
        }
    }
}
