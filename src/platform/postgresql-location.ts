/** How far TLS is insisted on, as libpq has it. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof SSL_MODES)[number]

/** Where one PostgreSQL listens. */
export interface PostgresHost {
  /** A name, an address, or the folder of a Unix socket, which begins with a slash. */
  readonly host: string
  readonly port: number
}

/** What is used for TLS: names of files. */
export interface PostgresTls {
  /** Undefined: `prefer`, but for what does not leave this machine. */
  readonly mode: SslMode | undefined
  /** Who vouches for the server; `system`: those that Node.js takes. */
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  readonly keyPassword: string | undefined
}

/** All that an address of PostgreSQL says. */
export interface PostgresLocation {
  /** Tried in this order, until one suits. */
  readonly hosts: readonly PostgresHost[]
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string
  /** Where the tables are; undefined: the first of the role's `search_path`. */
  readonly schema: string | undefined
  readonly tls: PostgresTls
  /** Which server suits. */
  readonly suits: 'any' | 'read-write' | 'primary'
  readonly channelBinding: boolean
  /** Settings for the session, as on the command line of `postgres`. */
  readonly options: string | undefined
  readonly applicationName: string | undefined
  /** Longest wait for one host. */
  readonly connectTimeoutMs: number | undefined
}

/** Of an address that cannot be used: why. Never repeats what it was given, which has a password in it. */
export interface LocationFault {
  readonly fault: string
}

const DEFAULT_PORT = 5432
const ADDRESS = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/
const SUITS = ['any', 'read-write', 'primary'] as const
/** Those of libpq that choose a server which takes no writes. */
const READS_ONLY = ['read-only', 'standby', 'prefer-standby']
const PARAMETERS = [
  ...['host', 'port', 'user', 'password', 'dbname', 'schema'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword', 'channel_binding'],
  ...['target_session_attrs', 'options', 'application_name', 'connect_timeout'],
] as const
type Parameter = (typeof PARAMETERS)[number]

/** Thrown and caught in this file alone. */
class Fault extends Error {}

/**
 * Reads an address of PostgreSQL, in the form of libpq's connection URIs. What it does not know it refuses: a setting that was
 * passed over, of TLS before all, would be one that nobody misses until it is too late.
 */
export function parsePostgresUrl(value: string): PostgresLocation | LocationFault {
  try {
    return locationOf(value)
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message }
    throw error
  }
}

function locationOf(value: string): PostgresLocation {
  const address = ADDRESS.exec(value)
  if (!address)
    throw new Fault('must be of the form postgres://user:password@host:port/database?parameter=value')
  const [, access = '', authority = '', path = '', query = ''] = address
  const named = namedHosts(authority)
  const parameters = parametersOf(query)
  const [user, password] = halves(access, ':')
  const database = parameters.get('dbname') ?? decoded(path, 'database')
  if (database === '') throw new Fault('must name a database: postgres://user:password@host:port/database')
  const hosts = hostsOf(named, parameters)
  return {
    hosts,
    user: parameters.get('user') ?? (decoded(user, 'user') || undefined),
    password: parameters.get('password') ?? (decoded(password, 'password') || undefined),
    database,
    schema: parameters.get('schema'),
    tls: tlsOf(parameters),
    suits: suitsOf(parameters),
    channelBinding: channelBindingOf(parameters),
    options: parameters.get('options'),
    applicationName: parameters.get('application_name'),
    connectTimeoutMs: connectTimeoutOf(parameters.get('connect_timeout')),
  }
}

/** What stands before and after the first of a character. */
function halves(text: string, character: string): [string, string] {
  const at = text.indexOf(character)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function decoded(text: string, where: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Fault(`has a % in its ${where} that begins no two hexadecimal digits: write it as %25`)
  }
}

function parametersOf(query: string): Map<Parameter, string> {
  const found = new Map<Parameter, string>()
  for (const part of query.split('&')) {
    if (part === '') continue
    const [rawName, rawValue] = halves(part, '=')
    const name = decoded(rawName, 'query')
    const known = PARAMETERS.find(parameter => parameter === name)
    if (!known)
      throw new Fault(`has ${shownName(name)}, which is not known. These are: ${PARAMETERS.join(', ')}`)
    if (found.has(known)) throw new Fault(`has the parameter ${known} twice`)
    const value = decoded(rawValue, `parameter ${known}`)
    if (value === '') throw new Fault(`has the parameter ${known} without a value`)
    found.set(known, value)
  }
  return found
}

/** What follows a raw question mark in a password looks like a parameter. */
function shownName(name: string): string {
  return /^[a-z_]{1,40}$/i.test(name) ? `the parameter ${name}` : 'a parameter'
}

interface NamedHost {
  readonly host: string
  readonly port: number | undefined
}

/** The hosts before the path. */
function namedHosts(authority: string): NamedHost[] {
  if (authority === '') return []
  if (authority.includes('@')) throw new Fault('has an @ in its user or password: write it as %40')
  return authority.split(',').map(part => {
    const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(part) ?? []
    if (host === '') throw new Fault('has a host that is none; an IPv6 address stands in brackets')
    return {
      host: decoded(host, 'host').replace(/^\[(.*)\]$/, '$1'),
      port: port === undefined || port === '' ? undefined : portOf(port),
    }
  })
}

/** @param named before the path; with none the query names them */
function hostsOf(named: readonly NamedHost[], parameters: ReadonlyMap<Parameter, string>): PostgresHost[] {
  const listed = parameters.get('host')?.split(',') ?? []
  const ports = parameters.get('port')?.split(',').map(portOf) ?? []
  if (named.length > 0 && listed.length > 0)
    throw new Fault('names its host twice, before the path and in the query')
  if (ports.length > 0 && named.some(({ port }) => port !== undefined))
    throw new Fault('names its port twice, behind the host and in the query')
  const hosts = named.length > 0 ? named : listed.map(host => ({ host, port: undefined }))
  if (hosts.length === 0)
    throw new Fault(
      'must name a host, or the folder of a Unix socket: postgres:///database?host=/var/run/postgresql',
    )
  if (hosts.some(({ host }) => host === '')) throw new Fault('has an empty name among its hosts')
  if (ports.length > 1 && ports.length !== hosts.length)
    throw new Fault(`has ${hosts.length} hosts and ${ports.length} ports: one port for each, or one for all`)
  return hosts.map(({ host, port }, at) => ({ host, port: port ?? ports[at] ?? ports[0] ?? DEFAULT_PORT }))
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Fault('has a port that is none: 1 to 65535')
  return port
}

function oneOf<Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice {
  const chosen = choices.find(choice => choice === value)
  if (chosen === undefined) throw new Fault(`has a ${name} that is none of ${choices.join(', ')}`)
  return chosen
}

function tlsOf(parameters: ReadonlyMap<Parameter, string>): PostgresTls {
  const given = parameters.get('sslmode')
  const mode = given === undefined ? undefined : oneOf('sslmode', given, SSL_MODES)
  const tls = {
    mode,
    rootCertificate: parameters.get('sslrootcert'),
    certificate: parameters.get('sslcert'),
    key: parameters.get('sslkey'),
    keyPassword: parameters.get('sslpassword'),
  }
  if ((tls.certificate === undefined) !== (tls.key === undefined))
    throw new Fault('needs sslcert and sslkey together: a certificate is shown with its key')
  if (mode === 'verify-ca' && (tls.rootCertificate === undefined || tls.rootCertificate === 'system'))
    throw new Fault(
      'needs sslrootcert, a file, with sslmode=verify-ca: anybody gets a certificate from a public authority. verify-full looks at the name as well',
    )
  if (tls.rootCertificate === 'system' && mode !== 'verify-full')
    throw new Fault('needs sslmode=verify-full with sslrootcert=system')
  return tls
}

function suitsOf(parameters: ReadonlyMap<Parameter, string>): PostgresLocation['suits'] {
  const given = parameters.get('target_session_attrs')
  if (given !== undefined && READS_ONLY.includes(given))
    throw new Fault(
      `has target_session_attrs=${given}, and this server writes with each request: read-write, primary or any`,
    )
  if (given !== undefined) return oneOf('target_session_attrs', given, SUITS)
  return 'read-write'
}

function channelBindingOf(parameters: ReadonlyMap<Parameter, string>): boolean {
  const given = parameters.get('channel_binding') ?? 'prefer'
  if (given === 'require')
    throw new Fault('has channel_binding=require, which cannot be insisted on here: sslmode=verify-full can')
  return oneOf('channel_binding', given, ['disable', 'prefer']) === 'prefer'
}

function connectTimeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new Fault('has a connect_timeout that is none: seconds, from 1 to 9999')
  return Number(text) * 1000
}

/** The hosts and the database, for people: without user, password and parameters. */
export function shownLocation({ hosts, database }: PostgresLocation): string {
  const shown = hosts.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`))
  return `${shown.join(',')}/${database}`
}
