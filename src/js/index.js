// @ts-check
'use strict'

module.exports = require('./connection')
