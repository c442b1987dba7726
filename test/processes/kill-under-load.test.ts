import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { createPlace, currentBackend, logger, type TestPlace } from '../support/backend.ts'
import { expireLeases } from '../support/expire-leases.ts'
import { endProcesses, placeEnv, startProcess } from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'
import { startGrantLoad } from './grant-load.ts'

const AGENTS = 20
/** On the embedded database each further start takes seconds, and kills it no other way. */
const KILLS = currentBackend() === 'pglite' ? 1 : 2
const GRANTS_BEFORE_KILL = 200

let place: TestPlace

beforeAll(async () => {
  place = await createPlace()
})
afterEach(endProcesses)
afterAll(async () => {
  await place.remove()
})

describe('SIGKILL under load', () => {
  it('leaves exactly one row for each token that a client received, live tokens and right sums', async () => {
    let server = await startProcess(placeEnv(place))
    const project = firstProject(server.stdout())
    const passes = await Promise.all(
      Array.from({ length: AGENTS }, () => remote(server.url, project).createPass()),
    )
    const agents = passes.map(pass => pass.credentials)
    const received = new Map(agents.map(agent => [agent.agentUserId, [] as string[]]))

    for (let kill = 1; kill <= KILLS; kill += 1) {
      const load = startGrantLoad(server.url, agents)
      await load.reached(GRANTS_BEFORE_KILL)
      await server.end('SIGKILL')
      await load.ended()
      expect(load.refusals).toEqual([])
      for (const [agent, tokens] of load.received) received.get(agent)?.push(...tokens)
      await expireLeases(place)
      server = await startProcess(placeEnv(place))
    }

    const api = remote(server.url, project)
    for (const [agent, tokens] of received) {
      const rows = await api.rows(agent)
      expect(new Set(rows.map(row => row.activity_type))).toEqual(new Set(['token_generation']))
      const recorded = rows.map(row => row.metadata.token_id)
      expect(new Set(recorded).size).toBe(recorded.length)
      const introspections = await Promise.all(tokens.map(token => api.introspect(token)))
      expect(introspections.filter(({ active }) => !active)).toEqual([])
      // A set again: each received token is another one.
      const ids = new Set(introspections.map(({ jti }) => jti))
      expect(ids.size).toBe(tokens.length)
      expect(new Set(recorded)).toEqual(new Set([...recorded, ...ids]))
      // Each kill can catch one grant of an agent that was committed and not yet received.
      expect(recorded.length - tokens.length).toBeLessThanOrEqual(KILLS)
      expect(await api.totalRequests(agent)).toBe(rows.length)
    }

    expect((await server.end('SIGTERM')).code).toBe(0)
    expect(await countsOf(place)).toEqual({ unsaid: 0, difference: 0 })
  })
})

/** What would be wrong in the database itself: grants that do not say how long their token lives, sums that are off. */
async function countsOf({ location }: TestPlace) {
  const database = await Database.open(location, entities, logger)
  const [counts] = await database.query<{ unsaid: number; difference: number }>(
    `select (select count(*)::int from activity where activity_type = 'token_generation'
         and (token_epoch is null or token_expires_at is null or metadata->>'token_id' <> id::text)) as unsaid,
       ((select sum(requests) from activity_rollups) - (select count(*) from activity))::int as difference`,
  )
  await database.close()
  return counts
}
