// @ts-check
'use strict'

const fs = require('node:fs')
const net = require('node:net')
const { once } = require('node:events')

const { Dovecot } = require('../dovecot')
const { sample } = require('../dovecot/messages')
const { plain } = require('./plain')
const { requireOf } = require('./trees')

const PASSWORD = 'secret'

/** Where a program is driven: its code, a Dovecot of its own, and the results on standard output. */
class Stage {
  /**
   * @param {string} tree the folder of an install
   * @param {string} program the name of its package
   */
  static async open (tree, program) {
    return new Stage(tree, program, await Dovecot.start())
  }

  /**
   * @param {string} tree
   * @param {string} program
   * @param {Dovecot} dovecot
   * @private
   */
  constructor (tree, program, dovecot) {
    this.tree = tree
    this.name = program
    this.dovecot = dovecot
    this.chapter = ''
  }

  /**
   * @param {string} [file] of the program's package; its main module by default
   * @returns {any} what the program exports
   */
  load (file = './') {
    return requireOf(this.tree, this.name)(file)
  }

  /**
   * The steps that follow belong to this.
   *
   * @param {string} chapter
   */
  begin (chapter) {
    this.chapter = chapter
  }

  /**
   * @param {string} step
   * @param {unknown} result
   */
  note (step, result) {
    fs.writeSync(1, JSON.stringify({ step: `${this.chapter}: ${step}`, result: plain(result) }) + '\n')
  }

  /**
   * @param {string} step
   * @param {Promise<unknown>} promise whose value or error is the result
   * @returns {Promise<any>} the value, or undefined
   */
  async settle (step, promise) {
    try {
      const value = await promise
      this.note(step, { value })
      return value
    } catch (error) {
      this.note(step, { error })
    }
  }

  /**
   * A user with messages of many kinds; every fourth is seen.
   *
   * @param {string} name
   * @param {number} [messages]
   */
  async user (name, messages = 0) {
    // Dovecot reads names in lower case.
    const user = this.dovecot.user(name.toLowerCase())
    await this.dovecot.fill(user, 'INBOX', Array.from({ length: messages }, (_, number) => sample(number)))
    return user
  }

  /**
   * @param {'TLS' | 'plain'} way
   * @param {string} user
   */
  options (way, user) {
    const server = { host: '127.0.0.1', user, password: PASSWORD }
    return way === 'TLS'
      ? { ...server, port: this.dovecot.tlsPort, tls: true, tlsOptions: { rejectUnauthorized: false } }
      : { ...server, port: this.dovecot.port, tls: false }
  }

  /**
   * Delivers a mail from outside.
   *
   * @param {string} user
   * @param {string} subject
   */
  async deliver (user, subject) {
    await this.dovecot.save(user, 'INBOX', [
      'From: Somebody <somebody@example.com>',
      'To: you@example.org',
      'Date: Mon, 02 Sep 2024 10:00:00 +0200',
      `Message-ID: <${encodeURIComponent(subject)}@everimap.test>`,
      `Subject: ${subject}`,
      '',
      `This is ${subject}.`,
      ''
    ].join('\r\n'))
  }

  /**
   * @param {string} user
   * @returns {Promise<string[]>} `uid flags` of each message in the INBOX, as Dovecot itself sees it
   */
  async stored (user) {
    const lines = await this.dovecot.doveadm('-f', 'tab', 'fetch', '-u', user, 'uid flags', 'mailbox', 'INBOX')
    return lines.trim().split('\n').slice(1)
  }

  close () {
    return this.dovecot.stop()
  }
}

/** @returns {Promise<number>} a port that refuses connections */
async function refusing () {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {net.AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

module.exports = { Stage, refusing }
