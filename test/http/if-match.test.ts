import { isForInstanceOwners } from '../../src/access/rules.ts'
import { fill, servedRoutes, verbOf } from '../support/routes.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const STALE = '"0-stale"'

async function ownerOf() {
  const project = await server.createProject()
  const pass = await server.createPass(project)
  const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  const { headers } = await signIn(server, owner.email)
  return { project, pass, headers }
}

describe('If-Match with a tag that is not the thing’s', () => {
  it('has no route change anything, whether the thing has a tag or not', async () => {
    const { project, pass, headers } = await ownerOf()
    const place: Record<string, string> = { orgId: project.organizationId, projectId: project.projectId }
    const routes = servedRoutes(server.deps).guarded.filter(
      ({ method, rule }) =>
        verbOf(method) !== 'get' && !rule.startsWith('signing_keys.') && !isForInstanceOwners(rule),
    )
    expect(routes.length).toBeGreaterThan(30)
    const letIn: string[] = []
    for (const { method, pattern, rule } of routes) {
      const ids = Object.fromEntries(
        [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, place[name] ?? pass.id]),
      )
      const { status } = await server.http[verbOf(method)](fill(pattern, ids))
        .set(headers)
        .set('If-Match', STALE)
      // A body that is not there, or an id that is nobody's, can be told first where the tag is the thing's own.
      if (![400, 404, 412].includes(status)) letIn.push(`${rule}: ${status}`)
    }
    expect(letIn).toEqual([])
    const read = await server.http.get(project.path).set(headers)
    expect(read.status).toBe(200)
  })

  it('leaves a project and an organization as they are, and lets * through', async () => {
    const { project, headers } = await ownerOf()
    const organization = `/v1/api/organizations/${project.organizationId}`
    const body = { data: { attributes: { name: 'Another name' } } }
    for (const path of [project.path, organization]) {
      const refused = await server.http.put(path).set(headers).set('If-Match', STALE).send(body)
      expect([refused.status, refused.body.code]).toEqual([412, 'precondition_failed'])
      const changed = await server.http.put(path).set(headers).set('If-Match', '*').send(body)
      expect(changed.status).toBe(200)
    }
    const kept = await server.http.delete(project.path).set(headers).set('If-Match', STALE)
    expect(kept.status).toBe(412)
    expect((await server.http.get(project.path).set(headers)).status).toBe(200)
  })
})
