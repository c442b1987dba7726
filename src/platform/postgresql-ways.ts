import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import { types } from 'node:util'
import { DatabaseError } from 'pg'
import { Unusable } from './database-faults.ts'
import { EX_CONFIG, OperatorError } from './errors.ts'
import type { PostgresHost, PostgresLocation, PostgresTls, SslMode } from './postgresql-location.ts'

/** PostgreSQL's cannot_connect_now: it starts, or ends. */
const CANNOT_CONNECT_NOW = '57P03'
/** What says that nobody was there to speak TLS with. */
const NOT_REACHED = /^(ECONN|EHOST|ENET|ENOTFOUND|EAI_|ETIMEDOUT|ENOENT|EACCES|EPIPE)/
const NOT_REACHED_IN_TIME = /timeout|terminated/

/** One way to connect: to one host, with TLS or without. */
export interface PostgresWay extends PostgresHost {
  readonly ssl: ConnectionOptions | false
}

/**
 * The ways to connect to an address, in the order in which libpq would try them. All connections go the same way; one that
 * fails has the others go the next.
 */
export class PostgresWays {
  readonly #ways: readonly PostgresWay[]
  readonly #madeIn = new WeakMap<object, number>()
  #at = 0
  #age = 0

  /** @throws OperatorError (exit code 78) when a file cannot be read */
  constructor({ hosts, tls }: PostgresLocation) {
    const files = readFiles(tls)
    this.#ways = hosts.flatMap(at => choices(at.host, tls.mode).map(uses => wayOf(at, uses, tls.mode, files)))
  }

  get current(): PostgresWay {
    const way = this.#ways[this.#at]
    if (!way) throw new Error('An address has no host')
    return way
  }

  /** Notes when a connection was made. */
  made(connection: object): void {
    this.#madeIn.set(connection, this.#age)
  }

  /** Every connection that there is leads to a server of no use: those that come after may not. */
  outdateAll(): void {
    this.#age += 1
  }

  outdate(connection: object): void {
    this.#madeIn.delete(connection)
  }

  /** Whether nobody is to have a connection any more. */
  isOutdated(connection: object): boolean {
    return this.#madeIn.get(connection) !== this.#age
  }

  /** A connection could not be made this way, or is of no use. */
  leave(way: PostgresWay, error: unknown): void {
    // Somebody else has, before.
    if (this.current !== way) return
    const ofHost = this.#ways.filter(({ host, port }) => host === way.host && port === way.port)
    const other = ofHost[ofHost.indexOf(way) + 1]
    const [first = way] = ofHost
    // A server that has answered is the one that is meant: whom it refuses, the next one is not to let in.
    if (isRefusal(error)) this.#goTo(other ?? first)
    else if (other && !isOutOfReach(error)) this.#goTo(other)
    else this.#at = (this.#ways.indexOf(first) + ofHost.length) % this.#ways.length
  }

  #goTo(way: PostgresWay): void {
    this.#at = this.#ways.indexOf(way)
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && error.code !== CANNOT_CONNECT_NOW && !error.code?.startsWith('08')
}

function isOutOfReach(error: unknown): boolean {
  if (error instanceof Unusable || error instanceof DatabaseError) return true
  if (!types.isNativeError(error)) return false
  return ('code' in error && NOT_REACHED.test(String(error.code))) || NOT_REACHED_IN_TIME.test(error.message)
}

/** Whether TLS is used, at the first try and at the next. */
function choices(host: string, mode: SslMode | undefined): readonly boolean[] {
  if (host.startsWith('/')) return [false]
  if (mode === undefined) return isThisMachine(host) ? [false] : [true, false]
  if (mode === 'disable') return [false]
  if (mode === 'allow') return [false, true]
  return mode === 'prefer' ? [true, false] : [true]
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

interface TlsFiles extends Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase'> {
  readonly verifies: boolean
}

function readFiles(tls: PostgresTls): TlsFiles {
  const { rootCertificate, certificate, key, keyPassword } = tls
  const ownRoot = rootCertificate !== undefined && rootCertificate !== 'system'
  return {
    // As libpq: with somebody to vouch for the server, it has to be vouched for, whatever the mode.
    verifies: rootCertificate !== undefined || tls.mode === 'verify-full',
    ...(ownRoot ? { ca: fileOf('sslrootcert', rootCertificate) } : {}),
    ...(certificate === undefined ? {} : { cert: fileOf('sslcert', certificate) }),
    ...(key === undefined ? {} : { key: fileOf('sslkey', key) }),
    ...(keyPassword === undefined ? {} : { passphrase: keyPassword }),
  }
}

function fileOf(parameter: string, name: string): Buffer {
  try {
    return readFileSync(name)
  } catch (error) {
    throw new OperatorError(
      `DATABASE_URL: ${parameter} cannot be read: ${error instanceof Error ? error.message : error}`,
      EX_CONFIG,
    )
  }
}

function wayOf(
  { host, port }: PostgresHost,
  usesTls: boolean,
  mode: SslMode | undefined,
  { verifies, ...files }: TlsFiles,
): PostgresWay {
  if (!usesTls) return { host, port, ssl: false }
  const ssl: ConnectionOptions = {
    ...files,
    rejectUnauthorized: verifies,
    // By the name of the address: of an IP address `pg` tells TLS nothing.
    checkServerIdentity: (_name, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  }
  return { host, port, ssl }
}
