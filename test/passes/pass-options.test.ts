import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

it('each option is one that a pass can be made with', async () => {
  const project = await server.createProject()
  const { status, body } = await server.http.get('/v1/api/pass_options').set('Api-Key', project.apiKey)
  expect(status).toBe(200)
  const { accessLevels, usageTypes, credentialTypes, tokenFormats, scopes } = body.data
  expect(accessLevels).toHaveLength(4)
  for (const { name, maxTokenTtlSeconds } of accessLevels) {
    const made = await server.createPass(project, { accessLevel: name, tokenTtl: maxTokenTtlSeconds })
    expect(made.attributes.accessLevel).toBe(name)
    const longer = { title: 'Longer', accessLevel: name, tokenTtl: maxTokenTtlSeconds + 1 }
    const answer = await server.http
      .post(`${project.path}/sentinel_passes`)
      .set('Api-Key', project.apiKey)
      .send({ sentinelPass: longer })
    expect(answer.status).toBe(400)
  }
  for (const [field, values] of Object.entries({
    usageType: usageTypes,
    credentialType: credentialTypes,
    tokenFormat: tokenFormats,
  }))
    for (const value of values)
      expect((await server.createPass(project, { [field]: value })).attributes[field]).toBe(value)
  const names: string[] = scopes.map((one: { scope: string }) => one.scope)
  const { attributes } = await server.createPass(project, { scopes: names, permissions: [] })
  expect(attributes.scopes).toEqual(names)
  expect(attributes.scopeDescriptions).toEqual(
    Object.fromEntries(
      scopes.map(({ scope, description }: { scope: string; description: string }) => [scope, description]),
    ),
  )
})
