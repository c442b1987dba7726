import type { Authorize } from '../../src/access/authorize.ts'
import type { KeyRole } from '../../src/access/role.ts'
import { type RouteName, RULES } from '../../src/access/rules.ts'
import { createRouters } from '../../src/app.ts'
import type { Deps } from '../../src/deps.ts'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { createResource } from './resource-servers.ts'
import type { TestProject, TestServer } from './server.ts'
import { createUser } from './sign-in.ts'

/** A method and a path pattern that the server serves. */
export interface ServedRoute {
  readonly method: string
  readonly pattern: string
}

/** A route that only an authorized principal gets through to, and its name in the authorization table. */
export interface ProtectedRoute extends ServedRoute {
  readonly rule: RouteName
}

/** Every route of the server, read from its own routers, so that none can be forgotten. */
export function servedRoutes(deps: Deps): {
  readonly guarded: readonly ProtectedRoute[]
  readonly open: readonly ServedRoute[]
} {
  const rules = new Map<unknown, RouteName>()
  const authorize: Authorize = rule => {
    const middleware = deps.access.authorize(rule)
    rules.set(middleware, rule)
    return middleware
  }
  const guarded: ProtectedRoute[] = []
  const open: ServedRoute[] = []
  for (const { stack } of Object.values(createRouters({ ...deps, access: { ...deps.access, authorize } })))
    for (const layer of stack)
      for (const method of layer.methods.filter(name => name !== 'HEAD')) {
        const route = { method, pattern: String(layer.path) }
        // The first handler decides: what stands before the authorization is not protected by it.
        const rule = rules.get(layer.stack[0])
        if (rule === undefined) open.push(route)
        else guarded.push({ ...route, rule })
      }
  return { guarded, open }
}

/** Every name of the authorization table. */
export const RULE_NAMES = Object.keys(RULES)

/** A path pattern with its parameters filled in. */
export function fill(pattern: string, parameters: Readonly<Record<string, string>>): string {
  return pattern.replace(/:\w+/g, (name: string) => encodeURIComponent(parameters[name.slice(1)] ?? ''))
}

const named = { data: { attributes: { name: 'Made by the walk' } } }
const invited = () => ({
  data: { attributes: { email: `${crypto.randomUUID()}@example.test`, role: 'VIEWER' } },
})

/** A body that each route takes, where it takes one. */
const GOOD_BODIES: Partial<Record<RouteName, object | (() => object)>> = {
  'organizations.create': named,
  'organizations.update': named,
  'projects.create': named,
  'members.create': invited,
  'members.update': { data: { attributes: { role: 'VIEWER' } } },
  'invitations.create': invited,
  'addresses.release': () => ({ data: { attributes: { email: `${crypto.randomUUID()}@example.test` } } }),
  'projects.update': { data: { attributes: { name: 'Renamed' } } },
  'passes.create': { sentinelPass: { title: 'Made by the walk', scopes: [], permissions: [] } },
  'passes.update': { sentinelPass: { description: 'changed by the walk' } },
  'passes.rotate': { gracePeriodSeconds: 60 },
  'passes.revoke': { revokeTokens: true },
  'resource_servers.create': () => ({
    data: { attributes: { resource: `urn:uuid:${crypto.randomUUID()}` } },
  }),
  'resource_servers.update': { data: { attributes: { title: 'Renamed' } } },
  'api_keys.create': { data: { attributes: { note: 'made by the walk' } } },
  'api_keys.update': { data: { attributes: { note: 'changed by the walk' } } },
  'organization_api_keys.create': { data: { attributes: { note: 'made by the walk', role: 'VIEWER' } } },
  'organization_api_keys.update': { data: { attributes: { note: 'changed by the walk' } } },
}

/** A body that the route takes; undefined where it takes none. */
export function goodBodyOf(rule: RouteName): object | undefined {
  const good = GOOD_BODIES[rule]
  return typeof good === 'function' ? good() : good
}

/** What a request is made with. */
export interface Attempt {
  readonly headers?: Record<string, string>
  readonly orgId: string
  readonly projectId: string
  readonly id: string
  /** A token of the pass that `id` names; one that does not exist when not given. */
  readonly tokenId?: string
  /** A secret of that pass; one that does not exist when not given. */
  readonly secretId?: string
  /** A signing key; one that does not exist when not given. */
  readonly kid?: string
  readonly agentUserId: string
  /** What is sent; a body that the route takes when not given. */
  readonly body?: object | undefined
}

/** Makes a request that the route answers well when its credentials and ids are good. */
export function callRoute(server: TestServer, { method, pattern, rule }: ProtectedRoute, attempt: Attempt) {
  const { headers = {}, agentUserId, body: given, ...named } = attempt
  const unknown = crypto.randomUUID()
  const parameters = { tokenId: unknown, secretId: unknown, kid: unknown, ...named }
  const query = rule.startsWith('activity.') ? `?${new URLSearchParams({ agent_user_id: agentUserId })}` : ''
  const pending = server.http[verbOf(method)](fill(pattern, parameters) + query).set(headers)
  const body = given ?? goodBodyOf(rule)
  return body === undefined ? pending : pending.send(body)
}

/** Something new for the id of a route to name. @param email of who calls it, where that is a person */
export async function targetOf(
  server: TestServer,
  { pattern, rule }: ProtectedRoute,
  project: TestProject,
  email = 'guest@example.test',
): Promise<string> {
  if (!pattern.includes(':id')) return ''
  const system = { type: 'system', id: null, name: 'test', clientIp: null } as const
  if (rule.startsWith('me.')) {
    const { organizationId } = await server.createProject('Inviting')
    const { invitation } = await server.deps.users.invitations.create(organizationId, system, {
      email,
      role: 'VIEWER',
    })
    return invitation.id
  }
  if (rule.startsWith('members.'))
    return (await createUser(server, { [project.organizationId]: 'MEMBER' })).id
  if (rule.startsWith('invitations.')) {
    const input = { email: 'guest@example.test', role: 'VIEWER' } as const
    return (await server.deps.users.invitations.create(project.organizationId, system, input)).invitation.id
  }
  if (rule.startsWith('organization_api_keys.')) return (await createOrganizationKey(server, project)).id
  if (rule.startsWith('resource_servers.'))
    return (await createResource(server, project, { resource: `urn:uuid:${crypto.randomUUID()}` })).id
  if (!rule.startsWith('api_keys.'))
    return (await server.createPass(project, { scopes: [], permissions: [] })).id
  const made = await server.http.post(`${project.path}/api_keys`).set('Api-Key', project.apiKey).send({})
  return made.body.data.id
}

/** Makes an API key of the organization of a project. */
export async function createOrganizationKey(
  server: TestServer,
  { organizationId }: Pick<TestProject, 'organizationId'>,
  fields: { readonly role?: KeyRole; readonly note?: string; readonly expiresAt?: Date | null } = {},
): Promise<{ readonly id: string; readonly key: string; readonly headers: Record<string, string> }> {
  const system = { type: 'system', id: null, name: 'test', clientIp: null } as const
  const key = generateChecksummedSecret('spk_')
  const { id } = await server.deps.database.em().transactional(async em =>
    server.deps.apiKeys.service.insert(em, { organizationId }, system, {
      ...{ role: 'VIEWER', note: 'Machine', expiresAt: null, secretKey: key },
      ...fields,
    }),
  )
  return { id, key, headers: { 'Api-Key': key } }
}

/** The function of supertest that sends this method. */
export function verbOf(method: string) {
  const verb = (['get', 'post', 'put', 'delete', 'patch', 'head', 'options'] as const).find(
    name => name.toUpperCase() === method,
  )
  if (!verb) throw new Error(`No verb for the method ${method}`)
  return verb
}
