import { Migration20261127043139_owners_of_resources } from '../../migrations/Migration20261127043139_owners_of_resources.ts'
import { requestToken } from '../oauth/oauth-requests.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

it('gives owners to what passes of the operator’s organization list already, and to nothing else', async () => {
  const { database, config } = server.deps
  const operator = await server.createProject('Operator')
  server.clock.advance({ seconds: 1 })
  const stranger = await server.createProject('Stranger')
  const ledger = "https://ledger.example.com/o'hara?x=1"
  const own = await server.createPass(operator)
  const foreign = await server.createPass(stranger)
  const list = (id: string, resources: string[]) =>
    database.query('update passes set resources = $2 where id = $1', [id, resources])
  await list(own.id, [ledger, `${config.apiBaseUrl}/organizations/x/projects/y`, 'urn:Example:a'])
  await list(foreign.id, ['https://victim.example.com'])

  const { em, config: orm } = database.orm
  await new Migration20261127043139_owners_of_resources(em.getDriver(), orm).up()

  const { body } = await server.http.get(`${operator.path}/resource_servers`).set('Api-Key', operator.apiKey)
  const found = body.data.map(({ attributes }: { attributes: { resource: string } }) => attributes.resource)
  expect(found.toSorted()).toEqual([ledger, 'urn:Example:a'])
  const others = await server.http.get(`${stranger.path}/resource_servers`).set('Api-Key', stranger.apiKey)
  expect(others.body.data).toEqual([])
  expect((await requestToken(server, own.credentials, { resource: ledger })).status).toBe(200)
  const refused = await requestToken(server, foreign.credentials, { resource: 'https://victim.example.com' })
  expect([refused.status, refused.body.error]).toEqual([400, 'invalid_target'])
})
