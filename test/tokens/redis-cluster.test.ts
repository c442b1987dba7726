import { describeUnless } from '../support/describe-unless.ts'
import { noRedisServer, startRedisCluster } from '../support/redis.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { introspect, isActive, REVOKE, requestToken, sendForm } from './oauth-requests.ts'
import { tokenStoreContract } from './token-store-contract.ts'

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

  describe('TokenStore', () => tokenStoreContract(() => server))

  it('spreads tokens over all nodes, and grants, introspects and revokes each of them', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const granted = await Promise.all(
      Array.from({ length: 30 }, async () => (await requestToken(server, credentials)).body.access_token),
    )
    for (const node of cluster.nodes) expect(await node.run(client => client.dbsize())).toBeGreaterThan(0)
    for (const token of granted) expect(await isActive(server, project, token)).toBe(true)
    for (const token of granted) {
      const answer = await sendForm(server, REVOKE, { token }, { 'Api-Key': project.apiKey })
      expect(answer.status).toBe(200)
      expect(await isActive(server, project, token)).toBe(false)
    }
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

  it('answers 503 when a node is lost, and is well again when it is back', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const [node] = cluster.nodes
    if (!node) throw new Error('A cluster without nodes')
    node.hold()
    try {
      const statuses = await Promise.all(
        Array.from({ length: 30 }, async () => (await requestToken(server, credentials)).status),
      )
      expect(statuses).toContain(503)
      expect(new Set(statuses)).toEqual(new Set(statuses.includes(200) ? [200, 503] : [503]))
    } finally {
      node.letGo()
    }
    let status = 0
    for (let tries = 0; tries < 400 && status !== 200; tries += 1) {
      status = (await requestToken(server, credentials)).status
      if (status !== 200) await new Promise(resolve => setTimeout(resolve, 25))
    }
    expect(status).toBe(200)
  })
})
