import { auditExportQuery } from '../../src/audit/audit.schema.ts'
import { parseQuery } from '../../src/http/validate.ts'
import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const trailOf = (project: TestProject, query: Record<string, unknown> = {}, what = '') =>
  server.http.get(`${project.path}/audit_events${what}`).set('Api-Key', project.apiKey).query(query)

interface Event {
  readonly id: string
  readonly attributes: { readonly action: string; readonly target: { readonly name: string } }
}

const linesOf = (events: readonly Event[]) =>
  events.map(({ attributes: { action, target } }) => `${action} ${target.name}`)

/** Two passes made, on two days; on the second the first is rotated by one of them, and revoked by the key. */
async function busyProject() {
  server.clock.set('2030-01-15T23:59:59.999Z')
  const project = await server.createProject('Harbour')
  const first = await server.createPass(project, { title: 'Crane', scopes: ['read'], permissions: [] })
  server.clock.set('2030-01-16T00:00:00.000Z')
  const maker = await server.createPass(project, {
    title: 'Foreman',
    scopes: ['passes:write', 'read'],
    permissions: [],
  })
  const token = await server.fetchToken(maker.credentials)
  const byToken = managementOf(server, project, { Authorization: `Bearer ${token}` })
  await byToken.act(first.id, 'rotate_key')
  await managementOf(server, project).act(first.id, 'revoke')
  return { project, first, maker }
}

describe('a filter of the audit trail', () => {
  it('by act leaves these acts, or all on things of a kind', async () => {
    const { project } = await busyProject()
    const read = async (query: object) => linesOf((await trailOf(project, { ...query })).body.data)
    expect(await read({ action: 'pass.rotate,pass.revoke' })).toEqual([
      'pass.revoke Crane',
      'pass.rotate Crane',
    ])
    expect(await read({ action: 'pass.*' })).toHaveLength(4)
    expect(await read({ action: 'pass' })).toEqual([])
    expect(await read({ action: 'p%' })).toEqual([])
  })

  it('by actor and by target takes ids, and parts of names in any case', async () => {
    const { project, first, maker } = await busyProject()
    const read = async (query: object) => linesOf((await trailOf(project, { ...query })).body.data)
    for (const actor of [maker.id, maker.id.toUpperCase(), 'foreman', 'Fore'])
      expect(await read({ actor })).toEqual(['pass.rotate Crane'])
    expect(await read({ actor_type: 'pass' })).toEqual(['pass.rotate Crane'])
    for (const target of [first.id, 'CRANE'])
      expect(await read({ target })).toEqual(['pass.revoke Crane', 'pass.rotate Crane', 'pass.create Crane'])
    expect(await read({ target_type: 'project' })).toEqual(['project.create Harbour'])
    expect(await read({ actor: '%' })).toEqual([])
  })

  it('by dates includes the last day', async () => {
    const { project } = await busyProject()
    const read = async (query: object) => linesOf((await trailOf(project, { ...query })).body.data)
    expect(await read({ end_date: '2030-01-15' })).toHaveLength(3)
    expect(await read({ start_date: '2030-01-16' })).toHaveLength(3)
    expect(await read({ start_date: '2030-01-15', end_date: '2030-01-15', action: 'pass.*' })).toEqual([
      'pass.create Crane',
    ])
  })

  it('counts what it leaves, and goes with pages and cursors', async () => {
    const { project } = await busyProject()
    const first = await trailOf(project, { action: 'pass.*', per_page: 3 })
    expect(first.body.meta).toMatchObject({ total: 4, total_pages: 2 })
    const rest = await trailOf(project, { action: 'pass.*', cursor: first.body.meta.next_cursor })
    expect(linesOf(rest.body.data)).toEqual(['pass.create Crane'])
  })

  it.each([
    ['actor_type', 'robot'],
    ['target_type', 'thing'],
    ['start_date', 'yesterday'],
    ['end_date', '2030-02-30'],
    ['action', 'x\0'],
  ])('is refused where it is none: %s=%s', async (name, value) => {
    const { status, body } = await trailOf(await server.createProject(), { [name]: value })
    expect({ status, places: pointersOf(body) }).toEqual({ status: 400, places: [name] })
  })

  it('shows the trail of an organization, to its admins', async () => {
    const { project } = await busyProject()
    const admin = await createUser(server, { [project.organizationId]: 'ADMIN' })
    const { headers } = await signIn(server, admin.email)
    const path = `/v1/api/organizations/${project.organizationId}/audit_events`
    const { body } = await server.http.get(path).set(headers).query({ action: 'project.*' })
    expect(linesOf(body.data)).toEqual(['project.create Harbour'])
    const file = await server.http.get(`${path}/export`).set(headers).query({ action: 'project.*' })
    expect(file.body).toEqual(body.data)
    expect(file.headers['content-disposition']).toMatch(
      /"sentinel-pass-audit-organization-\d{8}T\d{6}Z\.json"$/,
    )
  })
})

describe('an export of the audit trail', () => {
  it('has the events that a filter leaves, as JSON and as JSON lines', async () => {
    const { project } = await busyProject()
    const query = { target: 'Crane' }
    const { body } = await trailOf(project, query)
    expect((await trailOf(project, query, '/export')).body).toEqual(body.data)
    const lines = (await trailOf(project, { ...query, format: 'jsonl' }, '/export').buffer(true)).text.split(
      '\n',
    )
    expect(lines.filter(Boolean).map(line => JSON.parse(line))).toEqual(body.data)
  })

  it('has them as CSV, neutralized and named', async () => {
    const project = await server.createProject('=cmd')
    server.clock.set('2030-01-16T08:00:00.000Z')
    const answer = await trailOf(project, { action: 'project.create', format: 'csv', bom: true }, '/export')
    const [head, row, end] = answer.text.split('\r\n')
    expect(head).toBe(
      '\uFEFFid,created_at,action,actor_type,actor_id,actor_name,target_type,target_id,target_name,client_ip,before,after',
    )
    expect(row).toContain(`,project.create,system,,test,project,${project.projectId},'=cmd,,,`)
    expect(end).toBe('')
    expect(answer.headers['content-disposition']).toBe(
      'attachment; filename="sentinel-pass-audit-project-20300116T080000Z.csv"',
    )
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('of more than its limit is refused with the number, and one of exactly that is whole', async () => {
    const project = await server.createProject()
    const fill = (count: number) =>
      server.deps.database.query(
        `insert into audit_events (id, project_id, actor_type, actor_name, action, target_type, target_id, target_name, created_at)
         select gen_random_uuid(), $1::uuid, 'system', 'test', 'bulk.act', 'project', $1::uuid, 'bulk', $2::timestamptz
         from generate_series(1, $3::int)`,
        [project.projectId, '2030-01-01T00:00:00Z', count],
      )
    await fill(10_000)
    const whole = await trailOf(project, { action: 'bulk.act' }, '/export')
    expect(new Set(whole.body.map((event: Event) => event.id)).size).toBe(10_000)
    await fill(1)
    const { status, body } = await trailOf(project, { action: 'bulk.act' }, '/export')
    expect({ status, rows: body.rows, code: body.code }).toEqual({
      status: 422,
      rows: 10_001,
      code: 'too_many_rows',
    })
    expect((await trailOf(project, { action: 'bulk.act' })).body.meta).toMatchObject({
      total: 10_000,
      total_capped: true,
    })
  })

  it('takes no page', () => {
    expect(() => parseQuery(auditExportQuery, { page: '2' })).toThrow()
  })
})
