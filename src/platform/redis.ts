import { Cluster, Redis } from 'ioredis'
import { EX_CONFIG, EX_TEMPFAIL, OperatorError, Unavailable } from './errors.ts'
import type { Logger } from './logger.ts'
import { type RedisLocation, type SentinelService, sentinelServiceOf } from './redis-location.ts'
import { endedBy, requestTrace } from './tracing.ts'

/** Longest wait for an answer. What waits longer has failed: a request has about a second to say so. */
export const REDIS_ANSWERS_WITHIN_MS = 1000
const CONNECT_WITHIN_MS = 10_000
const LONGEST_RECONNECT_MS = 500
const DEFAULT_PORT = 6379
const DEFAULT_SENTINEL_PORT = 26379
const PROBE_KEPT_MS = 1000

export type RedisClient = Redis | Cluster

/**
 * The connection to Redis, or to a Redis Cluster. It fails fast and mends itself: commands are refused while there is no
 * connection instead of waiting for one, and a new one is tried for as long as the process lives.
 */
export class RedisConnection {
  readonly client: RedisClient
  readonly #keyPrefix: string

  private constructor(client: RedisClient, keyPrefix: string) {
    this.client = client
    this.#keyPrefix = keyPrefix
  }

  /**
   * @throws OperatorError: exit code 75 when Redis does not answer, 78 when it has no such database; the message has no
   *   password
   */
  static async open(location: RedisLocation, logger: Logger): Promise<RedisConnection> {
    const client = clientOf(location.urls)
    let lost = false
    // What is thrown says no more than that the connection was closed; why, such as a certificate, is told here.
    let cause: Error | undefined
    client.on('error', (error: Error) => {
      cause = error
      // Each attempt to connect fails with one of these.
      if (!lost) logger.warn({ reason: reasonOf(error) }, 'Redis was lost')
      lost = true
    })
    client.on('ready', () => {
      if (lost) logger.info('Redis is back')
      lost = false
    })
    const connection = new RedisConnection(client, location.keyPrefix)
    try {
      await within(CONNECT_WITHIN_MS, client.connect())
      await assertDatabase(client)
      await connection.check()
      return connection
    } catch (error) {
      client.disconnect()
      if (error instanceof OperatorError) throw error
      const hosts = location.urls.map(url => url.host).join(', ')
      throw new OperatorError(
        `Redis at ${hosts} (REDIS_URL) cannot be used: ${reasonOf(cause ?? error)}`,
        EX_TEMPFAIL,
      )
    }
  }

  /**
   * The name of a key. The id is its hash tag, so that all that is kept about one thing is in one slot of a cluster
   * and different things spread over all of it.
   */
  key(kind: string, id: string): string {
    return `${this.#keyPrefix}${kind}:{${id}}`
  }

  /**
   * Runs commands, all in one go.
   * @throws Unavailable when Redis does not answer in time, or refuses
   */
  async run<Result>(commands: (client: RedisClient) => Promise<Result>): Promise<Result> {
    try {
      const call = requestTrace.getStore()?.call({ system: 'redis' })
      return await endedBy(call, within(REDIS_ANSWERS_WITHIN_MS, commands(this.client)))
    } catch (error) {
      // Without a cause: the library's errors carry the command that failed, and with it what was to be stored.
      throw new Unavailable('Redis', reasonOf(error))
    }
  }

  /** @throws Unavailable unless Redis takes what is written, which a read-only or full one does not */
  async check(): Promise<void> {
    await this.run(client => client.set(this.key('probe', 'ready'), '1', 'PX', PROBE_KEPT_MS))
  }

  /** Ends the connection; what still waits for an answer fails. */
  close(): void {
    this.client.disconnect()
  }
}

const SHARED = {
  commandTimeout: REDIS_ANSWERS_WITHIN_MS,
  connectTimeout: REDIS_ANSWERS_WITHIN_MS,
  maxRetriesPerRequest: 0,
  // Its caller has been told that it failed by the time that the connection is back.
  autoResendUnfulfilledCommands: false,
}

function clientOf(urls: readonly URL[]): RedisClient {
  const service = sentinelServiceOf(urls)
  if (service) return sentinelClient(urls, service)
  return urls.length > 1 ? clusterClient(urls) : singleClient(urls)
}

/** Asks the Sentinels where the server is, each time that it connects. User and password are the server's own. */
function sentinelClient(urls: readonly URL[], { name, database }: SentinelService): Redis {
  const [{ username = '', password = '', protocol = '' } = {}] = urls
  return new Redis({
    ...SHARED,
    ...accessOf(username, password),
    sentinels: urls.map(url => hostOf(url, DEFAULT_SENTINEL_PORT)),
    name,
    db: database,
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: reconnectAfterMs,
    sentinelRetryStrategy: reconnectAfterMs,
    sentinelCommandTimeout: REDIS_ANSWERS_WITHIN_MS,
    ...(protocol === 'rediss+sentinel:' ? { tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    reconnectOnError: error => error.message.startsWith('READONLY'),
  })
}

function hostOf({ hostname, port }: URL, usual: number): { host: string; port: number } {
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || usual) }
}

function accessOf(username: string, password: string) {
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  }
}

function singleClient([url]: readonly URL[]): Redis {
  return new Redis(url?.href ?? '', {
    ...SHARED,
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: reconnectAfterMs,
    // After a failover the address may be that of a replica until it is resolved again.
    reconnectOnError: error => error.message.startsWith('READONLY'),
  })
}

function clusterClient(urls: readonly URL[]): Cluster {
  const [{ username = '', password = '', protocol = '' } = {}] = urls
  const nodes = urls.map(url => hostOf(url, DEFAULT_PORT))
  return new Cluster(nodes, {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: reconnectAfterMs,
    slotsRefreshTimeout: REDIS_ANSWERS_WITHIN_MS,
    slotsRefreshInterval: 10_000,
    // Names are left for TLS to check certificates against.
    dnsLookup: (address, callback) => callback(null, address),
    redisOptions: {
      ...SHARED,
      ...accessOf(username, password),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  })
}

/**
 * Where there is no database of the number, the library says so in passing and goes on in the first one.
 * @throws OperatorError (exit code 78) where there is none
 */
async function assertDatabase(client: RedisClient): Promise<void> {
  const number = client instanceof Redis ? client.options.db : undefined
  if (!number) return
  await client.select(number).catch((error: unknown) => {
    if (!/out of range|invalid DB/i.test(reasonOf(error))) throw error
    throw new OperatorError(
      `REDIS_URL names the database ${number}, which this Redis does not have: it has 0 to 15 unless its \`databases\` says otherwise.`,
      EX_CONFIG,
    )
  })
}

function reconnectAfterMs(attempt: number): number {
  return Math.min(attempt * 50, LONGEST_RECONNECT_MS)
}

/** @throws Error when the work is not done in time; what it comes to later is nobody's concern */
export async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
