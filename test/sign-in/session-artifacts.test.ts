import { SessionArtifactStore } from '../../src/sign-in/session-artifact.store.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser } from '../support/sign-in.ts'

let server: TestServer
let store: SessionArtifactStore
beforeAll(async () => {
  server = await startServer()
  store = new SessionArtifactStore(server.deps.database, server.clock)
})
afterAll(() => server.close())

const id = () => crypto.randomUUID()

describe('what is kept of people who sign in', () => {
  it('is consumed by one of many at once, and says from then on that it was', async () => {
    const code = id()
    await store.upsert('AuthorizationCode', code, { grantId: 'g' }, 60)
    expect((await store.find('AuthorizationCode', code))?.consumed).toBeUndefined()
    const tries = await Promise.all(Array.from({ length: 8 }, () => store.consume('AuthorizationCode', code)))
    expect(tries.filter(Boolean)).toHaveLength(1)
    expect((await store.find('AuthorizationCode', code))?.consumed).toBe(true)
  })

  it('is not consumed where it is not, or is no longer', async () => {
    const code = id()
    await store.upsert('AuthorizationCode', code, {}, 60)
    server.clock.advance({ seconds: 60 })
    expect(await store.consume('AuthorizationCode', code)).toBe(false)
    expect(await store.consume('AuthorizationCode', id())).toBe(false)
  })

  it('is found until its time, under its own kind, by its id or its uid', async () => {
    const session = id()
    const uid = id()
    await store.upsert('Session', session, { uid, jti: session }, 60)
    expect(await store.find('Session', session)).toEqual({ uid, jti: session })
    expect(await store.findByUid('Session', uid)).toEqual({ uid })
    expect(await store.find('Grant', session)).toBeUndefined()
    server.clock.advance({ seconds: 60 })
    expect(await store.find('Session', session)).toBeUndefined()
    expect(await store.findByUid('Session', uid)).toBeUndefined()
  })

  it('is gone with its user’s epoch, and comes not back', async () => {
    const user = await createUser(server)
    const [session, uid] = [id(), id()]
    await store.upsert('Session', session, { uid, accountId: `${user.id}.1` }, 60)
    await server.deps.database.query(
      `insert into user_sessions (id, user_id, uid, login_ts, signed_in_at, last_used_at, expires_at, client_ip, user_agent)
       values ($1, $2, $3, 1, now(), now(), '2100-01-01', '', '')`,
      [crypto.randomUUID(), user.id, uid],
    )
    expect(await store.find('Session', session)).toBeDefined()
    await server.deps.database.query('update users set epoch = 2 where id = $1', [user.id])
    expect(await store.find('Session', session)).toBeUndefined()
    expect(await store.findByUid('Session', uid)).toBeUndefined()
  })

  it('goes with its grant, and no other does', async () => {
    const [grant, token, other] = [id(), id(), id()]
    await store.upsert('Grant', grant, {}, 60)
    await store.upsert('AccessToken', token, { grantId: grant }, 60)
    await store.upsert('AccessToken', other, { grantId: id() }, 60)
    await store.revokeGrant(grant)
    expect(await store.find('Grant', grant)).toBeUndefined()
    expect(await store.find('AccessToken', token)).toBeUndefined()
    expect(await store.find('AccessToken', other)).toBeDefined()
  })
})
