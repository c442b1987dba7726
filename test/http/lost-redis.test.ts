import { isActive, REVOKE, requestToken, sendForm } from '../oauth/oauth-requests.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { noRedisServer, type RedisServer, startRedis } from '../support/redis.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD } from '../support/sign-in.ts'
import { createTenant, type Tenant } from './tenants.ts'

/** The longest that a request may take to say that it cannot be answered: a second, and what the machine adds. */
const SOON_MS = 2500

describeUnless(noRedisServer(), 'a Redis that is lost', () => {
  let redis: RedisServer
  let server: TestServer
  let tenant: Tenant
  beforeAll(async () => {
    redis = await startRedis()
    server = await startServer({ env: { REDIS_URL: redis.url, RATE_LIMITS: 'config/rate-limits.json' } })
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
  it.each<[string, () => Promise<void>, () => Promise<void>]>([
    ['stopped', () => redis.stop(), () => redis.start()],
    ['held, so that it answers nothing', async () => redis.hold(), async () => redis.letGo()],
    [
      'for reading alone',
      () => redis.run(async client => void (await client.call('REPLICAOF', '127.0.0.1', '1'))),
      () => redis.run(async client => void (await client.call('REPLICAOF', 'NO', 'ONE'))),
    ],
  ])('stops nothing and slows little when it is %s', async (_how, lose, recover) => {
    const token = (await grant()).body.access_token
    const granted = (await rowsOfGrants()) ?? 0
    await lose()
    try {
      const started = performance.now()
      const [next, introspected, called] = await Promise.all([grant(), introspection(token), callWith(token)])
      expect(performance.now() - started).toBeLessThan(SOON_MS)
      expect([next.status, introspected.status, called.status]).toEqual([200, 200, 200])
      expect(introspected.body.active).toBe(true)
      expect(await rowsOfGrants()).toBe(granted + 1)
      expect((await server.http.get('/ready')).status).toBe(200)
      // Counted in memory meanwhile.
      expect(next.headers.ratelimit).toMatch(/^"grants";r=\d+;/)
      const revoked = await sendForm(server, REVOKE, { token }, { 'Api-Key': tenant.project.apiKey })
      expect(revoked.status).toBe(200)
      expect(await isActive(server, tenant.project, token)).toBe(false)
    } finally {
      await recover()
    }
    expect(await isActive(server, tenant.project, token)).toBe(false)
  })

  it('costs nothing but the counts when it is emptied', async () => {
    const token = (await grant()).body.access_token
    await redis.run(client => client.flushall())
    expect(await isActive(server, tenant.project, token)).toBe(true)
    expect((await callWith(token)).status).toBe(200)
  })

  it('holds no token, and nothing without an end', async () => {
    await redis.run(client => client.flushall())
    const keysOf = () => redis.run(client => client.keys('*'))
    // The server has to have found it again.
    for (let tries = 0; tries < 200 && (await keysOf()).length === 0; tries += 1) {
      const token = (await grant()).body.access_token
      expect(await isActive(server, tenant.project, token)).toBe(true)
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    await redis.run(async client => {
      const keys = await client.keys('*')
      expect(keys.length).toBeGreaterThan(0)
      for (const key of keys) {
        expect(key).toMatch(/:limit:/)
        expect(await client.pttl(key)).toBeGreaterThan(0)
      }
    })
  })

  it('counts failed sign-ins of an address for all nodes together', async () => {
    // Another database has other accounts: what the two share is Redis.
    const REDIS_KEY_PREFIX = server.deps.config.redis?.keyPrefix ?? ''
    const node = await startServer({ env: { REDIS_URL: redis.url, REDIS_KEY_PREFIX } })
    const user = await createUser(server)
    await createUser(node, {}, user.email)
    const judge = ({ deps }: TestServer, email: string, clientIp: string, password = 'wrong password here') =>
      deps.signIn.service.judge({ email, password, code: '', clientIp })
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
})

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
