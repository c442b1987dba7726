import { ClientStore } from '../../src/oauth/client.store.ts'
import { SecretKeys } from '../../src/platform/secret-keys.ts'
import { currentBackend } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { manage, requestToken } from './oauth-requests.ts'

/** Part of the contract of the stores: instants, bytes and lists come back as they were written, on every backend. */
let server: TestServer
let keys: SecretKeys
beforeAll(async () => {
  server = await startServer()
  keys = new SecretKeys(server.deps.config.secretKeys)
})
afterAll(() => server.close())

describe('ClientStore.load', () => {
  const load = (clientId: string) =>
    new ClientStore(server.deps.database, server.deps.config.apiBaseUrl).load(clientId)

  it('gives the client with its types', async () => {
    const project = await server.createProject()
    const resource = 'https://reports.example.com'
    const wishes = { tokenFormat: 'jwt', signingAlg: 'RS256', maxTokenTtl: 30 }
    await createResource(server, project, { resource, ...wishes })
    const pass = await server.createPass(project, {
      scopes: ['read:data'],
      resources: ['https://reports.example.com'],
      allowedIps: ['203.0.113.0/24'],
      allowedReferers: ['https://*.example.com/*'],
      validFrom: '2030-01-01T00:00:00.123+05:30',
      validUntil: '9999-12-31T23:59:59.999Z',
      tokenTtl: 60,
      tokenFormat: 'opaque',
    })
    const { clientId, clientSecret, agentUserId } = pass.credentials

    expect(await load(clientId)).toEqual({
      passId: pass.id,
      shownPassId: pass.attributes.passId,
      title: pass.attributes.title,
      permissions: pass.attributes.permissions,
      version: 1,
      epoch: 1,
      clientId,
      agentUserId,
      projectId: project.projectId,
      organizationId: project.organizationId,
      active: true,
      validFrom: new Date('2029-12-31T18:30:00.123Z'),
      validUntil: new Date('9999-12-31T23:59:59.999Z'),
      accessLevel: 'standard',
      tokenTtl: 60,
      tokenFormat: 'opaque',
      scopes: ['read:data'],
      resources: [{ resource, uri: resource, verified: true, ...wishes }],
      allowedIps: ['203.0.113.0/24'],
      allowedReferers: ['https://*.example.com/*'],
      jwks: null,
      secrets: [
        {
          id: expect.any(String),
          digest: keys.digest(clientSecret),
          hash: expect.stringMatching(/^\$argon2id\$/),
          expiresAt: null,
        },
      ],
    })
  })

  it('gives null for what has no end and no lifetime of its own', async () => {
    const pass = await server.createPass(await server.createProject(), { validUntil: null })

    expect(await load(pass.credentials.clientId)).toMatchObject({ validUntil: null, tokenTtl: null })
  })

  it('gives the secrets newest first, the older with the end of its grace', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    server.clock.advance({ seconds: 1, ms: 7 })
    const rotatedAt = server.clock.now()
    await manage(server, project, 'post', `${id}/rotate_key`, { gracePeriodSeconds: 60 })

    const loaded = await load(credentials.clientId)
    expect(loaded?.secrets.map(secret => secret.expiresAt)).toEqual([null, new Date(rotatedAt + 60_000)])
    expect(loaded?.secrets[1]?.digest).toEqual(keys.digest(credentials.clientSecret))
    expect(loaded?.secrets[0]?.digest).toHaveLength(32)
  })

  it('counts changes by the version, and the end of all tokens by the epoch', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    await manage(server, project, 'put', id, { sentinelPass: { scopes: ['other'] } })
    expect(await load(credentials.clientId)).toMatchObject({ version: 2, epoch: 1, scopes: ['other'] })

    await manage(server, project, 'post', `${id}/revoke`, { revokeTokens: true })
    expect(await load(credentials.clientId)).toMatchObject({ version: 3, epoch: 2, active: false })
  })

  it('finds nothing for an unknown id', async () => {
    expect(await load('sp_0123456789ABCDEFGHIJKL')).toBeUndefined()
  })
})

describeUnless(
  currentBackend() === 'pglite' ? 'The embedded database has no statements with a name.' : undefined,
  'a refusal',
  () => {
    it('has the statement that reads its client planned once', async () => {
      const { credentials } = await server.createPass(await server.createProject())
      for (let tries = 0; tries < 5; tries += 1) {
        const answer = await requestToken(server, { ...credentials, clientSecret: 'wrong' })
        expect(answer.status).toBe(401)
      }
      const planned = await server.deps.database.query<{ calls: number }>(
        `select (generic_plans + custom_plans)::int as calls from pg_prepared_statements where name = 'load_client'`,
      )
      // One connection is enough where nothing is asked at once.
      expect(planned).toEqual([{ calls: expect.any(Number) }])
      expect(planned[0]?.calls).toBeGreaterThanOrEqual(5)
    })
  },
)
