import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/platform/config.ts'
import { OperatorError } from '../../src/platform/errors.ts'
import { ResourceServerProvisioning } from '../../src/resource-servers/provisioning.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

const LEDGER = 'https://ledger.example.com'

let folder: string
let server: TestServer
let operator: TestProject
let stranger: TestProject
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-test-'))
  server = await startServer()
  operator = await server.createProject('Operator')
  server.clock.advance({ seconds: 1 })
  stranger = await server.createProject('Stranger')
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** What a start with these entries in `RESOURCE_SERVERS` does, on the same database. */
async function startWith(entries: readonly object[]): Promise<void> {
  const file = join(folder, 'resource-servers.json')
  writeFileSync(file, JSON.stringify(entries))
  const { resourceServers } = loadConfig({ RESOURCE_SERVERS: file, DATA_DIR: folder })
  const { database, clock } = server.deps
  const { store, service: servers } = server.deps.resourceServers
  await new ResourceServerProvisioning(database, store, servers, clock, resourceServers).run()
}

const listed = async ({ path, apiKey }: TestProject) =>
  (await server.http.get(`${path}/resource_servers`).set('Api-Key', apiKey)).body.data

it('registers each resource in the project that it names, once, and as it is now', async () => {
  const entries = [
    { project: 'Operator', resource: LEDGER, title: 'Ledger', signingAlg: 'RS256' },
    { project: stranger.projectId, resource: 'https://reports.example.com/api' },
  ]
  await startWith(entries)
  const [ledger] = await listed(operator)
  expect(ledger.attributes).toMatchObject({ resource: LEDGER, title: 'Ledger', signingAlg: 'RS256' })
  // The operator answers for it, whosever it is.
  expect((await listed(stranger))[0].attributes.verifiedAt).not.toBeNull()

  server.clock.advance({ minutes: 1 })
  await startWith(entries)
  expect(await listed(operator)).toEqual([ledger])
  await startWith([{ ...entries[0], resource: `${LEDGER}/`, title: 'Books', maxTokenTtl: 60 }])
  const [changed] = await listed(operator)
  expect(changed.attributes).toMatchObject({ resource: LEDGER, title: 'Books', maxTokenTtl: 60 })
  // What is no longer in the file stays.
  expect(await listed(stranger)).toHaveLength(1)
})

it.each([
  [
    'a project that is not there',
    { project: 'Nowhere', resource: LEDGER },
    'names the project Nowhere, which does not exist',
  ],
  [
    'a field that is not known',
    { project: 'Operator', resource: LEDGER, colour: 'red' },
    'is described wrongly',
  ],
  ['a resource of another project', { project: 'Stranger 2', resource: LEDGER }, 'cannot be registered'],
])('ends the start with 78 and one sentence for %s', async (_what, entry, said) => {
  const name = entry.project
  const project = name === 'Stranger 2' ? (await server.createProject(name)).projectId : name
  await startWith([{ project: operator.projectId, resource: LEDGER }])
  const attempt = startWith([
    { project: operator.projectId, resource: 'https://new.example.com' },
    { ...entry, project },
  ])
  const error: unknown = await attempt.catch((reason: unknown) => reason)
  if (!(error instanceof OperatorError)) throw new Error('The start was not refused')
  expect(error.exitCode).toBe(78)
  expect(error.message).toMatch(/^RESOURCE_SERVERS is not usable: the resource \S+ [^\n]+\.$/)
  expect(error.message).toContain(said)
  // All or nothing.
  expect(JSON.stringify(await listed(operator))).not.toContain('new.example.com')
})
