import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  clientCredentialsGrant,
  discovery,
  fetchProtectedResource,
  ResponseBodyError,
  tokenIntrospection,
  tokenRevocation,
} from 'openid-client'
import { startServer, type TestCredentials, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe.each(['oauth2', 'oidc'] as const)('openid-client, discovering by %s', algorithm => {
  const discover = (credentials: TestCredentials, authentication: ClientAuth): Promise<Configuration> =>
    discovery(new URL(server.url), credentials.clientId, undefined, authentication, {
      execute: [allowInsecureRequests],
      algorithm,
    })

  it.each([
    ['client_secret_basic', ClientSecretBasic],
    ['client_secret_post', ClientSecretPost],
  ])('walks the whole way with %s', async (_method, authentication) => {
    const project = await server.createProject()
    const agent = await server.createPass(project, { scopes: ['read:data', 'passes:read'] })
    const resourceServer = await server.createPass(project)

    const config = await discover(agent.credentials, authentication(agent.credentials.clientSecret))
    expect(config.serverMetadata().issuer).toBe(server.url)

    const granted = await clientCredentialsGrant(config, { scope: 'passes:read' })
    expect(granted).toMatchObject({ token_type: 'bearer', expires_in: 900, scope: 'passes:read' })

    const guard = await discover(
      resourceServer.credentials,
      authentication(resourceServer.credentials.clientSecret),
    )
    const introspected = await tokenIntrospection(guard, granted.access_token)
    expect(introspected).toMatchObject({
      active: true,
      client_id: agent.credentials.clientId,
      agent_user_id: agent.credentials.agentUserId,
      scope: 'passes:read',
    })

    const passes = new URL(`${server.url}${project.path}/sentinel_passes`)
    expect((await fetchProtectedResource(config, granted.access_token, passes, 'GET')).status).toBe(200)

    await tokenRevocation(config, granted.access_token)
    expect(await tokenIntrospection(guard, granted.access_token)).toEqual({ active: false })
    await expect(fetchProtectedResource(config, granted.access_token, passes, 'GET')).rejects.toMatchObject({
      status: 401,
    })
  })

  it('tells a client with a wrong secret that it is invalid_client', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const config = await discover(credentials, ClientSecretBasic('sps_wrong'))

    // A challenge stands in the answer (RFC 6749 section 5.2): openid-client reads that first.
    await expect(clientCredentialsGrant(config)).rejects.toMatchObject({ status: 401 })
  })

  it('tells a client that asks for too much what is wrong', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const config = await discover(credentials, ClientSecretPost(credentials.clientSecret))

    const refused = clientCredentialsGrant(config, { scope: 'admin:users' })
    await expect(refused).rejects.toBeInstanceOf(ResponseBodyError)
    await expect(refused).rejects.toMatchObject({
      status: 400,
      error: 'invalid_scope',
      error_description: expect.stringContaining('admin:users'),
    })
  })
})
