import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runBootstrap } from '../../src/command-line/run-bootstrap.ts'
import { openDeps } from '../../src/open-deps.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { OperatorError } from '../../src/platform/errors.ts'
import { createPlace, logger, postgresUrl, type TestPlace } from '../support/backend.ts'
import { endProcesses, freePort, placeEnv, runScript, SECRET_KEY, startProcess } from '../support/process.ts'
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

it('a start says where the console can be used when its address is http on another machine', async () => {
  const said = 'over https and on the loopback address alone'
  const away = await startProcess({ ...placeEnv(place), SECRET_KEY, PUBLIC_URL: 'http://192.168.1.5:3000' })
  expect((await away.end('SIGTERM')).stdout).toContain(said)
  const here = await startProcess({ ...placeEnv(place), SECRET_KEY })
  expect((await here.end('SIGTERM')).stdout).not.toContain(said)
})

describe('a start that cannot be', () => {
  it('ends with 78 where the first account would have a password that is tried first', async () => {
    const env = { ...placeEnv(place), SECRET_KEY, PORT: String(await freePort()) }
    const refused = await runScript(['src/main.ts'], { ...env, ADMIN_PASSWORD: 'Password2026!' })
    expect(refused.code).toBe(78)
    expect(refused.stderr).toMatch(/ADMIN_PASSWORD: is one of the passwords that are tried first/)
    expect(refused.stdout + refused.stderr).not.toContain('Password2026!')
  })

  it('ends with 78 and a sentence where a resource server is of no project', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'sentinel-pass-test-')), 'resource-servers.json')
    writeFileSync(file, JSON.stringify([{ project: 'Nowhere', resource: 'https://ledger.example.com' }]))
    const env = { ...placeEnv(place), SECRET_KEY, PORT: String(await freePort()), RESOURCE_SERVERS: file }
    const { code, stderr } = await runScript(['src/main.ts'], env)
    expect([code, stderr]).toEqual([
      78,
      'RESOURCE_SERVERS is not usable: the resource https://ledger.example.com names the project Nowhere, which does not exist.\n',
    ])
  })

  it('ends with 75 where a port is taken, before anything is made or told', async () => {
    const free = String(await freePort())
    const settings = { ...placeEnv(place), SECRET_KEY }
    for (const [name, env] of Object.entries({
      PORT: { ...settings, PORT: portOf(other) },
      METRICS_PORT: { ...settings, PORT: free, METRICS_PORT: portOf(other) },
    })) {
      const { code, stdout, stderr } = await runScript(['src/main.ts'], env)
      expect([code, stdout]).toEqual([75, ''])
      expect(stderr).toBe(
        `${name} cannot be listened on: another process has port ${portOf(other)} of 127.0.0.1 already (EADDRINUSE). Stop that one, or set ${name} to another port.\n`,
      )
    }
    expect(JSON.parse(await runBootstrap(['--json'], settings))).toMatchObject({ created: true })
  })

  it('ends with 75 where PostgreSQL does not answer, and names the place but not the password', async () => {
    const port = await freePort()
    const url = `postgres://keeper:open-sesame@127.0.0.1:${port}/vault`
    const env = { DATABASE_URL: url, SECRET_KEY, LOG_LEVEL: 'trace' }
    const refused = [await runScript(['src/main.ts'], env), await runScript(['src/migrate.ts'], env)]
    const { exitCode: code, message: stderr } = await faultOf(runBootstrap([], env))
    for (const one of [...refused, { code, stderr, stdout: '' }]) {
      expect(one.code).toBe(75)
      expect(one.stderr).toContain(`127.0.0.1:${port}/vault`)
      expect(one.stderr).toContain('DATABASE_URL')
      expect(one.stdout + one.stderr).not.toContain('open-sesame')
    }
  })

  it('ends with 78 for a SECRET_KEY that the database was not written with', async () => {
    const config = testConfig(place, await freePort())
    const deps = await openDeps(config, systemClock, logger)
    await deps.close()
    const wrong = { SECRET_KEY: Buffer.alloc(32, 1).toString('base64') }
    const refused = await faultOf(openDeps(testConfig(place, config.port, wrong), systemClock, logger))
    expect(refused.exitCode).toBe(78)
    expect(refused.message).toMatch(/^SECRET_KEY is not the one that this database was written with/)
  })

  it('ends with 75 for a database that does not exist, rather than making it', async () => {
    const url = new URL(postgresUrl())
    url.pathname = '/sentinel_pass_misspelt'
    const config = loadConfig({ DATABASE_URL: url.href, SECRET_KEY })
    const refused = await faultOf(openDeps(config, systemClock, logger))
    expect(refused.exitCode).toBe(75)
    // Without a PostgreSQL the line says that instead; in either case nothing starts.
    expect(refused.message).toMatch(/sentinel_pass_misspelt \(DATABASE_URL\) cannot be used: ./)
  })
})

/** What a script would print and end with. */
async function faultOf(act: Promise<unknown>): Promise<OperatorError> {
  const fault = await act.catch((error: unknown) => error)
  if (fault instanceof OperatorError) return fault
  throw new Error(`No fault of an operator's: ${fault}`)
}

function portOf(server: Server): string {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address ? String(address.port) : ''
}
