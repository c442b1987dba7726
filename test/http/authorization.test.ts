import { managementOf } from '../support/management.ts'
import { createResource } from '../support/resource-servers.ts'
import { callRoute, type ProtectedRoute, RULE_NAMES, servedRoutes } from '../support/routes.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject()
})

/** The credentials: an API key, and tokens of passes with one of this server's own scopes, or none of them. */
const CREDENTIALS = ['api key', 'passes:read', 'passes:write', 'activity:read', 'read'] as const

/** What each credential is answered, in the order of CREDENTIALS. Kept by hand. */
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  'organizations.create': [403, 403, 403, 403, 403],
  'organizations.update': [403, 403, 403, 403, 403],
  'organizations.delete': [403, 403, 403, 403, 403],
  'organizations.audit_events': [403, 403, 403, 403, 403],
  'organizations.export_audit_events': [403, 403, 403, 403, 403],
  'signing_keys.list': [403, 403, 403, 403, 403],
  'signing_keys.rotate': [403, 403, 403, 403, 403],
  'signing_keys.pull': [403, 403, 403, 403, 403],
  'organizations.list': [200, 200, 200, 403, 403],
  'organizations.read': [200, 200, 200, 403, 403],
  'projects.list': [200, 200, 200, 403, 403],
  'projects.read': [200, 200, 200, 403, 403],
  'projects.create': [403, 403, 403, 403, 403],
  'projects.delete': [403, 403, 403, 403, 403],
  'projects.update': [200, 403, 403, 403, 403],
  'passes.create': [201, 403, 201, 403, 403],
  'passes.list': [200, 200, 200, 403, 403],
  'passes.read': [200, 200, 200, 403, 403],
  'passes.update': [200, 403, 200, 403, 403],
  'passes.rotate': [200, 403, 200, 403, 403],
  'passes.revoke': [200, 403, 200, 403, 403],
  'passes.activate': [200, 403, 200, 403, 403],
  'passes.delete': [204, 403, 204, 403, 403],
  'pass_options.read': [200, 200, 200, 403, 403],
  'pass_options.of_project': [200, 200, 200, 403, 403],
  'pass_tokens.list': [200, 200, 200, 403, 403],
  'pass_tokens.delete': [204, 403, 204, 403, 403],
  'pass_secrets.list': [200, 200, 200, 403, 403],
  'pass_secrets.delete': [204, 403, 204, 403, 403],
  'api_keys.create': [201, 403, 403, 403, 403],
  'api_keys.list': [200, 403, 403, 403, 403],
  'api_keys.delete': [204, 403, 403, 403, 403],
  'api_keys.read': [200, 403, 403, 403, 403],
  'api_keys.update': [200, 403, 403, 403, 403],
  'organization_api_keys.create': [403, 403, 403, 403, 403],
  'organization_api_keys.list': [403, 403, 403, 403, 403],
  'organization_api_keys.read': [403, 403, 403, 403, 403],
  'organization_api_keys.update': [403, 403, 403, 403, 403],
  'organization_api_keys.delete': [403, 403, 403, 403, 403],
  'resource_servers.create': [201, 403, 403, 403, 403],
  'resource_servers.list': [200, 200, 200, 403, 403],
  'resource_servers.read': [200, 200, 200, 403, 403],
  'resource_servers.update': [200, 403, 403, 403, 403],
  'resource_servers.delete': [204, 403, 403, 403, 403],
  'resource_servers.verify': [200, 403, 403, 403, 403],
  'audit_events.list': [200, 403, 403, 403, 403],
  'audit_events.export': [200, 403, 403, 403, 403],
  'activity.logs': [200, 403, 403, 200, 403],
  'activity.export': [200, 403, 403, 200, 403],
  'activity.metrics': [200, 403, 403, 200, 403],
  'project_activity.logs': [200, 403, 403, 403, 403],
  'project_activity.export': [200, 403, 403, 403, 403],
  'project_activity.metrics': [200, 403, 403, 403, 403],
  'project_activity.passes': [200, 403, 403, 403, 403],
  'members.list': [403, 403, 403, 403, 403],
  'members.create': [403, 403, 403, 403, 403],
  'members.update': [403, 403, 403, 403, 403],
  'members.delete': [403, 403, 403, 403, 403],
  'members.reset_password': [403, 403, 403, 403, 403],
  'invitations.list': [403, 403, 403, 403, 403],
  'invitations.create': [403, 403, 403, 403, 403],
  'invitations.delete': [403, 403, 403, 403, 403],
  'me.read': [403, 403, 403, 403, 403],
  'me.update': [403, 403, 403, 403, 403],
  'me.account_events': [403, 403, 403, 403, 403],
  'me.invitations': [403, 403, 403, 403, 403],
  'me.accept_invitation': [403, 403, 403, 403, 403],
  'me.decline_invitation': [403, 403, 403, 403, 403],
  'members.leave': [403, 403, 403, 403, 403],
  'members.account_events': [403, 403, 403, 403, 403],
  'addresses.release': [403, 403, 403, 403, 403],
  'me.delete': [403, 403, 403, 403, 403],
  'me.change_password': [403, 403, 403, 403, 403],
  'me.sign_out_everywhere': [403, 403, 403, 403, 403],
  'me.sessions': [403, 403, 403, 403, 403],
  'me.end_session': [403, 403, 403, 403, 403],
  'me.enrol_totp': [403, 403, 403, 403, 403],
  'me.confirm_totp': [403, 403, 403, 403, 403],
  'me.remove_totp': [403, 403, 403, 403, 403],
}

interface Caller {
  readonly headers: Record<string, string>
  readonly agentUserId: string
}

/** A pass that holds one scope, and its token. */
async function createCaller(scope: string): Promise<Caller> {
  const pass = await server.createPass(project, { scopes: [scope], permissions: [] })
  const token = await server.fetchToken(pass.credentials)
  return {
    headers: { Authorization: `Bearer ${token}` },
    agentUserId: pass.credentials.agentUserId,
  }
}

/** Another pass, with nothing that a caller would not hold. */
const createTarget = () => server.createPass(project, { scopes: [], permissions: [] })

async function createApiKey(): Promise<string> {
  const answer = await server.http.post(`${project.path}/api_keys`).set('Api-Key', project.apiKey).send({})
  return answer.body.data.id
}

/** Something new for the ids of a route to name. */
async function targetOf({
  pattern,
  rule,
}: ProtectedRoute): Promise<{ id: string; tokenId?: string; secretId?: string }> {
  if (!pattern.includes(':id')) return { id: '' }
  if (rule.startsWith('api_keys.')) return { id: await createApiKey() }
  if (rule.startsWith('resource_servers.'))
    return { id: (await createResource(server, project, { resource: `urn:uuid:${crypto.randomUUID()}` })).id }
  const { id, credentials } = await createTarget()
  if (pattern.includes(':secretId')) {
    const rotated = await managementOf(server, project).act(id, 'rotate_key', { gracePeriodSeconds: 60 })
    return { id, secretId: rotated.body.data.attributes.secrets[0].id }
  }
  if (!pattern.includes(':tokenId')) return { id }
  const token = await server.deps.accessTokens.store.find(await server.fetchToken(credentials))
  return { id, tokenId: token?.id ?? '' }
}

async function auditTrail(): Promise<number> {
  const events = await server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
  return events.body.meta.total
}

it('has an expectation for every route of the table, and for no other', () => {
  expect(Object.keys(EXPECTED).toSorted()).toEqual(RULE_NAMES.toSorted())
})

describe.each(CREDENTIALS.map((name, column) => ({ name, column })))('$name', ({ name, column }) => {
  it('is let in where the table lets it in, and nowhere else', async () => {
    const caller =
      name === 'api key'
        ? { headers: { 'Api-Key': project.apiKey }, ...(await createTarget()).credentials }
        : await createCaller(name)
    const { organizationId: orgId, projectId } = project
    const { headers, agentUserId } = caller
    const answered: Record<string, number> = {}
    for (const route of servedRoutes(server.deps).guarded) {
      const target = await targetOf(route)
      const answer = await callRoute(server, route, { headers, orgId, projectId, ...target, agentUserId })
      answered[route.rule] = answer.status
      if (answer.status === 403) expect(answer.body.code).toBe('forbidden')
    }
    const expected = Object.entries(EXPECTED).map(([rule, statuses]) => [rule, statuses[column]])
    expect(answered).toEqual(Object.fromEntries(expected))
  })
})

it('changes nothing where it denies', async () => {
  const caller = await createCaller('passes:read')
  const target = await createTarget()
  const apiKeyId = await createApiKey()
  const before = await auditTrail()
  for (const route of servedRoutes(server.deps).guarded.filter(({ method }) => method !== 'GET')) {
    const { organizationId: orgId, projectId } = project
    const id = route.rule.startsWith('api_keys.') ? apiKeyId : target.id
    const answer = await callRoute(server, route, { ...caller, orgId, projectId, id })
    expect([route.rule, answer.status]).toEqual([route.rule, 403])
  }
  expect(await auditTrail()).toBe(before)
})

it('lets the scopes of the token decide, not those of its pass', async () => {
  const pass = await server.createPass(project, { scopes: ['read', 'passes:read'], permissions: [] })
  const narrow = await server.fetchToken(pass.credentials, 'read')
  const passes = `${project.path}/sentinel_passes`
  const denied = await server.http.get(passes).set('Authorization', `Bearer ${narrow}`)
  expect([denied.status, denied.body.code]).toEqual([403, 'forbidden'])
  const wide = await server.fetchToken(pass.credentials, 'passes:read')
  const admitted = await server.http.get(passes).set('Authorization', `Bearer ${wide}`)
  expect(admitted.status).toBe(200)
})

it('lets an API key act where a token beside it could not', async () => {
  const caller = await createCaller('read')
  const headers = { ...caller.headers, 'Api-Key': project.apiKey }
  const answer = await server.http.get(`${project.path}/api_keys`).set(headers)
  expect(answer.status).toBe(200)
})

describe('a token with activity:read', () => {
  const logsOf = (agentUserId: string, headers: Record<string, string>) =>
    server.http.get('/v1/api/oauth/agent/activity/logs').query({ agent_user_id: agentUserId }).set(headers)

  it('alone sees its own activity and no other pass of its project', async () => {
    const caller = await createCaller('activity:read')
    const other = await createTarget()
    expect((await logsOf(caller.agentUserId, caller.headers)).status).toBe(200)
    const denied = await logsOf(other.credentials.agentUserId, caller.headers)
    expect([denied.status, denied.body.code]).toEqual([404, 'not_found'])
  })

  it('and passes:read sees the activity of its whole project', async () => {
    const pass = await server.createPass(project, { scopes: ['activity:read', 'passes:read'] })
    const token = await server.fetchToken(pass.credentials)
    const other = await createTarget()
    const answer = await logsOf(other.credentials.agentUserId, { Authorization: `Bearer ${token}` })
    expect(answer.status).toBe(200)
  })
})
