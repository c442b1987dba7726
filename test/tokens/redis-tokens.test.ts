import { NIL_UUID, newId } from '../../src/platform/uuid.ts'
import { tokenHash } from '../../src/tokens/token.store.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { noRedisServer, type RedisServer, startRedis } from '../support/redis.ts'
import { startServer, type TestServer } from '../support/server.ts'

describeUnless(noRedisServer(), 'tokens in Redis', () => {
  let redis: RedisServer
  let server: TestServer
  beforeAll(async () => {
    redis = await startRedis()
    server = await startServer({ env: { REDIS_URL: redis.url, REDIS_KEY_PREFIX: 'own:' } })
  })
  afterAll(async () => {
    await server.close()
    await redis.remove()
  })
  beforeEach(() => redis.run(client => client.flushall()))

  const keys = () => redis.run(async client => (await client.keys('*')).toSorted())
  const grantOf = (passId: string, version: number) => {
    const now = server.clock.now()
    const token = {
      hash: tokenHash(newId()),
      id: newId(),
      passId,
      epoch: 1,
      payload: {},
      issuedAt: now,
      expiresAt: now + 60_000,
    }
    return { token, act: { checks: [{ passId, version }], token, events: [], uses: [] } }
  }

  it('have names that begin with the prefix, no value, and an end', async () => {
    const pass = await server.createPass(await server.createProject())
    const token = await server.fetchToken(pass.credentials)

    expect(await keys()).toEqual([`own:pass-tokens:{${pass.id}.1}`, `own:token:{${tokenHash(token)}}`])
    const kept = await redis.run(client => client.get(`own:token:{${tokenHash(token)}}`))
    expect(kept).not.toContain(token)
    for (const key of await keys()) {
      const left = await redis.run(client => client.pttl(key))
      expect(left).toBeGreaterThan(900_000)
      expect(left).toBeLessThanOrEqual(3_600_000 + 300_000)
    }
    expect(await server.deps.database.query('select 1 from tokens')).toEqual([])
  })

  it('are gone when the grant was not committed, as its pass had changed', async () => {
    const pass = await server.createPass(await server.createProject())
    const { act, token } = grantOf(pass.id, 99)

    expect(await server.deps.recorder.commit(act)).toBe('stale')
    expect(await keys()).not.toContain(`own:token:{${token.hash}}`)
  })

  it('are gone when the grant could not be committed', async () => {
    const pass = await server.createPass(await server.createProject())
    const { act, token } = grantOf(pass.id, 1)
    const unwritable = { agentUserId: 'no UUID', credentialId: NIL_UUID, clientIp: null }

    await expect(server.deps.recorder.commit({ ...act, uses: [unwritable] })).rejects.toThrow()
    expect(await keys()).not.toContain(`own:token:{${token.hash}}`)
  })

  it('are in no list when they are revoked, and known until their time', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    const answer = await server.http
      .post('/v1/api/oauth/revoke')
      .set('Api-Key', project.apiKey)
      .type('form')
      .send({ token })

    expect(answer.status).toBe(200)
    expect(await keys()).toEqual([`own:token:{${tokenHash(token)}}`])
  })

  it('that are not readable are as good as lost', async () => {
    const pass = await server.createPass(await server.createProject())
    const token = await server.fetchToken(pass.credentials)
    for (const broken of ['', '{', '{}', 'null'])
      await redis.run(async client => {
        await client.set(`own:token:{${tokenHash(token)}}`, broken)
        expect(await server.deps.tokens.find(token)).toBeUndefined()
      })
  })
})
