import { migrationList } from '../../migrations/index.ts'
import type { Deps } from '../../src/deps.ts'
import { entities } from '../../src/entities.ts'
import { openDeps } from '../../src/open-deps.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { loadConfig, SIGNING_ALGORITHMS } from '../../src/platform/config.ts'
import { Database } from '../../src/platform/database.ts'
import { createEmptyPlace, createPlace, currentBackend, logger, type TestPlace } from '../support/backend.ts'
import { endProcesses, freePort, placeEnv, startProcess } from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'
import { testConfig } from '../support/server.ts'

const STARTS = 5
const ONE_OF_EACH = {
  organizations: 1,
  projects: 1,
  keys: 1,
  signingKeys: SIGNING_ALGORITHMS.length,
  migrations: migrationList.length,
}

let place: TestPlace

beforeEach(async () => {
  // Making an embedded database takes seconds, and first-start.test.ts has one made; here it is copied.
  place = currentBackend() === 'postgresql' ? await createEmptyPlace() : await createPlace()
})
afterEach(async () => {
  await endProcesses()
  await place.remove()
})

describe('starts one after the other', () => {
  it('make what the first start makes once', async () => {
    // After a start that was killed, and after one that was stopped.
    await (await startProcess(placeEnv(place))).end('SIGKILL')
    for (let start = 2; start <= 3; start += 1) {
      const deps = await openDeps(loadConfig(placeEnv(place)), systemClock, logger)
      await deps.bootstrap.run()
      await deps.close()
    }
    expect(await countsOf(place)).toEqual(ONE_OF_EACH)
  })
})

describe('first starts that come to the same point at the same moment', () => {
  it('make one organization, and tell of it once', async () => {
    const config = testConfig(place, await freePort())
    // The embedded database has one process, and one connection.
    const nodes = currentBackend() === 'postgresql' ? STARTS : 1
    const deps: Deps[] = []
    for (let node = 0; node < nodes; node += 1) deps.push(await openDeps(config, systemClock, logger))
    const runs = Array.from({ length: STARTS }, (_, run) => deps[run % nodes]?.bootstrap.run())
    const told = (await Promise.all(runs)).filter(made => made?.first !== undefined)
    await Promise.all(deps.map(one => one.close()))
    expect(told).toHaveLength(1)
    expect(await countsOf(place)).toEqual(ONE_OF_EACH)
  })
})

if (currentBackend() === 'postgresql')
  describe('starts at the same time on one empty database', () => {
    it('all become ready, make what the first start makes once, and take the one key that was told', async () => {
      const ports = new Set<number>()
      while (ports.size < STARTS) ports.add(await freePort())
      const servers = await Promise.all(
        [...ports].map(port => startProcess({ ...placeEnv(place), PORT: String(port) })),
      )
      expect(await countsOf(place)).toEqual(ONE_OF_EACH)
      const told = servers.filter(server => /^ +spk_\w+$/m.test(server.stdout()))
      expect(told).toHaveLength(1)
      const project = firstProject(told[0]?.stdout() ?? '')
      for (const server of servers) {
        const api = remote(server.url, project)
        const { credentials } = await api.createPass()
        expect(await api.introspect(await api.fetchToken(credentials))).toMatchObject({ active: true })
      }
      const keySets = await Promise.all(servers.map(server => signingKeyIds(server.url)))
      expect(new Set(keySets).size).toBe(1)
    })
  })

async function signingKeyIds(url: string): Promise<string> {
  const answer = await fetch(`${url}/.well-known/jwks.json`)
  const { keys }: { keys: { kid: string }[] } = JSON.parse(await answer.text())
  return keys.map(key => key.kid).join(' ')
}

async function countsOf({ location }: TestPlace) {
  const database = await Database.open(location, entities, logger)
  const [counts] = await database.query<Record<keyof typeof ONE_OF_EACH, number>>(
    `select (select count(*)::int from organizations) as organizations,
       (select count(*)::int from projects) as projects, (select count(*)::int from api_keys) as keys,
       (select count(*)::int from signing_keys) as "signingKeys",
       (select count(*)::int from migrations) as migrations`,
  )
  await database.close()
  return counts
}
