import { runBootstrap } from '../../src/command-line/run-bootstrap.ts'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import type { TestPlace } from '../support/backend.ts'
import { eachInPlace, freePort, placeEnv, runScript, SECRET_KEY, startProcess } from '../support/process.ts'
import { remote } from '../support/remote.ts'
import { startServer } from '../support/server.ts'
import { Browser, beginSignIn, discoverConsole } from '../support/sign-in.ts'

const BOOTSTRAP = 'src/command-line/bootstrap.ts'

let place: TestPlace

eachInPlace(made => {
  place = made
})

describe('the bootstrap command', () => {
  it('tells --json once what it made, which serves from then on, and gives the owner another password', async () => {
    const env = { ...placeEnv(place), SECRET_KEY, PORT: String(await freePort()) }
    const made = await runScript([BOOTSTRAP, '--json'], env)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const first = JSON.parse(made.stdout)
    const { organizationId, projectId, apiKey, apiKeyId, apiBaseUrl, ownerEmail, ownerPassword } = first
    expect(first.created).toBe(true)
    expect(apiBaseUrl).toBe(`http://localhost:${env.PORT}/v1/api`)
    expect(ownerEmail).toBe('owner@localhost')

    // A later run answers the same ids, and no secret again.
    const later = await runBootstrap(['--json'], env)
    expect(JSON.parse(later)).toEqual({ ...first, created: false, apiKey: null, ownerPassword: null })
    const told = await runBootstrap([], env)
    for (const id of [organizationId, projectId, apiKeyId, ownerEmail]) expect(told).toContain(id)
    expect(later + told).not.toMatch(/spk_/)

    // Where there is an organization, BOOTSTRAP_API_KEY makes no second key.
    const other = generateChecksummedSecret('spk_')
    const server = await startProcess({ ...env, BOOTSTRAP_API_KEY: other })
    const path = `/v1/api/organizations/${organizationId}/projects/${projectId}`
    const api = remote(server.url, { apiKey, path })
    const { credentials } = await api.createPass()
    expect(await api.introspect(await api.fetchToken(credentials))).toMatchObject({ active: true })
    const list = (key: string) =>
      fetch(`${server.url}${path}/sentinel_passes`, { headers: { 'Api-Key': key } })
    expect((await list(apiKey)).status).toBe(200)
    expect((await list(other)).status).toBe(401)
    const keys = await fetch(`${server.url}${path}/api_keys`, { headers: { 'Api-Key': apiKey } })
    expect(await keys.json()).toMatchObject({ data: [{ id: apiKeyId }] })
    expect(await signInWith(server.url, ownerEmail, ownerPassword)).toBe(true)
    // The server found what the script had made: its start was not the first.
    expect((await server.end('SIGTERM')).stdout).not.toMatch(/first start|spk_/)

    await expect(runBootstrap(['--reset-password', 'nobody@example.test'], env)).rejects.toMatchObject({
      exitCode: 64,
      message: expect.stringContaining('nobody@example.test'),
    })
    const { password } = JSON.parse(
      await runBootstrap(['--json', '--reset-password', 'Owner@Localhost'], env),
    )
    const second = await startServer({ place, env: { SECRET_KEY } })
    expect(await signInWith(second.url, ownerEmail, ownerPassword)).toBe(false)
    expect(await signInWith(second.url, ownerEmail, password)).toBe(true)
    await second.close()
  })

  it('makes without --json, in words, the account of a server that has none, and then nothing', async () => {
    const env = { ...placeEnv(place), SECRET_KEY }
    const server = await startServer({ place, env: { SECRET_KEY } })
    await server.deps.bootstrap.run()
    await server.deps.database.query('delete from users')
    await server.close()
    expect(await runBootstrap([], env)).toMatch(/owner@localhost\n +password +\w{24}\n/)
    expect(await runBootstrap([], env)).toMatch(/nothing was made/)
  })
})

describe('--make-key', () => {
  it('prints a key that the first start takes as BOOTSTRAP_API_KEY, without settings or a database', async () => {
    const unusable = { DATABASE_URL: 'postgres://127.0.0.1:1/nowhere', PORT: 'none' }
    const made = await runScript([BOOTSTRAP, '--make-key'], unusable)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const apiKey = made.stdout.trimEnd()
    const { apiKey: other } = JSON.parse(await runBootstrap(['--make-key', '--json'], unusable))
    expect(other).not.toBe(apiKey)
    const env = { ...placeEnv(place), SECRET_KEY, BOOTSTRAP_API_KEY: apiKey }
    expect(JSON.parse(await runBootstrap(['--json'], env))).toMatchObject({ created: true, apiKey })
    await expect(runBootstrap(['--make-key'], { BOOTSTRAP_API_KEY: other })).resolves.toMatch(
      /^spk_\w{49}\n$/,
    )
  })

  it('is refused together with another act', async () => {
    await expect(
      runBootstrap(['--make-key', '--reset-password', 'a@example.test'], {}),
    ).rejects.toMatchObject({
      exitCode: 64,
    })
  })
})

describe('the key, the email and the password that the settings give', () => {
  it('are those of the first project and of the first owner, and are printed nowhere', async () => {
    const apiKey = generateChecksummedSecret('spk_')
    const given = { ADMIN_EMAIL: 'Boss@Example.test', ADMIN_PASSWORD: 'a password of the operator' }
    const server = await startProcess({ ...placeEnv(place), ...given, BOOTSTRAP_API_KEY: apiKey })
    const path = /\/v1\/api\/organizations\/[\w-]+\/projects\/[\w-]+/.exec(server.stdout())?.[0] ?? ''
    const api = remote(server.url, { apiKey, path })
    const { credentials } = await api.createPass()
    expect(await api.introspect(await api.fetchToken(credentials))).toMatchObject({ active: true })
    expect(await signInWith(server.url, 'boss@example.test', given.ADMIN_PASSWORD)).toBe(true)
    const { stdout, stderr } = await server.end('SIGTERM')
    expect(stdout + stderr).not.toContain(apiKey)
    expect(stdout).toContain('$BOOTSTRAP_API_KEY')
    expect(stdout).toContain('boss@example.test')
    expect(stdout + stderr).not.toContain(given.ADMIN_PASSWORD)
  })
})

async function signInWith(url: string, email: string, password: string): Promise<boolean> {
  const browser = new Browser()
  const client = await discoverConsole({ url })
  const { url: start } = await beginSignIn({ url }, client)
  const page = await browser.follow(start)
  const { url: end } = await browser.submit(page.url, { email, password })
  return end.searchParams.has('code')
}
