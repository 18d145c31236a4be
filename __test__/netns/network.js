// @ts-check
'use strict'

// Two network namespaces with a wire between them, on which packets can be lost.

const { spawn, spawnSync } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')

const { canInstall, find, install } = require('../debian')

/** By program. */
const PACKAGES = { ip: 'iproute2', ss: 'iproute2', iptables: 'iptables', ip6tables: 'iptables' }

/** RFC 5737 and RFC 3849: for documentation, so nobody has them. */
const SERVER = { v4: '192.0.2.1', v6: '2001:db8::1' }
const CLIENT = { v4: '192.0.2.2', v6: '2001:db8::2' }

/** The name of the server in the client's namespace: both of its addresses. */
const HOST = 'server.example'

/** The network of a case. All of its processes and namespaces are gone with `stop`. */
class Network {
  static #count = 0

  /** Makes sure that networks can be made here. @throws {Error} one line that says what is missing */
  static ensure () {
    if (process.getuid?.() !== 0) throw new Error('network namespaces need root: run this with sudo')
    const missing = () => Object.entries(PACKAGES).filter(([program]) => !find(program)).map(([, name]) => name)
    if (missing().length > 0 && canInstall()) install([...new Set(missing())])
    if (missing().length > 0) throw new Error(`install ${[...new Set(missing())].join(' and ')} (Debian, Ubuntu: sudo apt-get install)`)
    try {
      const network = new Network()
      network.drop('client', ['INPUT', '-p', 'tcp'])
      network.stop()
    } catch (error) {
      throw new Error(`this system lets nobody make network namespaces with packet filters: ${/** @type {Error} */ (error).message}`)
    }
  }

  constructor () {
    const name = `everimap-${process.pid}-${Network.#count++}`
    /** Names of the namespaces. */
    this.names = { server: `${name}-server`, client: `${name}-client` }
    /** @type {import('node:child_process').ChildProcess[]} */
    this.children = []
    for (const each of Object.values(this.names)) command('ip', 'netns', 'add', each)
    try {
      this.#wire()
    } catch (error) {
      this.stop()
      throw error
    }
  }

  #wire () {
    const { server, client } = this.names
    command('ip', 'link', 'add', 'wire', 'netns', server, 'type', 'veth', 'peer', 'name', 'wire', 'netns', client)
    for (const [side, { v4, v6 }] of /** @type {['server' | 'client', typeof SERVER][]} */ ([['server', SERVER], ['client', CLIENT]])) {
      this.run(side, 'ip', 'link', 'set', 'lo', 'up')
      this.run(side, 'ip', 'addr', 'add', `${v4}/24`, 'dev', 'wire')
      if (hasIpv6()) this.run(side, 'ip', 'addr', 'add', `${v6}/64`, 'dev', 'wire', 'nodad')
      this.run(side, 'ip', 'link', 'set', 'wire', 'up')
    }
    // What `ip netns exec` puts in the place of /etc/hosts.
    fs.mkdirSync(this.folder, { recursive: true })
    fs.writeFileSync(path.join(this.folder, 'hosts'), `${SERVER.v6} ${HOST}\n${SERVER.v4} ${HOST}\n`)
  }

  get folder () {
    return path.join('/etc/netns', this.names.client)
  }

  /** Runs a command on one side. @param {'server' | 'client'} side @param {...string} words */
  run (side, ...words) {
    return command('ip', 'netns', 'exec', this.names[side], ...words)
  }

  /** Loses packets without a trace. @param {'server' | 'client'} side @param {string[]} rule chain and match @param {string} [iptables] */
  drop (side, rule, iptables = 'iptables') {
    this.run(side, iptables, '-w', '-A', ...rule, '-j', 'DROP')
  }

  /** Loses everything in both directions. */
  cut () {
    for (const chain of ['INPUT', 'OUTPUT']) this.drop('server', [chain])
  }

  /** Loses nothing any more. */
  heal () {
    for (const side of /** @type {['server', 'client']} */ (['server', 'client'])) this.run(side, 'iptables', '-w', '-F')
  }

  /** The sockets of the server die; the clients are sent RST, if that passes. */
  kill () {
    // It complains about what it may not kill, the listening one among it.
    spawnSync('ip', ['netns', 'exec', this.names.server, 'ss', '-K', 'state', 'established'], { stdio: 'ignore' })
  }

  /**
   * Starts a script of this folder on one side.
   *
   * @param {'server' | 'client'} side
   * @param {string} script
   * @param {unknown} input its argument, as JSON
   */
  start (side, script, input) {
    const args = ['netns', 'exec', this.names[side], process.execPath, path.join(__dirname, script), JSON.stringify(input)]
    const child = spawn('ip', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.children.push(child)
    return child
  }

  async stop () {
    await Promise.all(this.children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).map(async (child) => {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }))
    for (const each of Object.values(this.names)) spawnSync('ip', ['netns', 'del', each], { stdio: 'ignore' })
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}

function hasIpv6 () {
  return fs.existsSync('/proc/sys/net/ipv6')
}

/** @param {string} program @param {...string} args */
function command (program, ...args) {
  const { status, stderr, error } = spawnSync(/** @type {string} */ (find(program)), args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ? error.message : stderr.trim()}`)
}

module.exports = { HOST, Network, SERVER, hasIpv6 }
