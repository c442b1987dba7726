import { callRoute, servedRoutes, targetOf } from '../support/routes.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'
import { createTenant } from './tenants.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

it('finds what UUIDs in upper case name, on every route, for keys and for people', async () => {
  const { project, pass, tokenId } = await createTenant(server, 'Cased')
  const { guarded } = servedRoutes(server.deps)
  const routes = guarded.filter(
    ({ pattern, rule }) => /:|activity/.test(pattern) && rule !== 'projects.delete',
  )
  expect(routes.length).toBeGreaterThan(30)
  const keyed = { 'Api-Key': project.apiKey }
  const owner = async () => {
    const { email } = await createUser(server, { [project.organizationId]: 'OWNER' })
    return (await signIn(server, email)).headers
  }
  for (const headers of [keyed, await owner()]) {
    for (const route of routes) {
      const ask = async (spelled: (id: string) => string) => {
        const id = route.rule.startsWith('pass_tokens.') ? pass.id : await targetOf(server, route, project)
        const answer = await callRoute(server, route, {
          headers,
          orgId: spelled(project.organizationId),
          projectId: spelled(project.projectId),
          id: spelled(id),
          tokenId: spelled(tokenId),
          agentUserId: spelled(pass.credentials.agentUserId),
        })
        return [route.rule, answer.status]
      }
      const inUpper = await ask(id => id.toUpperCase())
      if (route.rule !== 'pass_tokens.delete') expect(inUpper).toEqual(await ask(id => id))
      else expect(inUpper).toEqual([route.rule, headers === keyed ? 204 : 404])
    }
  }
})
