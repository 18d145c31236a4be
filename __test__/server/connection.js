// @ts-check
'use strict'

const commands = require('./commands')
const { Link } = require('./link')
const { Refusal, Arguments, tokenize } = require('./parse')

/** @typedef {import('./index').Server} Server */
/** @typedef {import('./store').Account} Account */
/** @typedef {import('./view').View} View */

/**
 * A command that came in whole.
 *
 * @typedef {{ tag: string, name: string, uid: boolean, args: Arguments, line: string }} Command
 */

/** Output that may wait in memory before a command that produces more is held up, in bytes. */
const HIGH_WATER = 1024 * 1024

/** One client: reads commands, runs them one after the other, announces changes. */
class Connection extends Link {
  /**
   * @param {import('node:net').Socket} socket
   * @param {Server} server
   * @param {ConstructorParameters<typeof Link>[1]} options
   */
  constructor (socket, server, options) {
    super(socket, options)
    this.server = server
    /** @type {Account | undefined} who is logged in */
    this.account = undefined
    /** @type {View | undefined} the selected mailbox */
    this.view = undefined
    this.condstore = false
    this.idling = false
  }

  /** @returns {'not authenticated' | 'authenticated' | 'selected'} */
  get state () {
    if (this.account === undefined) return 'not authenticated'
    return this.view === undefined ? 'authenticated' : 'selected'
  }

  /** Serves the client until it leaves. */
  async run () {
    if (!this.greet()) return
    for (;;) {
      const command = await this.command()
      if (command === null || this.over) break
      await this.execute(command)
    }
    this.view?.close()
    this.view = undefined
    await this.close()
  }

  greet () {
    const { greeting } = this.server.settings
    const text = greeting ?? `* OK [CAPABILITY ${this.capabilities().join(' ')}] Test peer ready.`
    if (/^\* PREAUTH/i.test(text)) this.account = this.server.accounts.values().next().value
    this.send(Buffer.from(`${text}\r\n`))
    if (!/^\* (BYE|NO|BAD)/i.test(text)) return true
    this.quit()
    return false
  }

  /** What this server can do for this client now. */
  capabilities () {
    return this.server.capabilities({ secure: this.secure, authenticated: this.account !== undefined })
  }

  /** @param {string} name */
  supports (name) {
    return this.server.offered.has(name)
  }

  /** @param {string} text one character a byte */
  untagged (text) {
    this.send(`* ${text}\r\n`)
  }

  /** Waits while too much output is queued. */
  async room () {
    if (this.outlet.size > HIGH_WATER) await this.outlet.drained(HIGH_WATER / 4)
  }

  /** The mailbox changed: an idling client hears of it at once. */
  changed () {
    if (this.idling) this.view?.announce({ expunge: true })
  }

  /**
   * Reads a command with its literals. `null` when there is none any more; a command that cannot be parsed is
   * answered here.
   *
   * @returns {Promise<Command | null>}
   */
  async command () {
    for (;;) {
      const parts = await this.parts()
      if (parts === null) return null
      const first = parts[0].toString()
      const match = /^([^\s(){%*"\\+]+) (UID )?([^\s]+) ?/i.exec(first)
      if (match === null) {
        const tag = /^[^\s(){%*"\\+]+/.exec(first)?.[0] ?? '*'
        this.send(`${tag} BAD Error in IMAP command received by server.\r\n`)
        continue
      }
      const name = match[3].toUpperCase()
      try {
        const args = new Arguments(tokenize([first.slice(match[0].length), ...parts.slice(1)]))
        return { tag: match[1], name, uid: match[2] !== undefined, args, line: first }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        this.send(`${match[1]} BAD Error in IMAP command ${name}: ${error.message}\r\n`)
      }
    }
  }

  /** The lines and literals of one command. @returns {Promise<(string | Buffer)[] | null>} */
  async parts () {
    /** @type {(string | Buffer)[]} */
    const parts = []
    for (;;) {
      const line = await this.readLine()
      if (line === null) return null
      const text = line.toString('latin1')
      const announced = /\{(\d+)(\+?)\}$/.exec(text)
      if (announced === null) {
        parts.push(text)
        return parts
      }
      parts.push(text.slice(0, announced.index))
      if (announced[2] === '') this.send('+ OK\r\n')
      const literal = await this.readLiteral(Number(announced[1]))
      if (literal === null) return null
      parts.push(literal)
    }
  }

  /** @param {Command} command */
  async execute (command) {
    this.trigger('command', command.line)
    if (!await this.goesOn()) return
    if (this.instead !== undefined) {
      this.write(this.instead.replace(/\bTAG\b/g, command.tag).replace(/(?:\r?\n)?$/, '\r\n'))
      this.instead = undefined
      return
    }
    let answer
    try {
      answer = await commands.run(this, command)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      answer = `${error.status} ${error.message}`
    }
    this.view?.announce({ expunge: command.uid || !['FETCH', 'STORE', 'SEARCH'].includes(command.name) })
    this.trigger('executed', command.line)
    if (answer !== undefined) this.send(`${command.tag} ${answer}\r\n`)
    await this.room()
    if (this.faults.some(({ rule }) => rule.when === 'answered')) {
      await this.outlet.drained(0)
      this.trigger('answered', command.line)
    }
  }
}

module.exports = { Connection }
