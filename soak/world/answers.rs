//! What a server says about the mailbox of a session, which it changes by saying it.

use super::account::Account;
use super::command::{Fetch, Select, ranges};
use super::mailbox::Mailbox;
use super::provider::Level;
use super::view::{Manner, View, set};

/// The data of a SELECT: what there is, and what changed since the client saw it.
pub(crate) fn select(account: &mut Account, id: u64, manner: Manner, select: &Select) -> String {
    let mailbox = &account.mailbox;
    let mut text = format!(
        "* FLAGS (\\Seen \\Answered \\Flagged $Work)\r\n* {} EXISTS\r\n\
         * OK [UIDVALIDITY {}] ok\r\n* OK [UIDNEXT {}] ok\r\n",
        mailbox.messages().len(),
        mailbox.uid_validity,
        mailbox.uid_next
    );
    if account.level != Level::Plain {
        text += &format!("* OK [HIGHESTMODSEQ {}] ok\r\n", mailbox.modseq);
    }
    let mut view = View::of(mailbox);
    // With another UIDVALIDITY the rest is ignored (RFC 7162 section 3.2.5.1).
    if let Some((_, modseq)) = select.since.filter(|it| it.0 == mailbox.uid_validity) {
        text += &vanished(mailbox, modseq);
        text += &view.rows(mailbox, manner, |_, _| true, Some(modseq));
    }
    if let Some(session) = account.session(id) {
        session.view = Some(view);
    }
    text
}

/// What this session was not told yet.
pub(crate) fn news(account: &mut Account, id: u64, manner: Manner, may_expunge: bool) -> String {
    let Some(mut view) = account.session(id).and_then(|it| it.view.take()) else {
        return String::new();
    };
    let news = view.news(&account.mailbox, manner, may_expunge);
    if let Some(session) = account.session(id) {
        session.view = Some(view);
    }
    news
}

/// The rows of a FETCH; `None` if no mailbox is open.
pub(crate) fn rows(
    account: &mut Account,
    id: u64,
    manner: Manner,
    fetch: &Fetch<'_>,
) -> Option<String> {
    let mut view = account.session(id)?.view.take()?;
    let last = match fetch.by_uid {
        true => view.uids().last().unwrap_or(0),
        false => view.uids().len() as u32,
    };
    let ranges = ranges(fetch.set, last);
    let wanted = |seqno, uid| {
        let number = if fetch.by_uid { uid } else { seqno };
        ranges
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&number))
    };
    let mailbox = &account.mailbox;
    let mut text = String::new();
    if let Some(modseq) = fetch.since.filter(|_| fetch.vanished) {
        text += &vanished(mailbox, modseq);
    }
    text += &view.rows(mailbox, manner, wanted, fetch.since);
    account.session(id)?.view = Some(view);
    Some(text)
}

fn vanished(mailbox: &Mailbox, modseq: u64) -> String {
    match &mailbox.vanished_since(modseq)[..] {
        [] => String::new(),
        gone => format!("* VANISHED (EARLIER) {}\r\n", set(gone)),
    }
}
