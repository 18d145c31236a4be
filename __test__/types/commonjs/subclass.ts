// Both kinds of subclass, mocks and other uses of the class as a value.
import Imap = require('everimap')
import { EventEmitter } from 'events'
import { inherits } from 'util'

class Listener extends Imap {
  private seen = 0

  constructor (config: Imap.Config, private readonly folder = 'INBOX') {
    super(config)
    this.once('ready', () => this.addBox(this.folder, error => this.emit('open', error)))
    this.on('mail', count => { this.seen += count })
    this.on('open', (error?: Error) => console.log(error, this.seen))
  }

  override connect (): void {
    super.connect()
  }

  override openBox (...args: any[]): void {
    super.search(['ALL'], (error: Error) => console.log(error, args))
  }

  override expunge (callback?: any): void {
    super.expunge(callback)
  }

  override on (event: string | symbol, listener: (...args: any[]) => void): this {
    return super.on(event, listener)
  }

  override search<E = undefined> (
    criteria: any[],
    callback: (error: Imap.ImapError | E, uids: number[]) => void
  ): void {
    super.search(criteria, callback)
  }
}

class Recorder extends Imap {
  override fetch (source: any, options?: Imap.FetchOptions): Imap.ImapFetch {
    return super.fetch(source, options)
  }

  override addLabels (...args: any[]): void {
    super.addLabels(args[0], 'Work', args[2])
  }
}
console.log(new Recorder({ reconnect: true }))

const listener: Imap = new Listener({ user: 'a', password: 'b' })
const emitter: EventEmitter = listener
const nodeEmitter: NodeJS.EventEmitter = listener
console.log(emitter, nodeEmitter, listener instanceof Imap)

function Old (this: Imap, config: Imap.Config): void {
  Imap.call(this, config)
}
inherits(Old, Imap)

class FakeFetch extends EventEmitter implements Imap.ImapFetch {}
class FakeMessage extends EventEmitter implements Imap.ImapMessage {}
new FakeFetch().emit('message', new FakeMessage(), 1)
listener.emit('mail', 1)
