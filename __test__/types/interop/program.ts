// A default import with esModuleInterop, and the types by name.
import Imap, { Config, Box } from 'everimap'
import type { ImapError } from 'everimap'

class Listener extends Imap {}

const config: Config = { host: 'localhost' }
const imap: Imap = new Listener(config)
const same: Imap.Config = config
imap.openBox('INBOX', (error: ImapError | undefined, box: Box) => {
  console.log(error?.code, box.name)
})
console.log(new Imap(same), Imap(same), Imap.parseHeader('A: b\r\n').a)
// @ts-expect-error
console.log(new Imap({ keepalive: 'yes' }))
