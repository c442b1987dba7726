import { EX_CONFIG, EX_TEMPFAIL, OperatorError } from '../../src/platform/errors.ts'
import { RedisConnection } from '../../src/platform/redis.ts'
import { redisUrls } from '../../src/platform/redis-location.ts'
import { logger } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { until } from '../support/process.ts'
import { noRedisServer, type RedisServer, startRedis, startSentinel } from '../support/redis.ts'

const KEY = 'address:limit:{one}'

describeUnless(noRedisServer(), 'an address of Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
    await redis.run(async client => {
      await client.call('ACL', 'SETUSER', 'limits', 'on', '>proved', '~address:*', '+@all')
      await client.call('ACL', 'SETUSER', 'elsewhere', 'on', '>proved', '~other:*', '+@all')
    })
  })
  afterAll(() => redis.remove())

  const address = (access: string, database: string) => `redis://${access}127.0.0.1:${redis.port}${database}`

  async function keptBy(url: string): Promise<void> {
    const connection = await RedisConnection.open(
      { urls: redisUrls.parse(url), keyPrefix: 'address:' },
      logger,
    )
    try {
      await connection.run(client => client.set(connection.key('limit', 'one'), url))
    } finally {
      connection.close()
    }
  }

  async function refusalOf(url: string): Promise<OperatorError> {
    const refused = await keptBy(url).catch((error: unknown) => error)
    if (refused instanceof OperatorError) return refused
    throw new Error(`not refused: ${refused}`)
  }

  it('names the database that is used', async () => {
    await keptBy(address('', '/3'))
    expect(await redis.run(client => client.exists(KEY))).toBe(0)
    await redis
      .run(client => client.select(3).then(() => client.get(KEY)))
      .then(kept => expect(kept).toBe(address('', '/3')))
  })

  it('that names a database which does not exist is refused with 78, and nothing is kept in another', async () => {
    await redis.run(client => client.flushall())
    const refused = await refusalOf(address('', '/99'))
    expect([refused.exitCode, refused.message]).toEqual([
      EX_CONFIG,
      expect.stringContaining('names the database 99'),
    ])
    expect(await redis.run(client => client.dbsize())).toBe(0)
  })

  it('names the user whose rights count', async () => {
    await keptBy(address('limits:proved@', ''))
    expect(await redis.run(client => client.get(KEY))).toBe(address('limits:proved@', ''))
    for (const access of ['limits:wrong@', 'nobody:proved@', 'elsewhere:proved@']) {
      const refused = await refusalOf(address(access, ''))
      expect([access, refused.exitCode]).toEqual([access, EX_TEMPFAIL])
      expect(refused.message).not.toMatch(/proved|wrong/)
    }
  })

  it('can be that of Sentinels, who lead to the server that has taken over', async () => {
    const replica = await startRedis(['--replicaof', `127.0.0.1 ${redis.port}`])
    const sentinel = await startSentinel(redis.port)
    const connection = await RedisConnection.open(
      {
        urls: redisUrls.parse(`redis+sentinel://127.0.0.1:${sentinel.port}/limits/2`),
        keyPrefix: 'address:',
      },
      logger,
    )
    const keep = (value: string) =>
      connection.run(client => client.set(connection.key('limit', 'one'), value))
    try {
      await keep('first')
      expect(await redis.run(client => client.select(2).then(() => client.get(KEY)))).toBe('first')
      await until(
        async () =>
          (await sentinel
            .run(client => client.call('SENTINEL', 'REPLICAS', 'limits'))
            .then(found => Array.isArray(found) && found.length)) === 1,
        'a replica is known',
      )
      await redis.stop()
      await until(
        () =>
          keep('second').then(
            () => true,
            () => false,
          ),
        'another has taken over',
      )
      expect(await replica.run(client => client.select(2).then(() => client.get(KEY)))).toBe('second')
    } finally {
      connection.close()
      await Promise.all([sentinel.remove(), replica.remove()])
      await redis.start()
    }
  })
})
