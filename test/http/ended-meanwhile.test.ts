import { RULES } from '../../src/access/rules.ts'
import { callRoute, type ProtectedRoute, servedRoutes, targetOf } from '../support/routes.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn } from '../support/sign-in.ts'
import { createTenant, type Tenant } from './tenants.ts'

/** Everything that an act can change; what only records calls and uses is not in it. */
const CHANGED_BY_ACTS = [
  ...[
    'organizations',
    'organization_tombstones',
    'projects',
    'project_tombstones',
    'members',
    'former_members',
  ],
  ...['invitations', 'users', 'signing_keys'],
  ...['api_keys', 'agents', 'passes', 'pass_secrets', 'tombstones', 'audit_events', 'ended_tokens'],
]

let server: TestServer
/** The operator's own: the first one that is made. */
let operators: TestProject
beforeAll(async () => {
  server = await startServer()
  operators = await server.createProject('Operator')
})
afterAll(() => server.close())

async function everything(): Promise<string> {
  const parts = CHANGED_BY_ACTS.map(
    table =>
      `select '${table}' as part, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as sum from ${table} t`,
  )
  return JSON.stringify(await server.deps.database.query(parts.join(' union all ')))
}

/** Ends what a request is let in by, right after it was let in, and undoes it when the request is answered. */
async function endAfterAuthentication(
  [end, undo]: readonly [string, string],
  request: PromiseLike<{ status: number; body: { code?: string } }>,
) {
  const { access, database } = server.deps
  const { authenticator } = access
  const real = authenticator.authenticate.bind(authenticator)
  let ended: string[] = []
  let before = ''
  authenticator.authenticate = async (...shown) => {
    const found = await real(...shown)
    const { principal } = found
    ended = [principal.id]
    if (end.includes('$2') && principal.kind === 'pass') ended.push(principal.tokenId)
    if (end.includes('$2') && principal.kind === 'user') ended.push(principal.grantId)
    await database.query(end, ended)
    before = await everything()
    return found
  }
  try {
    const { status, body } = await request
    const unchanged = before !== '' && before === (await everything())
    await database.query(undo, ended)
    return { status, code: body.code, unchanged }
  } finally {
    authenticator.authenticate = real
  }
}

/** A row that nobody finds any more under its own id. */
const AWAY = "'00000000-0000-4000-8000-000000000000'"
/** What ends something, and what undoes that for the next route. */
const ENDS = {
  'an API key that is deleted': [
    `update api_keys set id = ${AWAY} where id = $1`,
    `update api_keys set id = $1 where id = ${AWAY}`,
  ],
  'a pass whose tokens are ended': [
    'update passes set version = version + 1, epoch = epoch + 1 where id = $1',
    'update passes set version = version - 1, epoch = epoch - 1 where id = $1',
  ],
  'a pass whose token is revoked': [
    `with held as (select from passes where id = $1 for update)
     insert into ended_tokens (id, expires_at) select $2, '2100-01-01' from held`,
    'with held as (select from passes where id = $1 for update) delete from ended_tokens using held where ended_tokens.id = $2',
  ],
  'a user who signs out everywhere': [
    'update users set epoch = epoch + 1 where id = $1',
    'update users set epoch = epoch - 1 where id = $1',
  ],
  'a user who signs out of the browser': [
    "update oidc_artifacts set model = 'Away' where model = 'Grant' and $1::uuid is not null and grant_id = $2",
    "update oidc_artifacts set model = 'Grant' where model = 'Away' and $1::uuid is not null and grant_id = $2",
  ],
  'a user whose role is made less': [
    `update members set role = 'VIEWER' where user_id = $1`,
    `update members set role = 'OWNER' where user_id = $1`,
  ],
  'a user who is removed': [
    'delete from members where user_id = $1',
    `insert into members (id, organization_id, user_id, role, created_at, updated_at)
     select gen_random_uuid(), id, $1, 'OWNER', now(), now() from organizations`,
  ],
} as const

const attributes = (values: object) => ({ data: { attributes: values } })
const BODIES: Readonly<Record<string, object>> = {
  'signing_keys.rotate': attributes({ alg: 'EdDSA' }),
  'me.update': attributes({ name: 'Changed' }),
  'me.delete': attributes({ password: PASSWORD }),
  'me.change_password': attributes({ currentPassword: PASSWORD, newPassword: 'another good password' }),
  'me.enrol_totp': attributes({ password: PASSWORD }),
  'me.confirm_totp': attributes({ code: '123456' }),
  'me.remove_totp': attributes({ password: PASSWORD }),
}

/** Whether the end matters at a route: it lets such a credential in, and what ends is what it is let in by. */
function isTouched(what: string, { rule }: ProtectedRoute): boolean {
  const { apiKey, passScopes, user } = RULES[rule]
  if (what.startsWith('an API key')) return apiKey
  if (what.startsWith('a pass')) return passScopes.length > 0
  return what.includes('signs out') || user !== 'signed in'
}

/** Somebody who may do everything in a project that what is to end lets in. */
async function callerOf(
  what: string,
  { project }: Tenant,
): Promise<{ headers: Record<string, string>; email?: string }> {
  if (what.startsWith('an API key')) return { headers: { 'Api-Key': project.apiKey } }
  if (what.startsWith('a pass')) {
    const actor = await server.createPass(project, { scopes: ['passes:write', 'passes:read', 'read'] })
    return { headers: { Authorization: `Bearer ${await server.fetchToken(actor.credentials)}` } }
  }
  const roles = { [project.organizationId]: 'OWNER', [operators.organizationId]: 'OWNER' } as const
  const { email } = await createUser(server, roles)
  return { headers: (await signIn(server, email)).headers, email }
}

describe.each(Object.entries(ENDS))('%s while an act is under way', (what, [end, undo]) => {
  it('has that act change nothing, at every route', async () => {
    const acts = servedRoutes(server.deps).guarded.filter(
      route => route.method !== 'GET' && isTouched(what, route),
    )
    expect(acts.length).toBeGreaterThan(3)
    const { kid } = await server.deps.signingKeys.store.signer('EdDSA')
    const tenant = await createTenant(server, 'Ended')
    const { project, pass, tokenId } = tenant
    const { headers, email } = await callerOf(what, tenant)
    for (const route of acts) {
      const isOperators = route.rule.startsWith('signing_keys.')
      const ended = await endAfterAuthentication(
        [end, undo],
        callRoute(server, route, {
          headers,
          orgId: isOperators ? operators.organizationId : project.organizationId,
          projectId: project.projectId,
          id: route.rule === 'pass_tokens.delete' ? pass.id : await targetOf(server, route, project, email),
          ...{ tokenId, kid, agentUserId: '', body: BODIES[route.rule] },
        }),
      )
      expect({ rule: route.rule, ...ended }).toEqual({
        rule: route.rule,
        status: 401,
        code: 'unauthenticated',
        unchanged: true,
      })
    }
  })
})

it('that ends waits for the act that it was let in to do', async () => {
  // The embedded database has one connection: nobody else is at work meanwhile.
  if (server.deps.database.kind === 'pglite') return
  const { project, pass, apiKeyId } = await createTenant(server, 'Waits')
  const { database } = server.deps
  const { service: passes } = server.deps.passes
  const { service: apiKeys } = server.deps.apiKeys
  const order: string[] = []
  const em = database.em()
  await em.begin()
  await em.execute('select 1 from passes where id = ? for update', [pass.id])
  const act = server.http
    .post(`${project.path}/sentinel_passes/${pass.id}/rotate_key`)
    .set('Api-Key', project.apiKey)
    .then(({ status }) => order.push(`rotated ${status}`))
  const held = async () =>
    (
      await database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).length
  while ((await held()) < 1) await new Promise(resolve => setImmediate(resolve))
  const actor = { type: 'system', id: null, name: 'test', clientIp: null } as const
  const end = apiKeys
    .delete({ projectId: project.projectId }, actor, apiKeyId)
    .then(() => order.push('ended'))
  while ((await held()) < 2) await new Promise(resolve => setImmediate(resolve))
  expect(order).toEqual([])
  await em.commit()
  await Promise.all([act, end])
  expect(order.toSorted()).toEqual(['ended', 'rotated 200'])
  expect((await passes.get(project.projectId, pass.id)).secrets).toHaveLength(1)
})

it('of two keys that delete each other at the same moment, one does, and the other may try again', async () => {
  const project = await server.createProject()
  const keys = `${project.path}/api_keys`
  for (let round = 0; round < 3; round += 1) {
    const made = await Promise.all(
      [1, 2].map(() => server.http.post(keys).set('Api-Key', project.apiKey).send({})),
    )
    const [one, other] = made.map(({ body }) => ({ id: body.data.id, key: body.meta.secretKey }))
    const remove = (id: string, key: string) => server.http.delete(`${keys}/${id}`).set('Api-Key', key)
    const answers = await Promise.all([remove(other?.id, one?.key), remove(one?.id, other?.key)])
    const statuses = answers.map(({ status }) => status).toSorted()
    expect(statuses[0]).toBe(204)
    expect([401, 503]).toContain(statuses[1])
  }
})
