import request from 'supertest'
import { createPlace, currentBackend, namedBackend } from '../support/backend.ts'
import { endProcesses, placeEnv, startProcess } from '../support/process.ts'
import { firstProject } from '../support/remote.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { create, isActive, manage, requestToken, runRounds, type Setting } from './rounds.ts'

/** On the embedded database there is one process, and nothing crosses to another: fewer show the same. */
const ROUNDS = currentBackend() === 'postgresql' ? 200 : 40
const ROUNDS_OF_PROCESSES = 40
const CONCURRENT_ROUNDS = 4
const ASKING = 8
const ROUNDS_FLUSHED = 10

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
    await runRounds([first.http, second.http], { ...moving, fields: { tokenFormat: 'jwt' } }, ROUNDS / 5)
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

/** A Redis that is emptied takes the live tokens with it, and brings back none. */
if (namedBackend() === 'postgresql+redis')
  describe('a Redis that two nodes share', () => {
    it('revives nothing when it is emptied between the rounds, and each node goes on', async () => {
      const now = () => {
        first.clock.advance({ seconds: 1 })
        return first.clock.now()
      }
      const nodes = [first.http, second.http] as const
      const pass = await create(first.http, setting)
      const ended: string[] = []
      for (const round of Array.from({ length: ROUNDS_FLUSHED }, (_, index) => index)) {
        const revoked = (await requestToken(nodes[0], pass.credentials)).body.access_token
        const flushed = (await requestToken(nodes[1], pass.credentials)).body.access_token
        const answer = await nodes[0]
          .post('/v1/api/oauth/revoke')
          .set('Api-Key', setting.apiKey)
          .type('form')
          .send({ token: revoked })
        expect(answer.status).toBe(200)
        expect(await isActive(nodes[1], setting, revoked)).toBe(false)
        expect(await isActive(nodes[0], setting, flushed)).toBe(true)
        await first.place.emptyRedis()
        ended.push(revoked, flushed)
        for (const node of nodes)
          for (const token of ended) expect(await isActive(node, setting, token)).toBe(false)
        await runRounds([first.http, second.http], { ...setting, now }, round === ROUNDS_FLUSHED - 1 ? 8 : 1)
      }
    })
  })

if (hasNodes)
  describe('what one process has answered', () => {
    it(`holds in the other from the very next request on, over ${ROUNDS_OF_PROCESSES} changes`, async () => {
      const place = await createPlace()
      try {
        const one = await startProcess(placeEnv(place))
        const other = await startProcess(placeEnv(place))
        const project = firstProject(one.stdout())
        const processes = { ...project, now: () => Date.now() }
        await runRounds([request(one.url), request(other.url)], processes, ROUNDS_OF_PROCESSES)
      } finally {
        await endProcesses()
        await place.remove()
      }
    })
  })
