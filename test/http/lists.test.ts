import { isForInstanceOwners } from '../../src/access/rules.ts'
import { fill, servedRoutes, verbOf } from '../support/routes.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

type Item = { readonly id: string }
interface Answer {
  readonly data: readonly Item[]
  readonly meta: { readonly total: number; readonly next_cursor?: string | null }
}

/** A project whose organization has seven of everything that is listed, and an owner of it. */
async function fullProject() {
  const project = await server.createProject()
  const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  const { headers } = await signIn(server, owner.email)
  const organization = `/v1/api/organizations/${project.organizationId}`
  const post = async (path: string, body: object) => {
    const answer = await server.http.post(path).set(headers).send(body)
    if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
  }
  // Several of one name and of one instant: what tells them apart is the id.
  for (let made = 0; made < 6; made += 1) {
    await createUser(server, { [project.organizationId]: 'VIEWER' })
    await post(`${organization}/projects`, {
      data: { attributes: { name: made < 4 ? 'Twin' : `P ${made}` } },
    })
    await post(`${organization}/invitations`, {
      data: { attributes: { email: `guest-${made}@example.test`, role: 'VIEWER' } },
    })
    await post(`${project.path}/api_keys`, { data: { attributes: { note: 'same' } } })
    await server.createPass(project)
    await post(`${project.path}/resource_servers`, {
      data: { attributes: { resource: `https://${project.projectId}-${made}.example.test`, title: 'Same' } },
    })
  }
  return { project, headers, organization }
}

async function ask(path: string, headers: Record<string, string>, query: object = {}): Promise<Answer> {
  const answer = await server.http.get(path).set(headers).query(query)
  expect(answer.status).toBe(200)
  return answer.body
}

describe('a list', () => {
  let place: { project: TestProject; headers: Record<string, string>; organization: string }
  beforeAll(async () => {
    place = await fullProject()
  })

  const LISTS = {
    'projects of an organization': () => `${place.organization}/projects`,
    'members of an organization': () => `${place.organization}/members`,
    'invitations to an organization': () => `${place.organization}/invitations`,
    'audit events of an organization': () => `${place.organization}/audit_events`,
    'audit events of a project': () => `${place.project.path}/audit_events`,
    'API keys of a project': () => `${place.project.path}/api_keys`,
    'resource servers of a project': () => `${place.project.path}/resource_servers`,
    'passes of a project': () => `${place.project.path}/sentinel_passes`,
  }
  const lists = Object.entries(LISTS)

  it.each(lists)('of the %s has each item once by page, and says how many there are', async (_name, path) => {
    const whole = await ask(path(), place.headers, { per_page: 100 })
    expect(whole.data.length).toBeGreaterThanOrEqual(6)
    expect(whole.meta).toMatchObject({ page: 1, per_page: 100, total: whole.data.length, total_pages: 1 })
    const paged: Item[] = []
    for (let page = 1; page <= Math.ceil(whole.data.length / 2); page += 1)
      paged.push(...(await ask(path(), place.headers, { page, per_page: 2 })).data)
    expect(paged).toEqual(whole.data)
  })

  it.each(lists)('of the %s has each item once by cursor', async (_name, path) => {
    const whole = await ask(path(), place.headers, { per_page: 100 })
    expect(whole.meta.next_cursor).toBeNull()
    const read: Item[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await ask(path(), place.headers, { per_page: 2, ...(cursor ? { cursor } : {}) })
      expect(page.meta.total).toBe(whole.meta.total)
      read.push(...page.data)
      cursor = page.meta.next_cursor ?? null
    }
    expect(read).toEqual(whole.data)
  })

  it.each(lists)(
    'of the %s refuses what is beyond its pages, and cursors that it did not make',
    async (_name, path) => {
      for (const [query, parameter] of [
        [{ page: 101, per_page: 100 }, 'page'],
        [{ cursor: 'AAAA' }, 'cursor'],
        [{ cursor: Buffer.from('\0 01a1fc44-90be-772c-9cc4-6c6b118b19ab').toString('base64url') }, 'cursor'],
        [{ page: 0 }, 'page'],
        [{ per_page: 101 }, 'per_page'],
        [{ unheard_of: 1 }, 'unheard_of'],
      ] as const) {
        const { status, body } = await server.http.get(path()).set(place.headers).query(query)
        expect({ status, parameter: body.errors?.[0]?.parameter }).toEqual({ status: 400, parameter })
      }
    },
  )

  it('of the organizations of a person is paged alike', async () => {
    const organizations = await Promise.all([1, 2, 3].map(() => server.createProject('Same')))
    const user = await createUser(
      server,
      Object.fromEntries(organizations.map(({ organizationId }) => [organizationId, 'VIEWER'] as const)),
    )
    const { headers } = await signIn(server, user.email)
    const first = await ask('/v1/api/organizations', headers, { per_page: 2 })
    expect(first.meta).toMatchObject({ page: 1, per_page: 2, total: 3, total_pages: 2 })
    const rest = await ask('/v1/api/organizations', headers, { cursor: first.meta.next_cursor })
    expect([...first.data, ...rest.data].map(({ id }) => id).sort()).toEqual(
      organizations.map(({ organizationId }) => organizationId).sort(),
    )
  })
})

describe('a query parameter that a route does not know', () => {
  it('is refused by every route, once the caller is let in', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
    const { headers } = await signIn(server, owner.email)
    const place: Record<string, string> = { orgId: project.organizationId, projectId: project.projectId }
    const idsOf = (pattern: string) =>
      Object.fromEntries(
        [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, place[name] ?? pass.id]),
      )
    // Those that the owner of any organization is not let in to.
    const routes = servedRoutes(server.deps).guarded.filter(
      ({ rule }) => !rule.startsWith('signing_keys.') && !isForInstanceOwners(rule),
    )
    for (const { method, pattern, rule } of routes) {
      const path = `${fill(pattern, idsOf(pattern))}?unheard_of=1`
      const { status, body } = await server.http[verbOf(method)](path).set(headers)
      expect({ rule, status, code: body.code }).toEqual({ rule, status: 400, code: 'validation_failed' })
      expect(body.errors).toContainEqual({ parameter: 'unheard_of', detail: 'is not known here' })
    }
  })
})
