import { describeUnless } from '../support/describe-unless.ts'
import { noRedisServer, startRedisCluster } from '../support/redis.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { introspect, requestToken } from './oauth-requests.ts'

describeUnless(noRedisServer(), 'on a Redis Cluster of three nodes', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  let server: TestServer
  beforeAll(async () => {
    cluster = await startRedisCluster()
    server = await startServer({ env: { REDIS_URL: cluster.url, RATE_LIMITS: 'config/rate-limits.json' } })
  })
  afterAll(async () => {
    await server?.close()
    await cluster?.remove()
  })

  it('counts the limits of a pass in the cluster, and keeps nothing there for ever', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { accessLevel: 'basic' })
    const first = await requestToken(server, credentials)
    expect(first.headers.ratelimit).toMatch(/^"grants";r=59;/)
    expect((await introspect(server, credentials, first.body.access_token)).headers.ratelimit).toMatch(
      /^"calls";r=599;/,
    )
    for (const node of cluster.nodes)
      await node.run(async client => {
        for (const key of await client.keys('*')) expect([key, await client.pttl(key)]).not.toEqual([key, -1])
      })
    const counted = await Promise.all(cluster.nodes.map(node => node.run(client => client.keys('*limit:*'))))
    expect(counted.flat().length).toBeGreaterThanOrEqual(2)
  })

  it('grants on when a node is lost', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const [node] = cluster.nodes
    if (!node) throw new Error('A cluster without nodes')
    node.hold()
    try {
      const statuses = await Promise.all(
        Array.from({ length: 30 }, async () => (await requestToken(server, credentials)).status),
      )
      expect(new Set(statuses)).toEqual(new Set([200]))
    } finally {
      node.letGo()
    }
  })
})
