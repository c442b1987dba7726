import { createEmptyPlace, postgresUrl } from '../../support/backend.ts'
import { freePort } from '../../support/process.ts'
import { redisFault, redisPlace } from '../../support/redis.ts'
import { askEach } from '../load/closed-loop.ts'
import { grantRequest } from '../load/requests.ts'
import { DatabaseProcesses, redisProcess, treeOf } from '../processes.ts'
import { TARGETS, type TargetName } from '../scenarios.ts'
import { bareAnswers } from './bare-answers.ts'
import { FIRST_KEY, type Installation, install } from './installation.ts'
import { type Program, Programs } from './programs.ts'

/** A server that is measured. */
export interface Target {
  readonly name: TargetName
  readonly program: Program
  readonly paths: { readonly token: string; readonly introspection: string }
  /** Whom it knows; other servers know one client, and no API key. */
  readonly clients: Installation
  /** Where it keeps things outside of its own process; undefined: nowhere. */
  readonly database: DatabaseProcesses | undefined
}

export const OWN_PATHS = { token: '/v1/api/oauth/token', introspection: '/v1/api/oauth/introspect' }
const STOCK_PATHS = { token: '/token', introspection: '/token/introspection' }
const STOCK_CLIENT = { clientId: 'stock-client', clientSecret: 'x'.repeat(43), agentUserId: '' }
const NO_CLIENTS: Installation = { project: '', passes: [], signedPasses: [], apiKeys: [] }
const SETTINGS = {
  SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
  BOOTSTRAP_API_KEY: FIRST_KEY,
  // Servers on one database are nodes of one installation.
  PUBLIC_URL: 'http://localhost:3000',
}
const WORKERS = 2
const FETCHED_AT_ONCE = 8
const NO_LIMITS = { RATE_LIMITS: 'off' }

/** A database with what is on it. */
interface Place {
  readonly env: Readonly<Record<string, string>>
  readonly clients: Installation
  readonly database: DatabaseProcesses | undefined
}

/** The servers of one run. */
export class Targets {
  readonly running: Target[] = []
  /** Why one that was wanted is not there, in words. */
  readonly missing = new Map<TargetName, string>()
  readonly #wanted: readonly TargetName[]
  readonly #programs: Programs
  readonly #passes: number
  readonly #say: (line: string) => void
  readonly #closing: (() => Promise<void>)[] = []
  #postgresql: Promise<Target> | undefined
  #embedded: Promise<Target> | undefined
  #place: Place | undefined
  #closed: Promise<void> | undefined

  private constructor(
    wanted: readonly TargetName[],
    programs: Programs,
    passes: number,
    say: (line: string) => void,
  ) {
    this.#wanted = wanted
    this.#programs = programs
    this.#passes = passes
    this.#say = say
  }

  /** @param passes so many on each database @param say tells what takes long @throws when one cannot be started */
  static async open(
    wanted: readonly TargetName[],
    passes: number,
    say: (line: string) => void,
  ): Promise<Targets> {
    const targets = new Targets(wanted, await Programs.open(), passes, say)
    // Who interrupts the run wants neither servers nor databases of it left behind.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => targets.close().finally(() => process.exit(1)))
    try {
      const chosen = TARGETS.filter(one => wanted.includes(one))
      const started = await Promise.all(chosen.map(name => targets.#start(name)))
      for (const [index, target] of started.entries())
        if (typeof target !== 'string') targets.running.push(target)
        else targets.missing.set(chosen[index] ?? 'workers', target)
      return targets
    } catch (error) {
      await targets.close()
      throw error
    }
  }

  /** Another process on the PostgreSQL of this run. @param args for Node.js, before the program */
  async startAnother(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Target> {
    return this.#startOn(await this.#onPostgresql(), 'postgresql', env, { args })
  }

  /** A folder that goes with the run. */
  get folder(): string {
    return this.#programs.folder
  }

  /** Ends the servers and removes their databases. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#programs.close()
    for (const step of this.#closing.toReversed()) await step()
  }

  async #start(name: TargetName): Promise<Target | string> {
    switch (name) {
      case 'stock':
      case 'oauth2-server':
        return this.#startOther(name)
      case 'bare':
        return this.#startBare()
      case 'pglite':
        return this.#startEmbedded()
      case 'postgresql':
        return this.#startPostgresql()
      case 'postgresql+redis':
        return this.#startWithRedis()
      case 'workers':
        return this.#startWorkers()
    }
  }

  async #startOther(name: 'stock' | 'oauth2-server'): Promise<Target> {
    const port = await freePort()
    const { clientId, clientSecret } = STOCK_CLIENT
    const args = [`test/bench/servers/${name}.ts`, String(port), clientId, clientSecret]
    const program = await this.#programs.start({ args, port })
    const clients = { ...NO_CLIENTS, passes: [STOCK_CLIENT] }
    return { name, program, paths: STOCK_PATHS, clients, database: undefined }
  }

  /** It answers what this server has answered once. */
  async #startBare(): Promise<Target> {
    const onlyEmbedded = this.#wanted.includes('pglite') && !this.#wanted.includes('postgresql')
    const model = await (onlyEmbedded ? this.#startEmbedded() : this.#startPostgresql())
    const port = await freePort()
    const answers = JSON.stringify({ port, paths: await bareAnswers(model) })
    const program = await this.#programs.start({ args: ['test/bench/servers/bare.ts', answers], port })
    return { name: 'bare', program, paths: OWN_PATHS, clients: model.clients, database: undefined }
  }

  #startEmbedded(): Promise<Target> {
    this.#embedded ??= this.#makeEmbedded()
    return this.#embedded
  }

  async #makeEmbedded(): Promise<Target> {
    const place = await createEmptyPlace('pglite')
    this.#closing.push(place.remove)
    const dataDir = 'dataDir' in place.location ? place.location.dataDir : ''
    return this.#startFirst('pglite', { ...SETTINGS, DATA_DIR: dataDir }, undefined)
  }

  #startPostgresql(): Promise<Target> {
    this.#postgresql ??= this.#makePostgresql()
    return this.#postgresql
  }

  async #makePostgresql(): Promise<Target> {
    const place = await createEmptyPlace('postgresql')
    this.#closing.push(place.remove)
    const url = 'url' in place.location ? place.location.url : ''
    const database = await DatabaseProcesses.open(url, postgresUrl())
    this.#closing.push(() => database.close())
    return this.#startFirst('postgresql', { ...SETTINGS, DATABASE_URL: url }, database)
  }

  async #onPostgresql(): Promise<Place> {
    await this.#startPostgresql()
    if (!this.#place) throw new Error('PostgreSQL was started without a place')
    return this.#place
  }

  /** Limits are what Redis is for; those of these passes are higher than any load here. */
  async #startWithRedis(): Promise<Target | string> {
    const fault = await redisFault()
    if (fault !== undefined) return `Redis does not answer: ${fault}`
    const redis = redisPlace()
    this.#closing.push(redis.remove)
    const place = await this.#onPostgresql()
    const database = place.database?.with(await redisProcess())
    return this.#startOn({ ...place, database }, 'postgresql+redis', redis.env)
  }

  /** A server that does not know the setting is one process. */
  async #startWorkers(): Promise<Target | string> {
    const env = { ...NO_LIMITS, WORKERS: String(WORKERS) }
    const target = await this.#startOn(await this.#onPostgresql(), 'workers', env, { everywhere: true })
    if (treeOf(target.program.pid).length > 2) return target
    await target.program.stop()
    return 'not supported'
  }

  /** The first server on an empty database, which makes what all of them know. */
  async #startFirst(
    name: 'pglite' | 'postgresql',
    env: Readonly<Record<string, string>>,
    database: DatabaseProcesses | undefined,
  ): Promise<Target> {
    const empty = { env, clients: NO_CLIENTS, database }
    const target = await this.#startOn(empty, name, NO_LIMITS)
    this.#say(`making ${this.#passes} passes on ${name}, each of which costs two argon2id …`)
    const clients = await install(target.program.port, this.#passes)
    if (name === 'postgresql') this.#place = { ...empty, clients }
    await fetchOneEach({ ...target, clients })
    return { ...target, clients }
  }

  async #startOn(
    { env: settings, clients, database }: Place,
    name: TargetName,
    env: Readonly<Record<string, string>>,
    { args = [], everywhere = false }: { args?: readonly string[]; everywhere?: boolean } = {},
  ): Promise<Target> {
    const port = await freePort()
    const program = await this.#programs.start({
      ...{ args: [...args, 'src/main.ts'], port, ready: '/ready', everywhere },
      env: { ...settings, ...env, PORT: String(port) },
    })
    const target = { name, program, paths: OWN_PATHS, clients, database }
    if (clients !== NO_CLIENTS) await fetchOneEach(target)
    return target
  }
}

/** A process verifies a secret by argon2id once, which is no part of what is measured. */
async function fetchOneEach({ name, program: { port }, paths, clients }: Target): Promise<void> {
  const requests = [...clients.passes, ...clients.signedPasses].map(pass => grantRequest(paths.token, pass))
  const asked = { port, requests, expected: '"access_token":' }
  // Connections are dealt out to workers in turn: each of these has all passes on one of them.
  if (name === 'workers') await Promise.all(Array.from({ length: WORKERS }, () => askEach(asked, 1)))
  else await askEach(asked, FETCHED_AT_ONCE)
}
