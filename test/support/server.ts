import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import request from 'supertest'
import { createListener } from '../../src/app.ts'
import { createDeps, type Deps } from '../../src/deps.ts'
import { entities } from '../../src/entities.ts'
import { type ConnectionLimits, createHttpServer } from '../../src/http/http-server.ts'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { type Config, loadConfig } from '../../src/platform/config.ts'
import { Database } from '../../src/platform/database.ts'
import type { Logger } from '../../src/platform/logger.ts'
import type { SlowHashCost } from '../../src/platform/slow-hash.ts'
import { createPlace, currentBackend, logger as silent, type TestPlace } from './backend.ts'
import { TestClock } from './clock.ts'
import { watchAnswer } from './contract-check.ts'
import { lendDatabase } from './lent-database.ts'

const SECRET_KEY = Buffer.alloc(32, 7).toString('base64')
const SYSTEM = { type: 'system', id: null, name: 'test', clientIp: null } as const

/** The cheapest that argon2id takes: a test that makes a hundred passes does not measure the hash. */
const QUICK_HASH: SlowHashCost = { memoryCostKiB: 8, timeCost: 1, parallelism: 1 }

/** A project of a test, with an API key of it. */
export interface TestProject {
  readonly organizationId: string
  readonly projectId: string
  readonly apiKey: string
  /** `/v1/api/organizations/…/projects/…` */
  readonly path: string
}

/** Credentials as the server shows them once. */
export interface TestCredentials {
  readonly clientId: string
  readonly clientSecret: string
  readonly agentUserId: string
  readonly apiBaseUrl: string
}

export interface TestPass {
  readonly id: string
  readonly attributes: Record<string, unknown>
  readonly credentials: TestCredentials
}

/** A real server on a real database, with a clock that the test moves. */
export interface TestServer {
  readonly url: string
  readonly deps: Deps
  readonly clock: TestClock
  readonly place: TestPlace
  readonly http: ReturnType<typeof request>
  /** Makes an organization with a project and an API key of it. */
  createProject(name?: string): Promise<TestProject>
  /** Makes a pass over the API. */
  createPass(project: TestProject, fields?: Record<string, unknown>): Promise<TestPass>
  /** Fetches a token; throws when it is refused. @param scope all of the pass's when not given */
  fetchToken(credentials: TestCredentials, scope?: string): Promise<string>
  close(): Promise<void>
}

export interface TestServerOptions {
  readonly clock?: TestClock
  /** The database of another server, which then is a second node on it. */
  readonly place?: TestPlace
  /** Further settings, as environment variables. */
  readonly env?: Record<string, string>
  /** What a hash costs; next to nothing when not given. */
  readonly slowHash?: SlowHashCost
  /** Where the server logs; nowhere when not given. */
  readonly logger?: Logger
  /** How long a request may take to arrive. */
  readonly arrival?: Partial<ConnectionLimits>
  /** How long PostgreSQL may be silent where somebody waits for it. */
  readonly answerTimeoutMs?: number
}

export function testConfig(place: TestPlace, port: number, env: Record<string, string> = {}): Config {
  const database: Record<string, string> =
    'dataDir' in place.location ? { DATA_DIR: place.location.dataDir } : { DATABASE_URL: place.location.url }
  // A test that is about no limit must not run into one.
  const settings = { PORT: String(port), SECRET_KEY, LOG_LEVEL: 'silent', RATE_LIMITS: 'off' }
  const config = loadConfig({ ...settings, ...database, ...place.env, ...env })
  return { ...config, slowHash: QUICK_HASH }
}

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { place, database: lent } = await chooseDatabase(options)
  const clock = options.clock ?? new TestClock()
  const server = createHttpServer(options.logger ?? silent, undefined, options.arrival)
  const port = await listen(server)
  const deps = await openDeps(port, clock, place, lent, options).catch(async error => {
    server.close()
    if (!options.place) await place.remove()
    throw error
  })
  const { config, database } = deps
  const answer = createListener(deps)
  server.on('request', (incoming, response) => {
    watchAnswer(incoming, response)
    answer(incoming, response)
  })
  const http = request(server)

  return {
    url: config.publicUrl,
    deps,
    clock,
    place,
    http,
    async createProject(name = 'Project') {
      const apiKey = generateChecksummedSecret('spk_')
      const made = await database.em().transactional(async em => {
        const names = { organization: `${name} organization`, project: name }
        const { organization, project } = deps.organizations.service.createWithProject(em, SYSTEM, names)
        deps.apiKeys.service.insert(em, { projectId: project.id }, SYSTEM, {
          note: `${name} key`,
          expiresAt: null,
          secretKey: apiKey,
        })
        return { organizationId: organization.id, projectId: project.id }
      })
      return {
        ...made,
        apiKey,
        path: `/v1/api/organizations/${made.organizationId}/projects/${made.projectId}`,
      }
    },
    async createPass(project, fields = {}) {
      const answer = await http
        .post(`${project.path}/sentinel_passes`)
        .set('Api-Key', project.apiKey)
        .send({ sentinelPass: { title: 'Test agent', ...fields } })
      if (answer.status !== 201) throw new Error(`create answered ${answer.status}: ${answer.text}`)
      const { data, meta } = answer.body
      return { id: data.id, attributes: data.attributes, credentials: meta.credentials }
    },
    async fetchToken(credentials, scope) {
      const answer = await http
        .post('/v1/api/oauth/token')
        .auth(credentials.clientId, credentials.clientSecret)
        .type('form')
        .send({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
      if (answer.status !== 200) throw new Error(`token answered ${answer.status}: ${answer.text}`)
      return answer.body.access_token
    },
    async close() {
      await new Promise(resolve => server.close(resolve))
      await deps.close()
      if (!options.place) await place.remove()
    },
  }
}

/** Another node on the database of a server; on the embedded one, which has one process, that server itself. */
export async function startNode(server: TestServer): Promise<TestServer> {
  if (server.deps.database.kind === 'pglite') return { ...server, close: async () => {} }
  return startServer({ place: server.place, clock: server.clock, env: { PUBLIC_URL: server.url } })
}

/** One that another server had before, where nothing tells it from a new one: to start one takes longer than a test. */
async function chooseDatabase({ place, logger }: TestServerOptions) {
  if (place) return { place, database: undefined }
  if (currentBackend() === 'pglite' && !logger) return lendDatabase()
  return { place: await createPlace(), database: undefined }
}

async function openDeps(
  port: number,
  clock: TestClock,
  place: TestPlace,
  lent: Database | undefined,
  { env, slowHash = QUICK_HASH, logger = silent, answerTimeoutMs }: TestServerOptions,
): Promise<Deps> {
  let database = lent
  try {
    const config = { ...testConfig(place, port, env), slowHash }
    database ??= await Database.open(place.location, entities, logger, {
      answerTimeoutMs,
      connections: config.databasePool,
    })
    return await createDeps(config, clock, logger, database)
  } catch (error) {
    await database?.close()
    throw error
  }
}

function listen(server: Server): Promise<number> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}
