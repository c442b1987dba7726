import { Migration20261127041109_membership_by_consent as Consent } from '../../migrations/Migration20261127041109_membership_by_consent.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const ALL = { page: 1, per_page: 100 } as const

/** Does what the migration does to rows that are there. */
async function migrateRows(): Promise<void> {
  const em = server.deps.database.em()
  const migration = new Consent(em.getDriver(), em.config)
  migration.up()
  const statements = migration.getQueries().map(String)
  const ofRows = statements.filter(statement => /^(update|delete) /.test(statement))
  expect(ofRows.length).toBeGreaterThan(4)
  for (const statement of ofRows) await server.deps.database.query(statement)
}

async function note(event: {
  organizationId: string
  action: string
  actorId: string
  target: string
  type: string
  at?: Date
}) {
  await server.deps.database.query(
    `insert into audit_events (id, organization_id, actor_type, actor_id, actor_name, action, target_type, target_id,
       target_name, client_ip, created_at)
     values (gen_random_uuid(), $1, 'user', $2, 'x', $3, $4, $5, 'x', '10.0.0.1', $6)`,
    [
      event.organizationId,
      event.actorId,
      event.action,
      event.type,
      event.target,
      (event.at ?? server.clock.date()).toISOString(),
    ],
  )
}

it('leaves each event of an account once, with the person, and none with their organizations', async () => {
  const [one, two] = [await server.createProject(), await server.createProject()]
  const user = await createUser(server)
  const event = { actorId: user.id, target: user.id, type: 'user' }
  for (const { organizationId } of [one, two])
    for (const action of ['user.sign_in', 'user.delete']) await note({ ...event, organizationId, action })
  await migrateRows()
  const { items } = await server.deps.audit.store.list({ accountId: user.id }, ALL)
  expect(items.map(({ action, clientIp }) => [action, clientIp])).toEqual([['user.sign_in', '10.0.0.1']])
  for (const { organizationId } of [one, two]) {
    const kept = await server.deps.audit.store.list({ organizationId }, ALL)
    const theirs = kept.items.filter(({ targetId }) => targetId === user.id)
    expect(theirs.map(({ action, clientIp }) => [action, clientIp])).toEqual([['user.delete', null]])
  }
})

it('finds by the trail whose invitation made an account, who made it, and who makes accounts', async () => {
  const { database } = server.deps
  const first = await server.createProject('First')
  server.clock.advance({ minutes: 1 })
  const [trusted, strangers] = [await server.createProject(), await server.createProject()]
  const [operators] = await database.query<{ id: string }>(
    'select id from organizations order by created_at, id limit 1',
  )
  const owner = await createUser(server, { [operators?.id ?? first.organizationId]: 'OWNER' })
  const stranger = await createUser(server, { [strangers.organizationId]: 'OWNER' })
  await database.query(
    `update audit_events set actor_type = 'user', actor_id = $2
    where action = 'organization.create' and organization_id = $1`,
    [trusted.organizationId, owner.id],
  )
  await database.query(
    `update audit_events set actor_type = 'user', actor_id = $2
    where action = 'organization.create' and organization_id = $1`,
    [strangers.organizationId, stranger.id],
  )
  const joined = async (organizationId: string, minutesAfter: number) => {
    const user = await createUser(server)
    const at = new Date(server.clock.now() + minutesAfter * 60_000)
    const target = crypto.randomUUID()
    await note({
      organizationId,
      action: 'invitation.accept',
      actorId: user.id,
      target,
      type: 'invitation',
      at,
    })
    return user.id
  }
  const made = await joined(strangers.organizationId, 0)
  const had = await joined(strangers.organizationId, 2)
  const operator = await joined(operators?.id ?? '', 0)
  const system = { type: 'user', id: owner.id, name: 'x', clientIp: null } as const
  const input = { email: 'x@example.test', role: 'VIEWER' } as const
  const { invitation } = await server.deps.users.invitations.create(trusted.organizationId, system, input)
  await database.query('update organizations set makes_accounts = false')
  await database.query('update invitations set invited_by = null')
  await migrateRows()

  const vouched = await database.query<{ id: string; by: string | null }>(
    'select id, vouched_by as by from users where id = any($1::uuid[])',
    [[made, had, operator]],
  )
  expect(new Map(vouched.map(({ id, by }) => [id, by]))).toEqual(
    new Map([
      [made, strangers.organizationId],
      [had, null],
      [operator, null],
    ]),
  )
  const makers = await database.query<{ id: string }>('select id from organizations where makes_accounts')
  const ids = makers.map(({ id }) => id)
  expect(ids).toContain(operators?.id)
  expect(ids).toContain(trusted.organizationId)
  expect(ids).not.toContain(strangers.organizationId)
  expect(
    await database.query('select invited_by as by from invitations where id = $1', [invitation.id]),
  ).toEqual([{ by: owner.id }])
})
