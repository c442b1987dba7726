import { Secret, TOTP } from 'otpauth'
import { createPlace, currentBackend, type TestPlace } from '../support/backend.ts'
import { TestClock } from '../support/clock.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { authorizationUrl, createUser, PASSWORD, ProxiedBrowser, signIn } from '../support/sign-in.ts'

const [OLD, NEW] = [1, 2].map(byte => Buffer.alloc(32, byte).toString('base64'))

const clock = new TestClock()
let place: TestPlace
beforeEach(async () => {
  place = await createPlace()
})
afterEach(() => place.remove())

async function withSecretKey<Result>(
  keys: string,
  act: (server: TestServer) => Promise<Result>,
  env: Record<string, string> = {},
): Promise<Result> {
  const server = await startServer({ place, clock, env: { ...env, SECRET_KEY: keys } })
  try {
    return await act(server)
  } finally {
    await server.close()
  }
}

/** Starts several nodes at once, and stops them; on the embedded database it is one. */
async function startTogether(keys: string): Promise<void> {
  const nodes = currentBackend() === 'pglite' ? [1] : [1, 2, 3]
  await Promise.all(nodes.map(() => withSecretKey(keys, async () => {})))
}

/** A user who has been told a secret of one-time codes. */
async function enrolled(server: TestServer) {
  const { email } = await createUser(server)
  const { headers } = await signIn(server, email)
  const { body } = await server.http
    .post('/v1/api/me/totp')
    .set(headers)
    .send({ data: { attributes: { password: PASSWORD } } })
  const totp = new TOTP({ secret: Secret.fromBase32(body.meta.totp.secret) })
  return { email, headers, code: () => totp.generate({ timestamp: clock.now() }) }
}

async function confirm(server: TestServer, user: Awaited<ReturnType<typeof enrolled>>): Promise<number> {
  const data = { attributes: { code: user.code() } }
  return (await server.http.post('/v1/api/me/totp/confirm').set(user.headers).send({ data })).status
}

describe('changing SECRET_KEY', () => {
  it('loses nothing that was used while both keys were given', async () => {
    const { project, pass, kid } = await withSecretKey(`${OLD}`, async server => {
      const made = await server.createProject()
      const kept = await server.createPass(made)
      const { body } = await server.http.get('/.well-known/jwks.json')
      return { project: made, pass: kept, kid: body.keys[0].kid }
    })
    const uses = async (server: TestServer) => {
      await server.fetchToken(pass.credentials)
      const passes = await server.http.get(`${project.path}/sentinel_passes`).set('Api-Key', project.apiKey)
      expect(passes.status).toBe(200)
      const { body } = await server.http.get('/.well-known/jwks.json')
      expect(body.keys[0].kid).toBe(kid)
    }
    await withSecretKey(`${NEW},${OLD}`, uses)
    await withSecretKey(`${NEW}`, uses)
  })

  it('keeps the tokens that the old key sealed while it is given, and ends them with it', async () => {
    const pass = await withSecretKey(`${OLD}`, async server => {
      const made = await server.createPass(await server.createProject())
      return { ...made, token: await server.fetchToken(made.credentials) }
    })
    const isLive = async (server: TestServer, token: string) =>
      (await server.deps.accessTokens.store.find(token))?.live
    const next = await withSecretKey(`${NEW},${OLD}`, async server => {
      expect(await isLive(server, pass.token)).toBe(true)
      return server.fetchToken(pass.credentials)
    })
    await withSecretKey(`${NEW}`, async server => {
      expect(await isLive(server, next)).toBe(true)
      expect(await isLive(server, pass.token)).toBeUndefined()
    })
  })

  it('keeps people signed in whose browser has come back while both keys were given', async () => {
    // One server, by its address: its cookies have names of that.
    const env = { PUBLIC_URL: 'http://pass.example.test' }
    const browser = await withSecretKey(
      `${OLD}`,
      async server => {
        const { email } = await createUser(server)
        const made = new ProxiedBrowser(server)
        const page = await made.follow(authorizationUrl(server))
        await made.submit(page.url, { email, password: PASSWORD, code: '' })
        return made
      },
      env,
    )
    const expectSession = async (server: TestServer) => {
      browser.server = server
      const { url } = await browser.follow(authorizationUrl(server, { prompt: 'none' }))
      expect(url.searchParams.get('error')).toBeNull()
      expect(url.searchParams.has('code')).toBe(true)
    }
    await withSecretKey(`${NEW},${OLD}`, expectSession, env)
    await withSecretKey(`${NEW}`, expectSession, env)
  })

  it('keeps one-time codes, those that are asked for and those that wait for the first one', async () => {
    const [asked, waiting] = await withSecretKey(`${OLD}`, async server => {
      const one = await enrolled(server)
      expect(await confirm(server, one)).toBe(204)
      return [one, await enrolled(server)]
    })
    await startTogether(`${NEW},${OLD}`)
    await withSecretKey(`${NEW}`, async server => {
      clock.advance({ minutes: 1 })
      expect((await signIn(server, asked.email, { code: asked.code() })).token).toEqual(expect.any(String))
      expect(await confirm(server, waiting)).toBe(204)
    })
  })

  it('refuses to start without the key that the database was written with', async () => {
    await withSecretKey(`${NEW}`, async () => {})
    await expect(withSecretKey(`${OLD}`, async () => {})).rejects.toThrow(/SECRET_KEY/)
  })
})
