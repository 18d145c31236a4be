// @ts-check
'use strict'

// TLS sessions are resumed (RFC 5246 section 7.3, RFC 8446 section 2.2): the next connection to a server, whoever makes
// it, spares both sides the certificates and the signatures.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const { test } = require('node:test')
const tls = require('node:tls')

const { certificate } = require('./server/certificate')
const { Server, connected, ended, within } = require('./support')

const isNodeImap = !!process.env.IMAP_IMPLEMENTATION

const PATIENCE_MS = 60_000

/**
 * A server whose certificate no other test trusts.
 * @param {import('node:test').TestContext} t
 * @param {tls.SecureVersion} version
 * @param {'starttls' | true} [how]
 */
async function serving (t, version, how = true) {
  const own = certificate()
  const server = await Server.start({ tls: how, certificate: own })
  server.secureContext = tls.createSecureContext({ key: own.key, cert: own.cert, minVersion: version, maxVersion: version })
  t.after(() => server.stop())
  return server
}

/** How the last connection that the server has came about. @param {Server} server */
function last ({ connections }) {
  const socket = /** @type {tls.TLSSocket} */ (connections[connections.length - 1].socket)
  return { version: socket.getProtocol(), isResumed: socket.isSessionReused() }
}

for (const version of /** @type {const} */ (['TLSv1.2', 'TLSv1.3'])) {
  for (const how of /** @type {const} */ ([true, 'starttls'])) {
    test(`${version}, tls ${how}: the second connection of a process resumes the session of the first`, { skip: isNodeImap }, async (t) => {
      const server = await serving(t, version, how)
      for (const isResumed of [false, true, true]) {
        const imap = await connected(server.options)
        assert.deepEqual(last(server), { version, isResumed })
        await ended(imap)
      }
    })
  }

  test(`${version}: a reconnect and a rotation resume`, { skip: isNodeImap }, async (t) => {
    const server = await serving(t, version)
    const imap = await connected({ ...server.options, reconnect: { baseMs: 5, capMs: 20, loginsPerMinute: 1e6 } })
    t.after(() => imap.destroy())
    assert.deepEqual(last(server), { version, isResumed: false })
    const back = once(imap, 'reconnected')
    server.connections[0].socket.destroy()
    await within(PATIENCE_MS, back, 'reconnected')
    assert.deepEqual(last(server), { version, isResumed: true })
    assert.equal(await within(PATIENCE_MS, imap.rotate(), 'rotate()'), true)
    assert.deepEqual(last(server), { version, isResumed: true })
  })
}

test('what was made without a look at the certificate is not resumed by who looks', { skip: isNodeImap }, async (t) => {
  const server = await serving(t, 'TLSv1.3')
  const { tlsOptions, ...options } = server.options
  for (const given of [{ rejectUnauthorized: false }, tlsOptions]) {
    for (const isResumed of [false, true]) {
      const imap = await connected({ ...options, tlsOptions: given })
      assert.equal(last(server).isResumed, isResumed)
      await ended(imap)
    }
  }
})
