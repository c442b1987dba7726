import { ReplayStore } from '../../src/oauth/replay.store.ts'
import { maxTokenTtlSeconds } from '../../src/platform/config.ts'
import { OVERLAP_MS } from '../../src/signing-keys/signing-key-schedule.ts'
import { managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn } from '../support/sign-in.ts'

const RETENTION_DAYS = 30
const TURN_MS = 300_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let server: TestServer
beforeAll(async () => {
  server = await startServer({ env: { RETENTION_DAYS: String(RETENTION_DAYS) } })
})
afterAll(() => server.close())
// What a test leaves behind is deleted before the next one.
beforeEach(async () => {
  server.clock.advance({ days: 2 * 365 })
  await server.deps.retention.run()
})

const count = async (what: string, on = server): Promise<number> =>
  (await on.deps.database.query<{ count: number }>(`select count(*)::int as count from ${what}`))[0]?.count ??
  0
const attributes = (values: object) => ({ data: { attributes: values } })

async function turnAt(instant: number, on = server) {
  on.clock.set(instant)
  const swept = await on.deps.retention.run()
  if (!swept) throw new Error('It was not its turn')
  return swept
}

/** Asserts that a chore leaves what there is until its time is over, and deletes it then. */
async function expectDeleted(chore: string, end: number, rows = 1, on = server): Promise<void> {
  expect(await turnAt(end - 1, on)).toMatchObject({ [chore]: 0 })
  expect(await turnAt(end - 1 + TURN_MS, on)).toMatchObject({ [chore]: rows })
}

describe('of tokens and keys, what is past its time', () => {
  it('is a secret whose grace period is over; the one in its place stays', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const rotated = await managementOf(server, project).act(pass.id, 'rotate_key', {
      gracePeriodSeconds: 3600,
    })
    await expectDeleted('pass_secrets', server.clock.now() + HOUR_MS)
    expect(await count(`pass_secrets where pass_id = '${pass.id}'`)).toBe(1)
    expect(await server.fetchToken(rotated.body.meta.credentials)).toEqual(expect.any(String))
  })

  it('is that a token was revoked, when it would have ended', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { tokenTtl: 900 })
    const token = await server.fetchToken(pass.credentials)
    const form = server.http.post('/v1/api/oauth/revoke').set('Api-Key', project.apiKey).type('form')
    expect((await form.send({ token })).status).toBe(200)
    await expectDeleted('ended_tokens', server.clock.now() + 900_000)
    expect(await count('ended_tokens')).toBe(0)
  })

  it('is that an assertion was used, when it could not be used anyway', async () => {
    const replays = new ReplayStore(server.deps.database, server.clock)
    expect(await replays.claim('once', 3600)).toBe(true)
    await expectDeleted('replay_ids', server.clock.now() + HOUR_MS)
    expect(await count('replay_ids')).toBe(0)
  })

  it('is a signing key, the retention period after the last of its tokens can have ended', async () => {
    const { store: signingKeys } = server.deps.signingKeys
    const next = await signingKeys.rotate('EdDSA')
    const lastEnd = server.clock.now() + OVERLAP_MS + maxTokenTtlSeconds * 1000
    await expectDeleted('signing_keys', lastEnd + RETENTION_DAYS * DAY_MS)
    const kept = (await signingKeys.list()).filter(({ alg }) => alg === 'EdDSA')
    expect(kept.map(({ kid }) => kid)).toEqual([next.kid])
  })

  it('is a signing key that was pulled, after the retention period', async () => {
    const { store: signingKeys } = server.deps.signingKeys
    const [{ kid = '' } = {}] = await signingKeys.list()
    expect(await signingKeys.pull(kid)).toBe(true)
    await expectDeleted('signing_keys', server.clock.now() + RETENTION_DAYS * DAY_MS + 1)
    const kept = await signingKeys.list()
    expect(kept).toHaveLength(3)
    expect(kept.map(key => key.kid)).not.toContain(kid)
  })
})

describe('of people, what is past its time', () => {
  it('is a session after 12 hours, and all of a sign-in after a day', async () => {
    const user = await createUser(server)
    await signIn(server, user.email)
    const begun = server.clock.now()
    const sessions = () => count("oidc_artifacts where model = 'Session'")
    await turnAt(begun + 12 * HOUR_MS - 1)
    expect(await sessions()).toBe(1)
    await turnAt(begun + 12 * HOUR_MS - 1 + TURN_MS)
    expect(await sessions()).toBe(0)
    expect((await turnAt(begun + 24 * HOUR_MS)).sessions).toBeGreaterThan(0)
    expect(await count('oidc_artifacts')).toBe(0)
  })

  it('is that a sign-in failed, after a day', async () => {
    const proof = { email: 'nobody@example.test', password: 'wrong', code: '', clientIp: '192.0.2.1' }
    expect(await server.deps.signIn.service.judge(proof)).toEqual({ kind: 'refused' })
    await expectDeleted('sign_in_attempts', server.clock.now() + DAY_MS)
    expect(await count('sign_in_attempts')).toBe(0)
  })

  it('is the link of a password reset after a day, and not the account', async () => {
    const { organizationId } = await server.createProject()
    const owner = await createUser(server, { [organizationId]: 'OWNER' })
    const member = await createUser(server, { [organizationId]: 'MEMBER' })
    const { headers } = await signIn(server, owner.email)
    const reset = await server.http
      .post(`/v1/api/organizations/${organizationId}/members/${member.id}/password_reset`)
      .set(headers)
    expect(reset.status).toBe(201)
    await expectDeleted('password_resets', server.clock.now() + DAY_MS)
    expect(await count('users where reset_digest is not null or reset_expires_at is not null')).toBe(0)
    expect((await signIn(server, member.email)).token).toEqual(expect.any(String))
  })

  it('is an invitation, used or not, the retention period after its seven days', async () => {
    const { organizationId } = await server.createProject()
    const owner = await createUser(server, { [organizationId]: 'OWNER' })
    const { headers } = await signIn(server, owner.email)
    const invite = (email: string) =>
      server.http
        .post(`/v1/api/organizations/${organizationId}/invitations`)
        .set(headers)
        .send(attributes({ email, role: 'MEMBER' }))
    await invite('open@example.test')
    const { secret } = (await invite('used@example.test')).body.meta.invitation
    const accepted = { secret, name: 'New Person', password: PASSWORD }
    expect((await server.http.post('/v1/api/invitations/accept').send(attributes(accepted))).status).toBe(200)
    await expectDeleted('invitations', server.clock.now() + (7 + RETENTION_DAYS) * DAY_MS, 2)
    expect((await signIn(server, 'used@example.test')).token).toEqual(expect.any(String))
  })
})

describe('of a project, what is past its time', () => {
  it('is an API key, the retention period after it has expired; one without an end stays', async () => {
    const project = await server.createProject()
    const end = server.clock.now() + DAY_MS
    const made = await server.http
      .post(`${project.path}/api_keys`)
      .set('Api-Key', project.apiKey)
      .send(attributes({ expiresAt: new Date(end).toISOString() }))
    expect(made.status).toBe(201)
    await expectDeleted('api_keys', end + RETENTION_DAYS * DAY_MS)
    expect((await server.http.get(project.path).set('Api-Key', project.apiKey)).status).toBe(200)
  })

  it('is its audit trail after a year', async () => {
    const project = await server.createProject()
    await server.createPass(project)
    const events = await count('audit_events')
    expect(events).toBeGreaterThan(0)
    await expectDeleted('audit_events', server.clock.now() + 365 * DAY_MS, events)
  })

  it('is its audit trail after the retention period, where that is more than a year', async () => {
    const keeping = await startServer({ env: { RETENTION_DAYS: '400' } })
    try {
      await keeping.createPass(await keeping.createProject())
      const events = await count('audit_events', keeping)
      await expectDeleted('audit_events', keeping.clock.now() + 400 * DAY_MS, events, keeping)
    } finally {
      await keeping.close()
    }
  })
})
