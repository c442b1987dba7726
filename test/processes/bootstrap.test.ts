import { entities } from '../../src/entities.ts'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { Database } from '../../src/platform/database.ts'
import { createPlace, logger, type TestPlace } from '../support/backend.ts'
import { endProcesses, freePort, placeEnv, runScript, startProcess } from '../support/process.ts'
import { remote } from '../support/remote.ts'
import { Browser, beginSignIn, discoverConsole } from '../support/sign-in.ts'

const BOOTSTRAP = 'src/bootstrap/main.ts'

let place: TestPlace

beforeEach(async () => {
  place = await createPlace()
})
afterEach(async () => {
  await endProcesses()
  await place.remove()
})

describe('bootstrap --json', () => {
  it('tells once what it made, with a key that works, and from then on that there was nothing to make', async () => {
    const env = { ...placeEnv(place), PORT: String(await freePort()) }
    const made = await runScript([BOOTSTRAP, '--json'], env)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const { created, organizationId, projectId, apiKey, apiBaseUrl } = JSON.parse(made.stdout)
    expect(created).toBe(true)
    expect(apiBaseUrl).toBe(`http://localhost:${env.PORT}/v1/api`)

    const again = await runScript([BOOTSTRAP, '--json'], env)
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(again.stdout)).toEqual({
      created: false,
      organizationId: null,
      projectId: null,
      apiKey: null,
      ownerEmail: null,
      ownerPassword: null,
      apiBaseUrl,
    })

    const server = await startProcess(env)
    const path = `/v1/api/organizations/${organizationId}/projects/${projectId}`
    const api = remote(server.url, { apiKey, path })
    const { credentials } = await api.createPass()
    expect(await api.introspect(await api.fetchToken(credentials))).toMatchObject({ active: true })
    // The server found what the script had made: its start was not the first.
    expect((await server.end('SIGTERM')).stdout).not.toMatch(/first start|spk_/)
  })

  it('says without --json what the first start of the server would', async () => {
    const env = { ...placeEnv(place), PORT: String(await freePort()) }
    const made = await runScript([BOOTSTRAP], env)
    expect(made.stdout).toMatch(/^ +spk_\w+$/m)
    const again = await runScript([BOOTSTRAP], env)
    expect(again).toEqual({ code: 0, stdout: expect.stringMatching(/nothing was made/), stderr: '' })
  })
})

describe('the first owner', () => {
  const signInWith = async (url: string, email: string, password: string) => {
    const browser = new Browser()
    const client = await discoverConsole({ url })
    const { url: start } = await beginSignIn({ url }, client)
    const page = await browser.follow(start)
    const { url: end } = await browser.submit(page.url, { email, password })
    return end.searchParams.has('code')
  }

  it('signs in with what the first start printed, until the command gives another password', async () => {
    const env = { ...placeEnv(place), PORT: String(await freePort()) }
    const { ownerEmail, ownerPassword } = JSON.parse((await runScript([BOOTSTRAP, '--json'], env)).stdout)
    expect(ownerEmail).toBe('owner@localhost')
    const first = await startProcess(env)
    expect(await signInWith(first.url, ownerEmail, ownerPassword)).toBe(true)
    await first.end('SIGTERM')
    const reset = await runScript([BOOTSTRAP, '--json', '--reset-password', 'Owner@Localhost'], env)
    const { password } = JSON.parse(reset.stdout)
    const second = await startProcess(env)
    expect(await signInWith(second.url, ownerEmail, ownerPassword)).toBe(false)
    expect(await signInWith(second.url, ownerEmail, password)).toBe(true)
  })

  it('is the one of ADMIN_EMAIL and ADMIN_PASSWORD, which is printed nowhere', async () => {
    const given = { ADMIN_EMAIL: 'Boss@Example.test', ADMIN_PASSWORD: 'a password of the operator' }
    const server = await startProcess({ ...placeEnv(place), ...given })
    expect(await signInWith(server.url, 'boss@example.test', given.ADMIN_PASSWORD)).toBe(true)
    const { stdout, stderr } = await server.end('SIGTERM')
    expect(stdout).toContain('boss@example.test')
    expect(stdout + stderr).not.toContain(given.ADMIN_PASSWORD)
  })

  it('is made once for organizations that had no account', async () => {
    const env = { ...placeEnv(place), PORT: String(await freePort()) }
    await runScript([BOOTSTRAP], env)
    const database = await Database.open(place.location, entities, logger)
    await database.query('delete from users')
    await database.close()
    const made = await runScript([BOOTSTRAP], env)
    expect(made.stdout).toMatch(/owner@localhost\n +password +\w{24}\n/)
    expect((await runScript([BOOTSTRAP], env)).stdout).toMatch(/nothing was made/)
  })

  it('is not made up for an email that nobody has', async () => {
    const env = { ...placeEnv(place), PORT: String(await freePort()) }
    const reset = await runScript([BOOTSTRAP, '--reset-password', 'nobody@example.test'], env)
    expect(reset).toEqual({ code: 64, stdout: '', stderr: expect.stringContaining('nobody@example.test') })
  })
})

describe('BOOTSTRAP_API_KEY', () => {
  it('is the key of the first project, and is printed nowhere', async () => {
    const apiKey = generateChecksummedSecret('spk_')
    const server = await startProcess({ ...placeEnv(place), BOOTSTRAP_API_KEY: apiKey })
    const path = /\/v1\/api\/organizations\/[\w-]+\/projects\/[\w-]+/.exec(server.stdout())?.[0] ?? ''
    const api = remote(server.url, { apiKey, path })
    const { credentials } = await api.createPass()
    expect(await api.introspect(await api.fetchToken(credentials))).toMatchObject({ active: true })
    const { stdout, stderr } = await server.end('SIGTERM')
    expect(stdout + stderr).not.toContain(apiKey)
    expect(stdout).toContain('$BOOTSTRAP_API_KEY')
  })

  it('makes no second key where there is an organization', async () => {
    const env = { ...placeEnv(place), PORT: String(await freePort()) }
    const { organizationId, projectId, apiKey } = JSON.parse(
      (await runScript([BOOTSTRAP, '--json'], env)).stdout,
    )
    const other = generateChecksummedSecret('spk_')
    const server = await startProcess({ ...env, BOOTSTRAP_API_KEY: other })
    const list = (key: string) =>
      fetch(`${server.url}/v1/api/organizations/${organizationId}/projects/${projectId}/sentinel_passes`, {
        headers: { 'Api-Key': key },
      })
    expect((await list(apiKey)).status).toBe(200)
    expect((await list(other)).status).toBe(401)
  })

  it('ends every script with 78 when it is malformed, names the setting, and does not repeat it', async () => {
    const good = generateChecksummedSecret('spk_')
    // One character of the checksum is another one.
    const malformed = good.slice(0, -1) + (good.endsWith('0') ? '1' : '0')
    for (const script of ['src/main.ts', BOOTSTRAP, 'src/migrate.ts']) {
      const refused = await runScript([script], { ...placeEnv(place), BOOTSTRAP_API_KEY: malformed })
      expect(refused).toEqual({ code: 78, stdout: '', stderr: expect.stringContaining('BOOTSTRAP_API_KEY') })
      expect(refused.stderr).not.toContain(malformed)
    }
  })
})
