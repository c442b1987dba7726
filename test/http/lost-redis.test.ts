import { copyFile } from 'node:fs/promises'
import { describeUnless } from '../support/describe-unless.ts'
import { noRedisServer, type RedisServer, startRedis } from '../support/redis.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD } from '../support/sign-in.ts'
import { isActive, REVOKE, requestToken, sendForm } from '../tokens/oauth-requests.ts'
import { createTenant, type Tenant } from './tenants.ts'

/** The longest that a request may take to say that it cannot be answered: a second, and what the machine adds. */
const SOON_MS = 2500

describeUnless(noRedisServer(), 'a Redis that is lost', () => {
  let redis: RedisServer
  let server: TestServer
  let tenant: Tenant
  beforeAll(async () => {
    redis = await startRedis()
    server = await startServer({ env: { REDIS_URL: redis.url } })
    tenant = await createTenant(server, 'Lost')
  })
  afterAll(async () => {
    redis.letGo()
    await server.close()
    await redis.remove()
  })

  const grant = () => requestToken(server, tenant.pass.credentials)
  const callWith = (token: string) =>
    server.http.get(tenant.project.path).set('Authorization', `Bearer ${token}`)
  const introspection = (token: string) =>
    sendForm(server, '/v1/api/oauth/introspect', { token }, { 'Api-Key': tenant.project.apiKey })
  const rowsOfGrants = async () => {
    const rows = await server.deps.database.query<{ count: number }>(
      "select count(*)::int as count from activity where agent_user_id = $1 and activity_type = 'token_generation'",
      [tenant.pass.credentials.agentUserId],
    )
    return rows[0]?.count
  }
  const isBack = async () => {
    for (let tries = 0; tries < 200; tries += 1) {
      if ((await server.http.get('/ready')).status === 200) return
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    throw new Error('The server did not find Redis again')
  }

  it.each<[string, () => Promise<void>, () => Promise<void>]>([
    ['stopped', () => redis.stop(), () => redis.start()],
    ['held, so that it answers nothing', async () => redis.hold(), async () => redis.letGo()],
  ])(
    'is answered with 503 soon when it is %s, and all is well when it is back',
    async (_how, lose, recover) => {
      const token = (await grant()).body.access_token
      const granted = await rowsOfGrants()
      await lose()
      try {
        const started = performance.now()
        const answers = await Promise.all([grant(), introspection(token), callWith(token)])
        expect(performance.now() - started).toBeLessThan(SOON_MS)
        const [refused, introspected, called] = answers
        for (const oauth of [refused, introspected])
          expect([oauth.status, oauth.body.error]).toEqual([503, 'temporarily_unavailable'])
        expect([called.status, called.body.code]).toEqual([503, 'service_unavailable'])
        for (const answer of answers) {
          expect(answer.headers['retry-after']).toBe('1')
          expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|redis/i)
        }
        const revoked = await sendForm(server, REVOKE, { token }, { 'Api-Key': tenant.project.apiKey })
        expect(revoked.status).toBe(503)
        expect(await rowsOfGrants()).toBe(granted)
        const ready = await server.http.get('/ready')
        expect([ready.status, ready.body.checks]).toEqual([
          503,
          { database: 'ok', token_store: 'failed', migrations: 'ok' },
        ])
        expect((await server.http.get('/health')).status).toBe(200)
        // What rests on the database alone goes on.
        const managed = await server.http.get(tenant.project.path).set('Api-Key', tenant.project.apiKey)
        expect(managed.status).toBe(200)
      } finally {
        await recover()
      }
      await isBack()
      const next = await grant()
      expect(next.status).toBe(200)
      expect(await isActive(server, tenant.project, next.body.access_token)).toBe(true)
    },
  )

  it('grants nothing when it may only be read, and still says what is live', async () => {
    const token = (await grant()).body.access_token
    const granted = await rowsOfGrants()
    await redis.run(client => client.call('REPLICAOF', '127.0.0.1', '1'))
    try {
      const refused = await grant()
      expect([refused.status, refused.body.error]).toEqual([503, 'temporarily_unavailable'])
      expect(await rowsOfGrants()).toBe(granted)
      expect((await server.http.get('/ready')).body.checks.token_store).toBe('failed')
    } finally {
      await redis.run(client => client.call('REPLICAOF', 'NO', 'ONE'))
    }
    await isBack()
    expect((await grant()).status).toBe(200)
    expect(await isActive(server, tenant.project, token)).toBe(true)
  })

  it('costs a fetch when it is emptied', async () => {
    const token = (await grant()).body.access_token
    await redis.run(client => client.flushall())
    expect(await isActive(server, tenant.project, token)).toBe(false)
    expect((await callWith(token)).status).toBe(401)
    const next = (await grant()).body.access_token
    expect(await isActive(server, tenant.project, next)).toBe(true)
    expect(await isActive(server, tenant.project, token)).toBe(false)
  })

  it('revives no token when it comes back as it was before they ended', async () => {
    const other = await server.createPass(tenant.project)
    const third = await server.createPass(tenant.project)
    const fourth = await server.createPass(tenant.project)
    const passes = `${tenant.project.path}/sentinel_passes`
    const asAdmin = { 'Api-Key': tenant.project.apiKey }
    const kept = (await grant()).body.access_token
    const revoked = (await grant()).body.access_token
    const revokedWithPass = await server.fetchToken(other.credentials)
    const ofDeleted = await server.fetchToken(third.credentials)
    const ofExtended = await server.fetchToken(fourth.credentials)

    const folder = await redis.run(client => client.config('GET', 'dir').then(dir => folderOf(dir)))
    await redis.run(client => client.save())
    await copyFile(`${folder}/dump.rdb`, `${folder}/before.rdb`)

    expect((await sendForm(server, REVOKE, { token: revoked }, asAdmin)).status).toBe(200)
    await server.http.post(`${passes}/${other.id}/revoke`).set(asAdmin).send({ revokeTokens: true })
    await server.http.delete(`${passes}/${third.id}`).set(asAdmin)
    server.clock.advance({ minutes: 1 })
    for (const validUntil of [server.clock.date().toISOString(), null]) {
      const changed = await server.http
        .put(`${passes}/${fourth.id}`)
        .set(asAdmin)
        .send({ sentinelPass: { validUntil } })
      expect(changed.status).toBe(200)
    }
    const ended = [revoked, revokedWithPass, ofDeleted, ofExtended]
    for (const token of ended) expect(await isActive(server, tenant.project, token)).toBe(false)

    await redis.stop()
    await copyFile(`${folder}/before.rdb`, `${folder}/dump.rdb`)
    await redis.start()
    await isBack()
    expect(await redis.run(client => client.dbsize())).toBeGreaterThan(5)
    expect(await isActive(server, tenant.project, kept)).toBe(true)
    for (const token of ended) expect(await isActive(server, tenant.project, token)).toBe(false)
  })

  it('counts failed sign-ins of an address for all nodes together', async () => {
    // Another database has other accounts: what the two share is Redis.
    const REDIS_KEY_PREFIX = server.deps.config.redis?.keyPrefix ?? ''
    const node = await startServer({ env: { REDIS_URL: redis.url, REDIS_KEY_PREFIX } })
    const user = await createUser(server)
    await createUser(node, {}, user.email)
    const judge = ({ deps }: TestServer, email: string, clientIp: string, password = 'wrong password here') =>
      deps.signIn.judge({ email, password, code: '', clientIp })
    try {
      // Those that succeed are taken off again, where all count.
      for (let good = 0; good < 3; good += 1)
        expect((await judge(node, user.email, '203.0.113.9', PASSWORD)).kind).toBe('proved')
      for (let failed = 0; failed < 100; failed += 1) {
        const { kind } = await judge(
          failed % 2 ? node : server,
          `nobody-${failed}@example.test`,
          '203.0.113.9',
        )
        expect(kind).toBe('refused')
      }
      for (const one of [server, node]) {
        expect((await judge(one, user.email, '203.0.113.9', PASSWORD)).kind).toBe('slowed')
        expect((await judge(one, user.email, '203.0.113.10', PASSWORD)).kind).toBe('proved')
      }
    } finally {
      await node.close()
    }
  })

  it('is no reason to refuse for the limits, which are counted in memory meanwhile', async () => {
    const limited = await startServer({
      env: { REDIS_URL: redis.url, RATE_LIMITS: 'config/rate-limits.json' },
    })
    try {
      await redis.stop()
      const decision = await limited.deps.limits?.takeGrant(tenant.pass.id, 'basic')
      expect(decision).toMatchObject({ allowed: true, remaining: 59 })
    } finally {
      await limited.close()
      await redis.start()
    }
    await isBack()
  })
})

/** The folder in what `CONFIG GET dir` answers, as pairs or as a map. */
function folderOf(answer: unknown): string {
  const [, folder] = Array.isArray(answer) ? answer.flat() : Object.entries(answer ?? {}).flat()
  return String(folder)
}

describeUnless(noRedisServer(), 'a Redis that is not there when the server starts', () => {
  it('is told without its password', async () => {
    const redis = await startRedis()
    await redis.stop()
    try {
      const url = new URL(redis.url)
      url.password = 'not-to-be-told'
      const failed = startServer({ env: { REDIS_URL: url.href } })
      await expect(failed).rejects.toMatchObject({
        message: expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ \(REDIS_URL\) cannot be used: /),
        exitCode: 75,
      })
      await failed.catch(error => expect(String(error.stack)).not.toContain('not-to-be-told'))
    } finally {
      await redis.remove()
    }
  })
})
