// @ts-check
'use strict'

const { EventEmitter } = require('node:events')
const { inherits, isDeepStrictEqual } = require('node:util')

const { Record } = require('./record')

/**
 * As much of Node-RED as the nodes of node-red-node-email need: it registers their types and starts
 * nodes, whose doings it records.
 */
class Runtime {
  /** @param {(RED: object) => void} nodes what the file of a package of nodes exports */
  constructor (nodes) {
    /** @type {Map<string, any>} */
    const types = new Map()
    this.types = types
    nodes({
      nodes: {
        createNode: (/** @type {Node} */ node, /** @type {object} */ config) => Object.assign(node, new Node(config)),
        registerType (/** @type {string} */ type, /** @type {Function} */ constructor) {
          inherits(constructor, Node)
          types.set(type, constructor)
        }
      },
      util: {
        cloneMessage: structuredClone,
        getMessageProperty: (/** @type {any} */ message, /** @type {string} */ name) => message[name]
      },
      _: (/** @type {string} */ key, /** @type {object} */ values) => values ? `${key} ${JSON.stringify(values)}` : key
    })
  }

  /**
   * @param {string} type
   * @param {object} config as the editor saves it, and `credentials`
   * @returns {Node} at work
   */
  start (type, config) {
    return new (this.types.get(type))(config)
  }
}

/** What a node inherits from Node-RED. */
class Node extends EventEmitter {
  /** @param {{ credentials?: object }} config */
  constructor ({ credentials }) {
    super()
    this.credentials = credentials
    /** `status`, `error` and `done` in their order; `sent` stands for a message. */
    this.record = new Record()
    /** The messages that it sent on. @type {any[]} */
    this.sent = []
    /** The texts of all its statuses, also of one that the editor shows already. @type {string[]} */
    this.statuses = []
    /** What the editor shows. @type {object} */
    this.shown = {}
    this.isClosed = false
  }

  /** @param {{ text?: string }} status */
  status (status) {
    // Seven seconds after the last news it says that it is connected.
    if (status.text === 'node-red:common.status.connected') return
    const isShown = isDeepStrictEqual(status, this.shown)
    this.shown = status
    this.statuses.push(status.text ?? '')
    this.record.add(isShown ? 'status again' : 'status', status)
  }

  /**
   * @param {string} text
   * @param {unknown} about the error, or the message that it is about
   */
  error (text, about) {
    this.record.add('error', text, about)
  }

  /** @param {object} message */
  send (message) {
    this.sent.push(message)
    this.record.add('sent')
  }

  /**
   * An `input` comes with the functions for its answer, also when the node gives it to itself.
   *
   * @param {string} event
   * @param {...any} values
   */
  emit (event, ...values) {
    if (event !== 'input') return super.emit(event, ...values)
    if (this.isClosed) return false
    return super.emit(event, values[0], this.send.bind(this), (/** @type {unknown} */ error) => this.record.add('done', error))
  }

  /** Stops it, as a new deployment does. */
  close () {
    this.emit('close')
    this.isClosed = true
  }
}

module.exports = { Runtime }
