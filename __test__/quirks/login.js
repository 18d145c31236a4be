// @ts-check
'use strict'

// From connect() to ready.

const assert = require('node:assert/strict')
const { inspect } = require('node:util')
const { closed, greeting, life, login, logout, once, recorded, rest, serving, tracing } = require('./stage')

/** @type {import('./stage').Quirk[]} */
module.exports = [
  {
    id: 'Q-09',
    verdict: 'FIX',
    title: 'autotls \'always\' sends no password when STARTTLS is not offered',
    red: /got .*LOGIN "user" "secret"/,
    hangs: true,
    async play (Imap, t) {
      const { server, error, events } = await life(t, greeting(), { options: { autotls: 'always', authTimeout: t.limit / 2 } })
      assert.deepEqual(server.lines, ['A0 CAPABILITY'])
      assert.equal(error.source, 'authentication')
      assert.match(error.message, /STARTTLS/)
      assert.deepEqual(events.slice(1), [['end'], ['close', false]])
    }
  },
  {
    id: 'Q-10',
    verdict: 'FIX',
    title: 'a greeting of PREAUTH leads to ready, without a login',
    red: /^close: not within/,
    hangs: true,
    async play (Imap, t) {
      const { events, server } = await life(t, `
        S: * PREAUTH welcome back
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1 NAMESPACE
        S: A0 OK done
        C: A1 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL NIL
        S: A1 OK done
        C: A2 LIST "" ""
        S: A2 OK done
        ${logout(3)}`, { options: { authTimeout: 10 * t.limit } })
      assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
      await server.done()
    }
  },
  {
    id: 'Q-11',
    verdict: 'FIX',
    title: 'authTimeout bounds the whole way to ready, with NAMESPACE and LIST',
    red: /^close: not within/,
    hangs: true,
    async play (Imap, t) {
      const { error, events, server } = await life(t, `${greeting()}
        C: /^A1 LOGIN/
        S: * CAPABILITY IMAP4rev1
        S: A1 OK done
        C: A2 LIST "" ""
        X: wait ever`, { options: { authTimeout: 1000 } })
      assert.equal(server.lines.at(-1), 'A2 LIST "" ""')
      assert.deepEqual([error.message, error.source], ['Timed out while authenticating with server', 'timeout-auth'])
      assert.deepEqual(events, [['error', error], ['close', false]])
    }
  },
  {
    id: 'Q-27',
    verdict: 'FIX',
    title: 'commands that are asked for before ready wait for it',
    red: /expected A0 CAPABILITY, got A0 CREATE/,
    async play (Imap, t) {
      const server = await tracing(t, `${login()}
        C: A3 CREATE "a"
        S: A3 OK done
        C: A4 LIST "" "*"
        S: * LIST () "/" a
        S: A4 OK done
        ${logout(5)}`)
      const imap = new Imap({ ...server.options, keepalive: false })
      const events = recorded(imap)
      imap.connect()
      imap.addBox('a', () => events.push(['created']))
      imap.getBoxes((/** @type {any} */ _, /** @type {any} */ boxes) => events.push(['listed', Object.keys(boxes)]))
      imap.once('ready', () => imap.end())
      await closed(imap)
      await server.done()
      assert.deepEqual(events, [['ready'], ['created'], ['listed', ['a']], ['end'], ['close', false]])
    }
  },
  {
    id: 'Q-27',
    verdict: 'OPT',
    title: 'commands before connect() are not sent',
    decided: { changed: 'their callbacks are told ENOTCONN' },
    red: /^the callback: not within/,
    hangs: true,
    async play (Imap, t) {
      const server = await tracing(t, login() + logout(3))
      const imap = new Imap({ ...server.options, keepalive: false })
      const told = new Promise((resolve) => imap.addBox('early', resolve))
      imap.once('ready', () => imap.end())
      imap.connect()
      await closed(imap)
      await server.done()
      const error = await t.within(told, 'the callback')
      assert.deepEqual([error.source, error.code], ['socket', 'ENOTCONN'])
    }
  },
  {
    id: 'Q-39',
    verdict: 'FIX',
    title: 'passwords and tokens appear neither in debug lines nor in errors',
    red: /A1 LOGIN "user" "canary-Pa55word"/,
    async play (Imap, t) {
      const canary = 'canary-Pa55word'
      const token = Buffer.from(`user=me\x01auth=Bearer ${canary}\x01\x01`).toString('base64')
      const said = async (/** @type {string} */ script, /** @type {any} */ options) => {
        const { debug, error } = await life(t, script, { options })
        const lines = debug.filter((line) => /^=> 'A1 /.test(line))
        return { lines, output: [...debug, inspect(error, { depth: 9, showHidden: true })].join('\n') }
      }
      const password = await said(`${greeting()}
        C: A1 LOGIN "user" "${canary}"
        S: A1 NO you said "${canary}"
        X: half-close`, { password: canary })
      assert.ok(!password.output.includes(canary), password.output)
      assert.match(password.lines.join(), /^=> 'A1 LOGIN "user" [^']+'$/)
      const oauth = await said(`${greeting('AUTH=XOAUTH2')}
        C: A1 AUTHENTICATE XOAUTH2 ${token}
        S: A1 BAD what is ${token}
        X: half-close`, { xoauth2: token })
      assert.ok(!oauth.output.includes(token), oauth.output)
      assert.match(oauth.lines.join(), /^=> 'A1 AUTHENTICATE XOAUTH2 [^']+'$/)
    }
  },
  {
    id: 'Q-50',
    verdict: 'FIX',
    title: 'a greeting of BYE is an error that tells why',
    red: /got \[ \[ 'end' \], \[ 'close', false \] \]/,
    async play (Imap, t) {
      const { events, error } = await life(t, `
        S: * BYE too many connections
        X: half-close`)
      assert.deepEqual(events, [['error', error], ['end'], ['close', false]])
      assert.deepEqual([error.source, error.code], ['protocol', 'EGREETING'])
      assert.match(error.message, /too many connections/)
    }
  },
  {
    id: 'Q-57',
    verdict: 'KEEP',
    title: 'the login says what node-imap says, and nothing more',
    async play (Imap, t) {
      const { server, events } = await life(t, `
        S: * OK ready
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1 ID ENABLE COMPRESS=DEFLATE UTF8=ACCEPT CONDSTORE NAMESPACE
        S: A0 OK done
        C: A1 LOGIN "user" "secret"
        S: A1 OK done
        C: A2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 ID ENABLE COMPRESS=DEFLATE UTF8=ACCEPT CONDSTORE NAMESPACE
        S: A2 OK done
        C: A3 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL NIL
        S: A3 OK done
        C: A4 LIST "" ""
        S: * LIST (\\Noselect) "/" ""
        S: A4 OK done
        ${logout(5)}`)
      await server.done()
      assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
    }
  },
  {
    id: 'Q-66',
    verdict: 'OPT',
    title: 'capabilities in codes of the greeting and of the login are asked for all the same',
    decided: { kept: 'one command less is not worth another sequence than node-imap\'s' },
    async play (Imap, t) {
      const { server, imap } = await life(t, `
        S: * OK [CAPABILITY IMAP4rev1 XCODE] ready
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: A0 OK done
        C: A1 LOGIN "user" "secret"
        S: A1 OK [CAPABILITY IMAP4rev1 XCODE] done
        C: A2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 XLINE
        S: A2 OK done
        C: A3 LIST "" ""
        S: A3 OK done
        ${logout(4)}`)
      await server.done()
      assert.deepEqual([imap.serverSupports('XCODE'), imap.serverSupports('XLINE')], [false, true])
    }
  },
  {
    id: 'Q-77',
    verdict: 'FIX',
    title: 'connect() forgets the capabilities of the former connection',
    red: /expected false, got true/,
    async play (Imap, t) {
      const server = await tracing(t, [login('XFIRST') + logout(3), login() + logout(3)])
      const imap = new Imap({ ...server.options, keepalive: false })
      imap.on('ready', () => imap.end())
      imap.connect()
      await closed(imap)
      assert.equal(imap.serverSupports('XFIRST'), true)
      imap.connect()
      assert.equal(imap.serverSupports('XFIRST'), false)
      assert.ok(!imap._caps)
      await closed(imap)
      assert.equal(imap.serverSupports('XFIRST'), false)
    }
  },
  {
    id: 'Q-78',
    verdict: 'FIX',
    title: 'what follows the OK to STARTTLS in clear text ends the connection',
    red: /expected \[ 'A0 CAPABILITY', 'A1 STARTTLS' \], got \[ 'A0 CAPABILITY', 'A1 STARTTLS', 'A2 CAPABILITY'/,
    hangs: true,
    async play (Imap, t) {
      for (const injected of ['* PREAUTH injected', '* OK injected']) {
        const { error, events, server } = await life(t, `${greeting('STARTTLS')}
          C: A1 STARTTLS
          S+: A1 OK go\\r\\n${injected}\\r\\n
          X: starttls`, { options: { autotls: 'always', authTimeout: t.limit / 2 } })
        assert.deepEqual(server.lines, ['A0 CAPABILITY', 'A1 STARTTLS'])
        assert.equal(error.source, 'protocol')
        assert.deepEqual(events.map(([name]) => name), ['error', 'end', 'close'])
      }
    }
  },
  {
    id: 'Q-79',
    verdict: 'FIX',
    title: 'a second untagged OK is no second greeting',
    red: /expected \/\^A1 LOGIN \/, got A1 CAPABILITY/,
    async play (Imap, t) {
      const { events, server } = await life(t, login().replace('S: * OK ready', 'S: * OK ready\nS: * OK still ready') + logout(3))
      await server.done()
      assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
    }
  },
  {
    id: 'Q-82',
    verdict: 'FIX',
    title: 'LOGINDISABLED forbids LOGIN, not XOAUTH2',
    red: /expected A1 AUTHENTICATE XOAUTH2 abcd, got the end of the connection/,
    async play (Imap, t) {
      const { events } = await life(t, `${greeting('LOGINDISABLED AUTH=XOAUTH2')}
        C: A1 AUTHENTICATE XOAUTH2 abcd
        ${rest(1)}`, { options: { xoauth2: 'abcd' } })
      assert.deepEqual(events, [['ready'], ['end'], ['close', false]])
    }
  },
  {
    id: 'Q-59',
    verdict: 'FIX',
    title: 'TLS names the host in SNI, unless it is an address',
    red: /expected 'localhost', got false/,
    async play (Imap, t) {
      for (const [host, servername] of [['localhost', 'localhost'], ['127.0.0.1', false]]) {
        const server = await serving(t, { tls: true })
        const imap = new Imap({ ...server.options, host })
        imap.connect()
        await t.within(once(imap, 'ready'), 'ready')
        assert.equal(/** @type {any} */ (server.connections[0].socket).servername, servername)
      }
    }
  }
]
