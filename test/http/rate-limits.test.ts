import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Response } from 'supertest'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { basic, INTROSPECT, manage, requestToken, sendForm, TOKEN } from '../oauth/oauth-requests.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, signIn } from '../support/sign-in.ts'

/** Windows that no test outlasts: nothing here waits for one to end. */
const WINDOW = 3600
const LIMITS = {
  grants: { windowSeconds: WINDOW, limits: { basic: 2, standard: 4, premium: 100, enterprise: 200 } },
  calls: { windowSeconds: WINDOW, limits: { basic: 2, standard: 4, premium: 100, enterprise: 200 } },
  people: { windowSeconds: WINDOW, limit: 5 },
  keys: { windowSeconds: WINDOW, limit: 60 },
  failures: { windowSeconds: WINDOW, limit: 3 },
  authorizations: { windowSeconds: WINDOW, limit: 3 },
}
const WRONG = `sps_${'A'.repeat(43)}000000`

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-limits-'))
  file = join(folder, 'rate-limits.json')
  await writeFile(file, JSON.stringify(LIMITS))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(['on', 'off'])('with PLAIN_GRANTS=%s', PLAIN_GRANTS => {
  let server: TestServer
  let project: TestProject
  let addresses = 0
  beforeAll(async () => {
    server = await startServer({ env: { PLAIN_GRANTS, RATE_LIMITS: file, TRUST_PROXY: 'loopback' } })
    project = await server.createProject()
  })
  afterAll(() => server.close())

  /** An address that nothing has come from yet. */
  const elsewhere = () => {
    addresses += 1
    return { 'X-Forwarded-For': `198.51.100.${addresses}` }
  }
  const statuses = async (count: number, ask: () => PromiseLike<{ status: number }>) => {
    const answered: number[] = []
    for (let index = 0; index < count; index += 1) answered.push((await ask()).status)
    return answered
  }

  const interactions = async () => {
    const [row] = await server.deps.database.query<{ count: number }>(
      "select count(*)::int as count from oidc_artifacts where model = 'Interaction'",
    )
    return row?.count ?? 0
  }

  it.each([
    ['basic', 2],
    ['standard', 4],
  ])('grants a pass of level %s %i tokens in a window', async (accessLevel, limit) => {
    const { credentials } = await server.createPass(project, { accessLevel })
    for (let left = limit - 1; left >= 0; left -= 1) {
      const granted = await requestToken(server, credentials)
      expect(granted.status).toBe(200)
      expect(granted.headers['ratelimit-policy']).toBe(`"grants";q=${limit};w=${WINDOW}`)
      expect(granted.headers.ratelimit).toMatch(new RegExp(`^"grants";r=${left};t=3[56]\\d\\d$`))
      expect(granted.headers).not.toHaveProperty('retry-after')
    }
    const refused = await requestToken(server, credentials)
    expect([refused.status, refused.body.error]).toEqual([429, 'slow_down'])
    expect(refused.body.error_description).toContain(`${limit} tokens in ${WINDOW} s`)
    expect(refused.headers.ratelimit).toMatch(/^"grants";r=0;t=3[56]\d\d$/)
    expect(refused.headers['retry-after']).toMatch(/^3[56]\d\d$/)
    expect(refused.headers['cache-control']).toBe('no-store')
    expect(refused.headers).not.toHaveProperty('www-authenticate')
  })

  it('has a refusal beyond the limit on record, and no token', async () => {
    const { credentials } = await server.createPass(project, { accessLevel: 'basic' })
    await statuses(3, () => requestToken(server, credentials))
    const log = await server.http
      .get('/v1/api/oauth/agent/activity/logs')
      .set('Api-Key', project.apiKey)
      .query({ agent_user_id: credentials.agentUserId, sort_by: 'started_at', sort_order: 'asc' })
    const rows: { activity_type: string; status_code: number }[] = log.body.logs
    expect(rows.map(row => [row.activity_type, row.status_code]).sort()).toEqual([
      ['error', 429],
      ['token_generation', 200],
      ['token_generation', 200],
    ])
  })

  it('shows who has a secret that was rotated out no more than it shows to anybody', async () => {
    const { id, credentials } = await server.createPass(project)
    await server.fetchToken(credentials)
    await manage(server, project, 'post', `${id}/rotate_key`)
    const seen = ({ status, headers, text }: Response) => {
      const { date: _date, 'x-request-id': _id, ...others } = headers
      return { status, text, headers: others }
    }
    const unknown = { ...credentials, clientId: 'sp_0123456789ABCDEFGHIJKL' }
    const first = await requestToken(server, credentials, {}, elsewhere())
    expect(seen(first)).toEqual(seen(await requestToken(server, unknown, {}, elsewhere())))
    expect(first.headers).not.toHaveProperty('ratelimit')
  })

  it('holds an address to its rules and its limit, whatever port its proxy appends', async () => {
    const address = elsewhere()['X-Forwarded-For']
    const from = (port: number) => ({ 'X-Forwarded-For': `${address}:${port}` })
    const { credentials } = await server.createPass(project, { allowedIps: [address] })
    expect((await requestToken(server, credentials, {}, from(1))).status).toBe(200)
    let port = 1
    const wrong = { ...credentials, clientSecret: WRONG }
    const tries = statuses(5, () => {
      port += 1
      return requestToken(server, wrong, {}, from(port))
    })
    expect(await tries).toEqual([401, 401, 401, 429, 429])
  })

  it('counts each pass for itself', async () => {
    const one = await server.createPass(project, { accessLevel: 'basic' })
    const other = await server.createPass(project, { accessLevel: 'basic' })
    expect(await statuses(3, () => requestToken(server, one.credentials))).toEqual([200, 200, 429])
    expect(await statuses(3, () => requestToken(server, other.credentials))).toEqual([200, 200, 429])
  })

  it('lets nobody use up what a pass may ask for without its secret', async () => {
    const { credentials } = await server.createPass(project, { accessLevel: 'basic' })
    const wrong = { ...credentials, clientSecret: WRONG }
    const attacker = elsewhere()
    expect(await statuses(6, () => requestToken(server, wrong, {}, attacker))).toEqual([
      401, 401, 401, 429, 429, 429,
    ])
    expect(await statuses(3, () => requestToken(server, credentials))).toEqual([200, 200, 429])
  })

  it('lets a good secret in from an address that failed too often', async () => {
    const { credentials } = await server.createPass(project)
    const shared = elsewhere()
    const wrong = { ...credentials, clientSecret: WRONG }
    await statuses(4, () => requestToken(server, wrong, {}, shared))
    expect((await requestToken(server, credentials, {}, shared)).status).toBe(200)
  })

  it('counts secrets of one-time links that were made up', async () => {
    for (const [path, prefix, fields] of [
      ['password_resets/redeem', 'spr_', {}],
      ['invitations/accept', 'spi_', { name: 'Nobody' }],
    ] as const) {
      const address = elsewhere()
      const redeem = () => {
        const secret = generateChecksummedSecret(prefix)
        const attributes = { secret, password: 'long enough for one', ...fields }
        return server.http.post(`/v1/api/${path}`).set(address).send({ data: { attributes } })
      }
      expect(await statuses(5, redeem)).toEqual([404, 404, 404, 429, 429])
    }
  })

  it('counts a pass that proved itself and may not be used against its own limit, and against no address', async () => {
    const { id, credentials } = await server.createPass(project, { accessLevel: 'basic' })
    await server.http.post(`${project.path}/sentinel_passes/${id}/revoke`).set('Api-Key', project.apiKey)
    const address = elsewhere()
    const ask = () => requestToken(server, credentials, {}, address)
    expect(await statuses(4, ask)).toEqual([401, 401, 429, 429])
    expect((await ask()).body).toMatchObject({
      error: 'slow_down',
      error_description: expect.stringContaining('2 tokens'),
    })
    const wrong = () => server.http.get(project.path).set('Api-Key', 'wrong').set(address)
    expect(await statuses(4, wrong)).toEqual([401, 401, 401, 429])
  })

  it('answers failures beyond the limit of an address alike, whatever failed', async () => {
    const { credentials } = await server.createPass(project)
    const address = elsewhere()
    await statuses(3, () => sendForm(server, TOKEN, { grant_type: 'client_credentials' }, address))
    const unknown = { clientId: `sp_${'0'.repeat(22)}`, clientSecret: WRONG }
    const answers = [
      await requestToken(server, { ...credentials, clientSecret: WRONG }, {}, address),
      await requestToken(server, unknown, {}, address),
      await sendForm(server, INTROSPECT, { token: 'x' }, { ...basic(unknown), ...address }),
      await sendForm(server, INTROSPECT, { token: 'x' }, { 'Api-Key': 'wrong', ...address }),
    ]
    for (const answer of answers) {
      expect([answer.status, answer.body.error]).toEqual([429, 'slow_down'])
      expect(answer.headers['ratelimit-policy']).toBe(`"failures";q=3;w=${WINDOW}`)
      expect(answer.headers['retry-after']).toMatch(/^3[56]\d\d$/)
      expect(answer.headers).not.toHaveProperty('www-authenticate')
    }
  })

  it('answers failures of the API beyond the limit with a problem, and a good key from there as ever', async () => {
    const address = elsewhere()
    const ask = (key: string) => server.http.get(project.path).set('Api-Key', key).set(address)
    expect(await statuses(3, () => ask('wrong'))).toEqual([401, 401, 401])
    const refused = await ask('wrong')
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited'])
    expect(refused.type).toBe('application/problem+json')
    expect(refused.headers['retry-after']).toMatch(/^3[56]\d\d$/)
    expect((await ask(project.apiKey)).status).toBe(200)
    expect((await server.http.get(project.path).set('Api-Key', 'wrong').set(elsewhere())).status).toBe(401)
  })

  it('limits the calls of a pass by its access token, and tells it so from the first', async () => {
    const { credentials } = await server.createPass(project, {
      accessLevel: 'basic',
      scopes: ['passes:read'],
      permissions: ['read'],
    })
    const token = await server.fetchToken(credentials)
    const ask = () => server.http.get(project.path).set('Authorization', `Bearer ${token}`)
    const first = await ask()
    expect([first.status, first.headers.ratelimit]).toEqual([
      200,
      expect.stringMatching(/^"calls";r=1;t=3[56]\d\d$/),
    ])
    expect((await ask()).status).toBe(200)
    const refused = await ask()
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited'])
    expect(refused.body.detail).toContain('2 calls')
    expect(refused.headers['retry-after']).toMatch(/^3[56]\d\d$/)
  })

  it('limits the introspections of a pass apart from its grants', async () => {
    const { credentials } = await server.createPass(project, { accessLevel: 'basic' })
    const ask = () => sendForm(server, INTROSPECT, { token: 'x' }, basic(credentials))
    expect(await statuses(3, ask)).toEqual([200, 200, 429])
    expect((await ask()).body.error).toBe('slow_down')
    expect((await requestToken(server, credentials)).status).toBe(200)
  })

  it('limits the sign-ins that an address begins, and shows a page that says so', async () => {
    const { url } = await beginSignIn(server, await discoverConsole(server))
    const begin = (address: Record<string, string>) => fetch(url, { headers: address, redirect: 'manual' })
    const address = elsewhere()
    const before = await interactions()
    expect(await statuses(4, () => begin(address))).toEqual([303, 303, 303, 429])
    expect((await interactions()) - before).toBe(3)
    const refused = await begin(address)
    expect(refused.headers.get('content-type')).toContain('text/html')
    expect(refused.headers.get('retry-after')).toMatch(/^3[56]\d\d$/)
    expect(await refused.text()).toContain('3 sign-ins and sign-outs may be begun from one address')
    expect((await begin(elsewhere())).status).toBe(303)
  })

  it('limits an API key, for management and for introspection together, and says how much is left', async () => {
    const { apiKey, path } = await server.createProject('Counted')
    const ask = () => server.http.get(path).set('Api-Key', apiKey)
    const introspect = () =>
      sendForm(server, INTROSPECT, { token: 'x' }, { Authorization: `Bearer ${apiKey}` })
    const first = await ask()
    expect(first.headers['ratelimit-policy']).toBe(`"keys";q=60;w=${WINDOW}`)
    expect(first.headers.ratelimit).toMatch(/^"keys";r=59;t=3[56]\d\d$/)
    expect(new Set(await statuses(29, ask))).toEqual(new Set([200]))
    expect(new Set(await statuses(30, introspect))).toEqual(new Set([200]))
    const [managed, introspected] = [await ask(), await introspect()]
    expect([managed.status, managed.body.code]).toEqual([429, 'rate_limited'])
    expect(managed.body.detail).toContain(`60 calls in ${WINDOW} s`)
    expect([introspected.status, introspected.body.error]).toEqual([429, 'slow_down'])
    for (const { headers } of [managed, introspected])
      expect([headers.ratelimit, headers['retry-after']]).toEqual([
        expect.stringMatching(/^"keys";r=0;t=3[56]\d\d$/),
        expect.stringMatching(/^3[56]\d\d$/),
      ])
    // Another one has its own.
    expect((await server.http.get(project.path).set('Api-Key', project.apiKey)).status).toBe(200)
  })

  it('limits a person who is signed in', async () => {
    const { email } = await createUser(server, { [project.organizationId]: 'VIEWER' })
    const { headers } = await signIn({ url: server.url }, email)
    const ask = () => server.http.get(project.path).set(headers)
    expect(await statuses(6, ask)).toEqual([200, 200, 200, 200, 200, 429])
    expect((await ask()).headers.ratelimit).toMatch(/^"people";r=0;t=3[56]\d\d$/)
  })

  it('tells who failed to sign in too often how long to wait, as limits do', async () => {
    const { email } = await createUser(server)
    const { url } = await beginSignIn(server, await discoverConsole(server))
    const browser = new Browser()
    const begun = await fetch(url, { headers: elsewhere(), redirect: 'manual' })
    expect(begun.status).toBe(303)
    const page = await browser.follow(url)
    const fields = { email, password: 'not this one at all', code: '' }
    for (let tries = 0; tries < 5; tries += 1) await browser.submit(page.url, fields)
    const { answer } = await browser.submit(page.url, fields)
    expect(answer.status).toBe(429)
    const seconds = answer.headers.get('retry-after')
    expect(answer.headers.get('ratelimit')).toBe(`"sign_ins";r=0;t=${seconds}`)
    expect(answer.headers.get('ratelimit-policy')).toBe(`"sign_ins";q=1;w=${seconds}`)
  })
})

it('counts nothing with RATE_LIMITS=off', async () => {
  const server = await startServer({ env: { RATE_LIMITS: 'off' } })
  try {
    const { credentials } = await server.createPass(await server.createProject(), { accessLevel: 'basic' })
    const answer = await requestToken(server, credentials)
    expect(answer.status).toBe(200)
    expect(answer.headers).not.toHaveProperty('ratelimit')
  } finally {
    await server.close()
  }
})
