import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { notOnPath } from './on-path.ts'

const POLL_MS = 20
const DEADLINE_MS = 20_000

/** Redis for the tests: the one that was named, or the one at the default local port. */
export function redisUrl(): string {
  return process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'
}

/** Why that Redis cannot be tested with; undefined where it can. */
export async function redisFault(): Promise<string | undefined> {
  try {
    await withClient(redisUrl(), client => client.ping())
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error)
  }
}

/** Keys of its own for one test file, in a Redis that others use as well. */
export interface RedisPlace {
  /** The settings that a server uses it by. */
  readonly env: Readonly<Record<string, string>>
  /** What `FLUSHALL` does, to these keys alone. */
  flush(): Promise<void>
  remove(): Promise<void>
}

export function redisPlace(url = redisUrl()): RedisPlace {
  const keyPrefix = `sentinel-pass-test:${process.pid}:${crypto.randomUUID().slice(0, 8)}:`
  const flush = () =>
    withClient(url, async client => {
      const keys = await client.keys(`${keyPrefix}*`)
      if (keys.length > 0) await client.unlink(...keys)
    })
  return { env: { REDIS_URL: url, REDIS_KEY_PREFIX: keyPrefix }, flush, remove: flush }
}

/** Why no test can start a Redis of its own; undefined where one can. */
export function noRedisServer(): string | undefined {
  return notOnPath('redis-server')
}

/** A `redis-server` of a test's own, which it may stop, hold and empty. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Runs commands on it. */
  run<Result>(commands: (client: Redis) => Promise<Result>): Promise<Result>
  /** It hangs: takes connections and answers nothing, until it is let go. */
  hold(): void
  letGo(): void
  /** Ends it at once; nothing is saved. */
  stop(): Promise<void>
  /** Starts it again, with what it saved last. */
  start(): Promise<void>
  remove(): Promise<void>
}

/**
 * @param settings further arguments of `redis-server`
 * @param sentinel what it watches, where it is a Sentinel: lines of its configuration
 */
export async function startRedis(
  settings: readonly string[] = [],
  sentinel?: readonly string[],
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const server: RedisServer = {
    url,
    port,
    run: commands => withClient(url, commands),
    hold: () => child?.kill('SIGSTOP'),
    letGo: () => child?.kill('SIGCONT'),
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    async start() {
      const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
      const file = join(folder, 'sentinel.conf')
      if (sentinel) {
        const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`]
        writeFileSync(file, [...lines, ...sentinel.map(line => `sentinel ${line}`), ''].join('\n'))
      }
      child = spawn('redis-server', sentinel ? [file, '--sentinel'] : [...own, ...settings], {
        stdio: 'ignore',
      })
      await until(() => answers(url), 'redis-server answers')
    },
    async remove() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** A Sentinel that alone decides when the server of the service `limits` is down. */
export function startSentinel(ofPort: number): Promise<RedisServer> {
  const lines = [
    `monitor limits 127.0.0.1 ${ofPort} 1`,
    'down-after-milliseconds limits 300',
    'failover-timeout limits 2000',
  ]
  return startRedis([], lines)
}

/** A cluster of three nodes, each with a third of the slots. */
export async function startRedisCluster(): Promise<{
  readonly url: string
  readonly nodes: readonly RedisServer[]
  remove(): Promise<void>
}> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  const nodes = [await startRedis(settings), await startRedis(settings), await startRedis(settings)]
  const ranges = [
    [0, 5460],
    [5461, 10922],
    [10923, 16383],
  ]
  for (const [index, node] of nodes.entries())
    await node.run(async client => {
      await client.call('CLUSTER', 'ADDSLOTSRANGE', ...(ranges[index] ?? []).map(String))
      for (const other of nodes)
        if (other !== node) await client.call('CLUSTER', 'MEET', '127.0.0.1', String(other.port))
    })
  for (const node of nodes)
    await until(
      () =>
        node.run(async client => String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok')),
      'the cluster is whole',
    )
  return {
    url: nodes.map(({ url }) => url).join(','),
    nodes,
    async remove() {
      await Promise.all(nodes.map(node => node.remove()))
    },
  }
}

async function withClient<Result>(
  url: string,
  commands: (client: Redis) => Promise<Result>,
): Promise<Result> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    return await commands(client)
  } finally {
    client.disconnect()
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await withClient(url, client => client.ping())) === 'PONG'
  } catch {
    return false
  }
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS} ms`)
    await delay(POLL_MS)
  }
}

/** A port that nothing listens on, nor on the one 10,000 above, which a node of a cluster takes as well. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address: AddressInfo | string | null = server.address()
  server.close()
  await once(server, 'close')
  const port = typeof address === 'object' && address ? address.port : 0
  return port > 0 && port < 55_000 ? port : freePort()
}
