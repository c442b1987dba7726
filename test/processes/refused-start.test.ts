import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { openDeps } from '../../src/deps.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createPlace, logger, postgresUrl, type TestPlace } from '../support/backend.ts'
import { endProcesses, freePort, placeEnv, runScript, SECRET_KEY, startProcess } from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'
import { testConfig } from '../support/server.ts'

let place: TestPlace
let other: Server

beforeEach(async () => {
  place = await createPlace()
  other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
})
afterEach(async () => {
  other.close()
  await endProcesses()
  await place.remove()
})

describe('a start that cannot be', () => {
  it('ends with 75 where a port is taken, and the key that it has made is told and good', async () => {
    const refused = await runScript(['src/main.ts'], { ...placeEnv(place), PORT: portOf(other) })
    expect(refused.code).toBe(75)
    expect(refused.stderr).toMatch(/^PORT cannot be listened on: .*EADDRINUSE.*\n$/)
    expect(refused.stderr).toContain(portOf(other))

    const env = { ...placeEnv(place), PORT: String(await freePort()), METRICS_PORT: portOf(other) }
    const without = await runScript(['src/main.ts'], env)
    expect(without.code).toBe(75)
    expect(without.stderr).toMatch(/^METRICS_PORT cannot be listened on: .*EADDRINUSE.*\n$/)

    const server = await startProcess(placeEnv(place))
    const api = remote(server.url, firstProject(refused.stdout))
    await expect(api.createPass()).resolves.toMatchObject({ credentials: { clientId: expect.any(String) } })
  })

  it('ends with 75 where PostgreSQL does not answer, and names the place but not the password', async () => {
    const port = await freePort()
    const url = `postgres://keeper:open-sesame@127.0.0.1:${port}/vault`
    for (const script of ['src/main.ts', 'src/bootstrap/main.ts', 'src/migrate.ts']) {
      const refused = await runScript([script], { DATABASE_URL: url, SECRET_KEY, LOG_LEVEL: 'trace' })
      expect(refused.code).toBe(75)
      expect(refused.stderr).toContain(`127.0.0.1:${port}/vault`)
      expect(refused.stderr).toContain('DATABASE_URL')
      expect(refused.stdout + refused.stderr).not.toContain('open-sesame')
    }
  })

  it('ends with 78 for a SECRET_KEY that the database was not written with', async () => {
    const deps = await openDeps(testConfig(place, await freePort()), systemClock, logger)
    await deps.close()
    const wrong = Buffer.alloc(32, 1).toString('base64')
    const refused = await runScript(['src/main.ts'], { ...placeEnv(place), SECRET_KEY: wrong })
    expect(refused.code).toBe(78)
    expect(refused.stderr).toMatch(/^SECRET_KEY is not the one that this database was written with.*\n$/)
  })

  it('ends with 75 for a database that does not exist, rather than making it', async () => {
    const url = new URL(postgresUrl())
    url.pathname = '/sentinel_pass_misspelt'
    const refused = await runScript(['src/main.ts'], { DATABASE_URL: url.href, SECRET_KEY })
    expect(refused.code).toBe(75)
    // Without a PostgreSQL the line says that instead; in either case nothing starts.
    expect(refused.stderr).toMatch(/sentinel_pass_misspelt \(DATABASE_URL\) cannot be used: .+\n$/)
  })
})

function portOf(server: Server): string {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address ? String(address.port) : ''
}
