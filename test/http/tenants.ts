import { createResource } from '../support/resource-servers.ts'
import type { TestPass, TestProject, TestServer } from '../support/server.ts'

/** This server's own scopes. */
export const OWN_SCOPES = ['passes:read', 'passes:write', 'activity:read']

/** A project with something of every kind in it. */
export interface Tenant {
  readonly project: TestProject
  readonly pass: TestPass
  readonly apiKeyId: string
  readonly resourceServerId: string
  readonly token: string
  /** The id of that token, by which it is listed and ended. */
  readonly tokenId: string
}

/** Makes a project with an API key, a pass that holds all of this server's own scopes, and a token of it. */
export async function createTenant(server: TestServer, name: string): Promise<Tenant> {
  const project = await server.createProject(name)
  const pass = await server.createPass(project, {
    title: `${name} agent`,
    scopes: ['read', ...OWN_SCOPES],
    permissions: ['read'],
  })
  const token = await server.fetchToken(pass.credentials)
  const found = await server.deps.accessTokens.store.find(token)
  const keys = await server.http.get(`${project.path}/api_keys`).set('Api-Key', project.apiKey)
  const registered = await createResource(server, project, { resource: `urn:uuid:${crypto.randomUUID()}` })
  const resourceServerId = registered.id
  return { project, pass, resourceServerId, apiKeyId: keys.body.data[0].id, token, tokenId: found?.id ?? '' }
}

/** What of a tenant nobody else may read anywhere. */
export function secretsOf({ project, pass, apiKeyId, token }: Tenant): string[] {
  const { passId, secrets, title } = pass.attributes
  return [
    ...[project.organizationId, project.projectId, project.apiKey, apiKeyId, token, pass.id],
    ...Object.values(pass.credentials).filter(value => value !== pass.credentials.apiBaseUrl),
    ...[passId, title, project.organizationId].map(String),
    ...(Array.isArray(secrets) ? secrets.map(secret => String(secret.id)) : []),
  ]
}

/** Everything that the database holds of a tenant, as text. */
export async function snapshotOf(server: TestServer, { project, pass }: Tenant): Promise<string> {
  await server.deps.record.totals.flush()
  const { projectId, organizationId } = project
  const { agentUserId } = pass.credentials
  const tables = [
    ['organizations', 'id', organizationId],
    ['projects', 'id', projectId],
    ...['api_keys', 'agents', 'passes', 'resource_servers', 'audit_events', 'tombstones'].map(table => [
      table,
      'project_id',
      projectId,
    ]),
    ['pass_secrets', 'pass_id', pass.id],
    ...['activity', 'activity_rollups', 'activity_endpoints', 'pass_usage', 'refusal_windows'].map(table => [
      table,
      'agent_user_id',
      agentUserId,
    ]),
  ]
  const rows = await Promise.all(
    tables.map(([table, column, value]) =>
      server.deps.database.query(
        `select to_jsonb(t) as row from ${table} t where ${column} = $1 order by to_jsonb(t)::text`,
        [value],
      ),
    ),
  )
  return JSON.stringify(rows, null, 1)
}

/** Every way in which a tenant can show who it is. */
export const credentialsOf = ({ project, token }: Tenant): Record<string, string>[] => [
  { 'Api-Key': project.apiKey },
  { Authorization: `Bearer ${project.apiKey}` },
  { Authorization: `Bearer ${token}` },
  { 'Api-Key': project.apiKey, Authorization: `Bearer ${token}` },
]
