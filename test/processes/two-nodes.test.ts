import request from 'supertest'
import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { expectMetrics, metricsOf } from '../activity/brute-force.ts'
import { storedActivity } from '../activity/support.ts'
import { currentBackend, logger, namedBackend, type TestPlace } from '../support/backend.ts'
import { eachInPlace, endProcesses, placeEnv, startProcess } from '../support/process.ts'
import { firstProject } from '../support/remote.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  create,
  isActive,
  manage,
  type Node,
  requestToken,
  runRounds,
  type Setting,
  type Subject,
} from './rounds.ts'

/** On the embedded database there is one process, and nothing crosses to another: fewer show the same. */
const ROUNDS = currentBackend() === 'postgresql' ? 200 : 16
/** Of passes whose tokens are signed; one of each kind at least. */
const SIGNED_ROUNDS = currentBackend() === 'postgresql' ? 40 : 8
const ROUNDS_OF_PROCESSES = 40
const CONCURRENT_ROUNDS = currentBackend() === 'postgresql' ? 4 : 2
const ASKING = 8
const ROUNDS_FLUSHED = 10
const TURNS = 60
const REFUSED_TURNS = 8

let first: TestServer
let second: TestServer
let setting: Setting

// The embedded database has one process: there, one node is both.
const hasNodes = currentBackend() === 'postgresql'

beforeAll(async () => {
  first = await startServer()
  second = hasNodes ? await startServer({ place: first.place, clock: first.clock }) : first
  const { apiKey, path } = await first.createProject()
  setting = { apiKey, path, now: () => first.clock.now() }
  first.clock.advance({ minutes: 1 })
})
afterEach(endProcesses)
afterAll(async () => {
  if (second !== first) await second.close()
  await first.close()
})

describe('what one node has answered', () => {
  it(`holds on the other from the very next request on, over ${ROUNDS} changes`, async () => {
    // Time goes on between the changes: nothing rests on two that fall into one instant.
    const now = () => {
      first.clock.advance({ seconds: 1 })
      return first.clock.now()
    }
    const moving = { ...setting, now }
    await runRounds([first.http, second.http], moving, ROUNDS)
    // Signed tokens end just the same.
    await runRounds([first.http, second.http], { ...moving, fields: { tokenFormat: 'jwt' } }, SIGNED_ROUNDS)
  })

  it.each([
    ['revoke', (id: string) => ['post', `/${id}/revoke`, {}] as const],
    ['revoke with tokens', (id: string) => ['post', `/${id}/revoke`, { revokeTokens: true }] as const],
    ['rotate', (id: string) => ['post', `/${id}/rotate_key`, {}] as const],
    ['deactivate by PUT', (id: string) => ['put', `/${id}`, { sentinelPass: { active: false } }] as const],
    ['delete', (id: string) => ['delete', `/${id}`, undefined] as const],
  ])('refuses every grant that was asked for after the answer to %s', async (name, change) => {
    for (let round = 0; round < CONCURRENT_ROUNDS; round += 1) {
      const { id, credentials } = await create(first.http, setting)
      const asked: { readonly at: number; readonly status: number; readonly token: string }[] = []
      let answeredAt = Number.POSITIVE_INFINITY
      const warm = Promise.withResolvers<void>()
      const ask = async () => {
        const at = performance.now()
        const { status, body } = await requestToken(second.http, credentials)
        asked.push({ at, status, token: body.access_token })
        if (asked.length >= 2 * ASKING) warm.resolve()
        return at
      }
      const asking = Array.from({ length: ASKING }, async () => {
        for (let after = 0; after < 2; ) if ((await ask()) > answeredAt) after += 1
      })
      await warm.promise
      const [method, path, body] = change(id)
      await manage(first.http, setting, method, path, body)
      answeredAt = performance.now()
      await Promise.all(asking)

      const before = asked.filter(one => one.at <= answeredAt)
      const after = asked.filter(one => one.at > answeredAt)
      expect(before.filter(one => one.status === 200).length).toBeGreaterThanOrEqual(2 * ASKING)
      expect(new Set(after.map(one => one.status))).toEqual(new Set([401]))
      expect(after.length).toBeGreaterThanOrEqual(2 * ASKING)

      // What ends tokens ends all of them: also those whose grant was under way when it happened.
      const tokens = asked.flatMap(one => (one.status === 200 ? [one.token] : []))
      const live = await Promise.all(tokens.map(token => isActive(second.http, setting, token)))
      const endsTokens = name === 'revoke with tokens' || name === 'delete'
      expect(new Set(live)).toEqual(new Set([!endsTokens]))
    }
  })
})

/** No token is in Redis: emptying it ends none, and brings back none. */
if (namedBackend() === 'postgresql+redis')
  describe('a Redis that two nodes share', () => {
    it('ends and revives nothing when it is emptied between the rounds, and each node goes on', async () => {
      const now = () => {
        first.clock.advance({ seconds: 1 })
        return first.clock.now()
      }
      const nodes = [first.http, second.http] as const
      const pass = await create(first.http, setting)
      const ended: string[] = []
      for (const round of Array.from({ length: ROUNDS_FLUSHED }, (_, index) => index)) {
        const revoked = (await requestToken(nodes[0], pass.credentials)).body.access_token
        const kept = (await requestToken(nodes[1], pass.credentials)).body.access_token
        const answer = await nodes[0]
          .post('/v1/api/oauth/revoke')
          .set('Api-Key', setting.apiKey)
          .type('form')
          .send({ token: revoked })
        expect(answer.status).toBe(200)
        expect(await isActive(nodes[1], setting, revoked)).toBe(false)
        await first.place.emptyRedis()
        ended.push(revoked)
        for (const node of nodes) {
          expect(await isActive(node, setting, kept)).toBe(true)
          for (const token of ended) expect(await isActive(node, setting, token)).toBe(false)
        }
        await runRounds([first.http, second.http], { ...setting, now }, round === ROUNDS_FLUSHED - 1 ? 8 : 1)
      }
    })
  })

/** Waits until each node has added up what it recorded, which it does every second. */
async function addedUp(database: Database, agentUserId: string, requests: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const [sum] = await database.query<{ requests: number }>(
      'select coalesce(sum(requests), 0)::int as requests from activity_rollups where agent_user_id = $1',
      [agentUserId],
    )
    if (sum?.requests === requests) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** What an agent did at one node: grants good and refused, and calls that a resource server tells of. */
async function keepBusy(
  node: Node,
  { apiKey }: Pick<Setting, 'apiKey'>,
  { credentials }: Subject,
): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) {
    const { body } = await requestToken(node, credentials)
    // On both nodes fewer than are summed into one row.
    if (turn < REFUSED_TURNS) await requestToken(node, credentials, 'not:its:own')
    const call = { token: body.access_token, endpoint: `/things/${turn % 13}`, http_method: 'GET' }
    await node.post('/v1/api/oauth/introspect').auth(apiKey, { type: 'bearer' }).type('form').send(call)
  }
}

if (hasNodes)
  describe('two processes', () => {
    let place: TestPlace
    eachInPlace(made => {
      place = made
    })

    it(`keep to what the other has answered, over ${ROUNDS_OF_PROCESSES} changes, and count together`, async () => {
      const [one, other] = [await startProcess(placeEnv(place)), await startProcess(placeEnv(place))]
      const project = firstProject(one.stdout())
      const nodes = [request(one.url), request(other.url)] as const
      await runRounds(nodes, { ...project, now: () => Date.now() }, ROUNDS_OF_PROCESSES)

      const subject = await create(nodes[0], { ...project, now: () => Date.now() })
      await Promise.all(nodes.map(node => keepBusy(node, project, subject)))

      const HOUR_MS = 3_600_000
      const end = new Date((Math.floor(Date.now() / HOUR_MS) + 1) * HOUR_MS).toISOString()
      const start = new Date(Date.parse(end) - 48 * HOUR_MS).toISOString()
      const query = { start_date: start, end_date: end, group_by: 'hour' }
      const { agentUserId } = subject.credentials
      const database = await Database.open(place.location, entities, logger)
      const rows = await storedActivity(database, agentUserId)
      await addedUp(database, agentUserId, rows.length)
      const [both] = await database.query<{ nodes: number }>(
        'select count(distinct node)::int as nodes from activity_rollups where agent_user_id = $1',
        [agentUserId],
      )
      await database.close()
      expect(rows).toHaveLength(2 * (2 * TURNS + REFUSED_TURNS))
      expect(both).toEqual({ nodes: 2 })
      for (const node of nodes) {
        const { body } = await node
          .get('/v1/api/oauth/agent/activity/metrics')
          .set('Api-Key', project.apiKey)
          .query({ agent_user_id: agentUserId, ...query })
        expectMetrics(body, metricsOf(rows, start, end, 'hour'))
      }
    })
  })
