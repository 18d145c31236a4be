// @ts-check
'use strict'

// How a connection ends before it is one: nobody listens, certificates, handshakes (contract section 2.3).

const { certificate } = require('../../server')
const { LOGIN, NO_END_OVER_TLS, SILENCE, endWhenReady, logout, watch } = require('./common')

/** Something happens as soon as a handshake has begun. @param {any} server @param {'half-close' | 'reset'} act */
function atHello (server, act) {
  server.listener.once('connection', () => server.connections[0].fault({ received: 100, do: act }))
}

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'disconnects',
  scenarios: {
    '21: nobody listens': {
      script: '',
      transport: ['plain', 'tls'],
      connect: false,
      drive (imap, say, server) { server.listener.close(() => imap.connect()) }
    },
    '21: a name that is none': {
      script: '',
      options: { host: 'no..name' },
      drive: watch
    },
    '22: a certificate that is not trusted': {
      script: '',
      transport: 'tls',
      options: { tlsOptions: {} },
      drive: watch
    },
    '22: a certificate that is not trusted, after STARTTLS': {
      script: 'S: * OK ready',
      transport: 'starttls',
      options: { tlsOptions: {} },
      drive: watch
    },
    '22: a certificate of an unknown authority': {
      script: '',
      transport: 'tls',
      options: { tlsOptions: {} },
      trace: { certificate: certificate({ ca: true }) },
      drive: watch
    },
    '22: a certificate that is not trusted, and nobody minds': {
      script: LOGIN + logout(3),
      transport: ['tls', 'starttls'],
      options: { tlsOptions: { rejectUnauthorized: false } },
      drive: endWhenReady,
      deviates: NO_END_OVER_TLS
    },
    '22: a certificate that has expired': {
      script: '',
      transport: 'tls',
      trace: { certificate: certificate({ notAfter: new Date('2020-01-01') }) },
      drive: watch
    },
    '22: a certificate that is not valid yet': {
      script: '',
      transport: 'tls',
      trace: { certificate: certificate({ notBefore: new Date('2150-01-01'), notAfter: new Date('2151-01-01') }) },
      drive: watch
    },
    '23: a certificate for another name': {
      script: '',
      transport: 'tls',
      trace: { certificate: certificate({ names: ['imap.example.org'] }) },
      drive: watch
    },
    '23: a certificate for another name, which is the one that is asked for': {
      script: LOGIN + logout(3),
      transport: 'tls',
      ...(() => {
        const own = certificate({ names: ['imap.example.org'] })
        return { trace: { certificate: own }, options: { tlsOptions: { ca: own.ca, servername: 'imap.example.org' } } }
      })(),
      drive: endWhenReady,
      deviates: NO_END_OVER_TLS
    },
    '24: TLS on a port without': {
      script: 'S: * OK ready',
      options: { tls: true },
      drive: watch,
      deviates: ['D-06']
    },
    '25: the server closes during the handshake': {
      script: SILENCE,
      options: { tls: true },
      drive (imap, say, server) { atHello(server, 'half-close') },
      deviates: ['D-05']
    },
    '25: the server closes during the handshake after STARTTLS': {
      script: `
        S: * OK ready
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS
        S: A0 OK done
        C: A1 STARTTLS
        S: A1 OK go ahead
        X: end`,
      options: { autotls: 'always' },
      drive: watch,
      deviates: ['D-05']
    },
    '26: the connection is reset during the handshake': {
      script: SILENCE,
      options: { tls: true },
      drive (imap, say, server) { atHello(server, 'reset') }
    }
  }
}
