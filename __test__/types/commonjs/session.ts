// A session that comes back by itself: its option and its events.
import Imap = require('everimap')

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const same = <A, B>(answer: Same<A, B>): void => console.log(answer)

const imap = new Imap({
  reconnect: {
    baseMs: 1000, capMs: 60000, maxAttempts: 0, stableMs: 300000, loginsPerMinute: 0.5, retryCommands: true
  }
})
console.log(new Imap({ reconnect: true }), new Imap({ reconnect: false }), new Imap({ reconnect: {} }))

imap.on('mail', (count, arrival) => {
  same<typeof count, number>(true)
  same<typeof arrival, Imap.Arrival | undefined>(true)
  if (arrival?.cause === 'resume') console.log(arrival.uids.length, arrival.uidvalidity)
})
imap.on('expunge', (seqno, removal) => {
  same<typeof removal, Imap.Removal | undefined>(true)
  if (removal) same<typeof removal.uid, number | undefined>(true)
})
imap.on('update', (seqno, { uid, flags }) => {
  same<typeof uid, number | undefined>(true)
  same<typeof flags, string[] | undefined>(true)
})

imap.on('disconnected', ({ cause, code, text, willRetry, sessionMs }) => {
  same<typeof cause, Imap.DisconnectCause>(true)
  same<typeof code, string | null>(true)
  console.log(text.length, willRetry === true, sessionMs.toFixed())
})
imap.once('reconnecting', ({ attempt, delayMs, cause }) => {
  same<typeof cause, Imap.DisconnectCause>(true)
  console.log(attempt.toFixed(), delayMs.toFixed())
})
imap.addListener('reconnected', ({ gapMs, attempts }) => console.log(gapMs.toFixed(), attempts.toFixed()))
imap.on('reconnected', info => {
  same<typeof info.resumedBy, 'qresync' | 'condstore' | 'uids' | null>(true)
  same<typeof info.mailbox, string | null>(true)
  console.log(info.new + info.expunged + info.gap)
})
imap.on('synced', ({ mailbox, uidvalidity, lastUid, uidnext, messages, highestmodseq }) => {
  same<typeof uidvalidity, number | null>(true)
  same<typeof uidnext, number | null>(true)
  same<typeof highestmodseq, string | null>(true)
  console.log(mailbox.length, lastUid.toFixed(), messages.toFixed())
})
imap.on('rotating', ({ reason }) => same<typeof reason, Imap.RotationReason>(true))
imap.on('rotated', ({ reason, overlapMs, pauseMs }) => console.log(reason, overlapMs.toFixed(), pauseMs.toFixed()))
imap.once('rotationFailed', ({ reason, cause, code, text, retryMs }) => {
  same<typeof cause, Imap.DisconnectCause>(true)
  console.log(reason, code?.length, text.length, retryMs.toFixed())
})
imap.rotate().then((moved) => same<typeof moved, boolean>(true))
console.log(new Imap({ compress: true }), new Imap({ rotate: false }), new Imap({ rotate: { maxSessionAge: 1000, marginMs: 0, overlap: false } }))
const tokens: Imap.TokenSource = {
  getToken: async ({ cause }) => ({ token: cause, expiresAt: new Date() })
}
console.log(new Imap({ auth: tokens }), new Imap({ auth: { getToken: () => ({ token: 't', expiresAt: 5 }) } }))
const { link, readyAt, commands: { pending }, lastError } = imap.stats()
same<typeof link, Imap.LinkState>(true)
console.log(readyAt?.getTime(), pending.toFixed(), lastError?.at.getTime(), imap.stats().bytesIn.toFixed())
console.log(new Imap({ log: ({ level, event, ms, reason }) => console.log(level, event.length, ms?.toFixed(), reason) }))
imap.on('stalled', ({ sinceMs, phase }) => {
  same<typeof phase, 'command' | 'body' | 'program'>(true)
  console.log(sinceMs.toFixed())
})
imap.on('flowing', ({ stalledMs, phase }) => console.log(stalledMs.toFixed(), phase.length))
imap.on('throttled', ({ waitMs, text }) => console.log(waitMs.toFixed(), text.length))
imap.on('suspended', ({ cause, text }) => {
  same<typeof cause, 'rejected' | 'permanent'>(true)
  console.log(text.length)
})
imap.on('mailboxReset', info => {
  same<typeof info.cause, 'uidvalidity' | 'uidnotsticky'>(true)
  same<typeof info.old, number | null>(true)
  console.log(info.mailbox.length, info.new)
})
imap.off('mailboxGone', ({ mailbox, text }) => console.log(mailbox.length, text.length))

// A cause tells the compiler which it is.
const hint = (cause: Imap.DisconnectCause): string => {
  switch (cause) {
    case 'transient': case 'expired': return 'comes back by itself'
    case 'limit': case 'throttled': return 'the server wants a pause'
    case 'rejected': return 'look at the password'
    case 'permanent': return 'look at the options'
  }
}
console.log(hint('expired'))

// What became of a command that was in flight.
new Imap({ reconnect: { onUnknown: 'probe' } }).append('x', async error => {
  if (!error) return
  same<typeof error.outcome, 'not-applied' | 'partial' | 'unknown' | undefined>(true)
  console.log(error.verb?.length, error.wire === 'sent', error.mailbox?.length, error.left?.length, error.moved?.length)
  const outcome = await error.probe?.()
  same<typeof outcome, Imap.Outcome | undefined>(true)
})
// @ts-expect-error there is no such way
console.log({ onUnknown: 'ask' } satisfies Imap.ReconnectOptions)
