'use strict'

const assert = require('node:assert/strict')
const crypto = require('node:crypto')
const test = require('node:test')
const tls = require('node:tls')
const { Server, certificate, authority } = require('./index')

/** The error code of a TLS connection to the server, or 'ok'. */
async function handshake (server, options) {
  const socket = tls.connect({ host: server.host, port: server.port, servername: 'localhost', ...options })
  try {
    return await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve('ok')).once('error', (error) => resolve(error.code))
    })
  } finally {
    socket.destroy()
  }
}

async function serving (t, own) {
  const server = await Server.start({ tls: true, certificate: own })
  t.after(() => server.stop())
  return server
}

test('a certificate is X.509 v3 that OpenSSL reads, for its names and its key', () => {
  const { key, cert, ca } = certificate()
  const parsed = new crypto.X509Certificate(cert)
  assert.equal(parsed.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  assert.equal(parsed.checkPrivateKey(crypto.createPrivateKey(key)), true)
  assert.equal(parsed.verify(parsed.publicKey), true)
  assert.equal(parsed.ca, false)
  assert.equal(ca, cert)
})

test('trusted as its own ca, refused without', async (t) => {
  const server = await serving(t, certificate())
  assert.equal(await handshake(server, { ca: server.ca }), 'ok')
  assert.equal(await handshake(server, {}), 'DEPTH_ZERO_SELF_SIGNED_CERT')
})

test('signed by an authority: the authority is what to trust', async (t) => {
  const own = certificate({ ca: true })
  const server = await serving(t, own)
  assert.notEqual(server.ca, own.cert)
  assert.equal(await handshake(server, { ca: server.ca }), 'ok')
  assert.equal(await handshake(server, { ca: certificate().cert }), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
})

test('one authority signs several', async (t) => {
  const ca = authority()
  for (const name of ['one.test', 'two.test']) {
    const server = await serving(t, certificate({ ca, names: [name] }))
    assert.equal(await handshake(server, { ca: ca.cert, servername: name }), 'ok')
  }
})

test('expired, not yet valid, and for another name', async (t) => {
  const day = 24 * 3600 * 1000
  const from = (days) => new Date(Date.now() + days * day)
  const expired = await serving(t, certificate({ notBefore: from(-3), notAfter: from(-1) }))
  assert.equal(await handshake(expired, { ca: expired.ca }), 'CERT_HAS_EXPIRED')
  const future = await serving(t, certificate({ notBefore: from(1) }))
  assert.equal(await handshake(future, { ca: future.ca }), 'CERT_NOT_YET_VALID')
  const other = await serving(t, certificate({ names: ['elsewhere.test'] }))
  assert.equal(await handshake(other, { ca: other.ca }), 'ERR_TLS_CERT_ALTNAME_INVALID')
})

test('dates beyond 2049 are written as they must be', () => {
  const { cert } = certificate({ notAfter: new Date('2051-02-03T04:05:06Z') })
  assert.equal(new crypto.X509Certificate(cert).validTo, 'Feb  3 04:05:06 2051 GMT')
})
