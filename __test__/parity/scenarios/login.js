// @ts-check
'use strict'

const { LOGIN, logout } = require('./common')

/** @type {import('../scenarios').Area} */
module.exports = {
  area: 'login',
  scenarios: {
    'LOGIN, LIST, LOGOUT': {
      script: LOGIN + logout(3),
      transport: ['plain', 'tls', 'starttls'],
      drive (imap) { imap.once('ready', () => imap.end()) },
      deviates: { tls: ['Q-02'], starttls: ['Q-02'] }
    }
  }
}
