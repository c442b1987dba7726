import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn, type TestUser } from '../support/sign-in.ts'

let server: TestServer
let first: TestProject
let instanceOwner: TestUser
let asInstance: Headers
beforeAll(async () => {
  server = await startServer({ env: { ORGANIZATION_CREATION: 'anyone' } })
  first = await server.createProject('First')
  instanceOwner = await createUser(server, { [first.organizationId]: 'OWNER' })
})
afterAll(() => server.close())
beforeEach(async () => {
  server.clock.advance({ minutes: 1 })
  asInstance = (await signIn(server, instanceOwner.email)).headers
})

type Headers = Record<string, string>
const attributes = (values: object) => ({ data: { attributes: values } })
const guest = () => `${crypto.randomUUID()}@example.test`
const organizationOf = ({ organizationId }: Pick<TestProject, 'organizationId'>) =>
  `/v1/api/organizations/${organizationId}`
const join = (secret: string, password: string, name?: string) =>
  server.http.post('/v1/api/invitations/accept').send(attributes({ secret, name, password }))
async function invite(where: string, as: Headers, email: string, role = 'VIEWER'): Promise<string> {
  const { body } = await server.http.post(`${where}/invitations`).set(as).send(attributes({ email, role }))
  return body.meta.invitation.secret
}
async function found(as: Headers): Promise<string> {
  const { status, headers } = await server.http
    .post('/v1/api/organizations')
    .set(as)
    .send(attributes({ name: 'Own' }))
  expect(status).toBe(201)
  return String(headers.location)
}
const release = (email: string, as: Headers) =>
  server.http.post('/v1/api/released_addresses').set(as).send(attributes({ email }))

describe('an organization that anybody made', () => {
  it('takes no address: its links let in who has an account, and tell nothing of who has none', async () => {
    const stranger = await createUser(server)
    const as = (await signIn(server, stranger.email)).headers
    const own = await found(as)
    const [known, unknown] = [(await createUser(server)).email, guest()]
    const answers = []
    for (const email of [known, unknown]) {
      const { status, body } = await join(await invite(own, as, email), 'chosen by the stranger', 'Stranger')
      const { instance: _instance, ...rest } = body
      answers.push({ status, rest })
    }
    expect(answers[0]).toMatchObject({ status: 403, rest: { code: 'password_refused' } })
    expect(answers[1]).toEqual(answers[0])
    await expect(signIn(server, unknown, { password: 'chosen by the stranger' })).rejects.toThrow('401')

    expect((await join(await invite(own, as, known), PASSWORD)).status).toBe(200)
    const secret = await invite(organizationOf(first), asInstance, unknown)
    expect((await join(secret, 'chosen by whose it is', 'Whose it is')).status).toBe(200)
    await signIn(server, unknown, { password: 'chosen by whose it is' })
  })

  it('is told from one that an owner of the instance made', async () => {
    const stranger = await createUser(server)
    const own = await found((await signIn(server, stranger.email)).headers)
    const made = await found(asInstance)
    const makes = async (path: string) => {
      const id = path.split('/').at(-1)
      const [row] = await server.deps.database.query<{ makes: boolean }>(
        'select makes_accounts as makes from organizations where id = $1',
        [id],
      )
      return row?.makes
    }
    expect([await makes(own), await makes(made)]).toEqual([false, true])
  })
})

describe('an address that an organization gave to somebody else', () => {
  it('is given back by an owner of the instance, with nothing of the account that had it', async () => {
    const project = await server.createProject()
    const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
    const asOwner = (await signIn(server, owner.email)).headers
    const email = guest()
    await join(await invite(organizationOf(project), asOwner, email), 'taken by the owner', 'Not them')
    const taken = await signIn(server, email, { password: 'taken by the owner' })

    expect((await release(` ${email.toUpperCase()}`, asInstance)).status).toBe(204)
    expect((await server.http.get('/v1/api/me').set(taken.headers)).status).toBe(401)
    await expect(signIn(server, email, { password: 'taken by the owner' })).rejects.toThrow('401')

    const secret = await invite(organizationOf(first), asInstance, email)
    const joined = await join(secret, 'chosen by whose it is', 'Whose it is')
    expect(joined.status).toBe(200)
    const real = await signIn(server, email, { password: 'chosen by whose it is' })
    const { body } = await server.http.get('/v1/api/me').set(real.headers)
    expect(body.data.attributes.organizations).toMatchObject([{ id: first.organizationId }])
    const members = await server.http.get(`${organizationOf(project)}/members`).set(asOwner)
    const emails = members.body.data.map((one: { attributes: { email: string } }) => one.attributes.email)
    expect(emails).toHaveLength(2)
    expect(emails).not.toContain(email)

    const trail = await server.http.get(`${organizationOf(first)}/audit_events`).set(asInstance)
    const event = trail.body.data.find(
      (one: { attributes: { action: string } }) => one.attributes.action === 'user.release_address',
    )
    expect(event.attributes).toMatchObject({ actor: { id: instanceOwner.id }, before: { email } })
  })

  it('is given back by nobody else, and the answer does not tell who has one', async () => {
    const project = await server.createProject()
    const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
    const asOwner = (await signIn(server, owner.email)).headers
    const other = await createUser(server)
    const refused = await release(other.email, asOwner)
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden'])
    await signIn(server, other.email)
    const [real, unreal] = [await release(other.email, asInstance), await release(guest(), asInstance)]
    expect([real.status, real.text]).toEqual([unreal.status, unreal.text])
    const own = await release(instanceOwner.email, asInstance)
    expect([own.status, own.body.code]).toEqual([403, 'forbidden'])
    expect((await release('no address', asInstance)).status).toBe(400)
  })

  it('is confirmed by the link of an invitation to the first organization', async () => {
    const project = await server.createProject()
    const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
    const asOwner = (await signIn(server, owner.email)).headers
    const email = guest()
    await join(await invite(organizationOf(project), asOwner, email), PASSWORD, 'Themselves')
    const vouchedBy = async () =>
      (
        await server.deps.database.query<{ id: string | null }>(
          'select vouched_by as id from users where email = $1',
          [email],
        )
      )[0]?.id
    expect(await vouchedBy()).toBe(project.organizationId)
    await join(await invite(organizationOf(first), asInstance, email), PASSWORD)
    expect(await vouchedBy()).toBeNull()
  })
})

describe('the spelling of an address', () => {
  it.each([
    ['ÅNGSTRÖM', 'A\u030angstro\u0308m'],
    ['Ada', 'aDA'],
  ])('%s is that of %s: one person', async (one, other) => {
    const domain = `${crypto.randomUUID()}.test`
    const project = await server.createProject()
    const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
    const asOwner = (await signIn(server, owner.email)).headers
    const secret = await invite(organizationOf(project), asOwner, `${one}@${domain}`)
    await join(secret, PASSWORD, 'Somebody')
    const again = await server.http
      .post(`${organizationOf(project)}/invitations`)
      .set(asOwner)
      .send(attributes({ email: ` ${other}@${domain.toUpperCase()} `, role: 'VIEWER' }))
    expect([again.status, again.body.code]).toEqual([409, 'already_member'])
  })

  it.each(['a\u200bda@example.test', 'ad\u00ada@example.test', 'a\u202eda@example.test', 'a b@example.test'])(
    'that shows as another is none: %j',
    async email => {
      const { status, body } = await server.http
        .post(`${organizationOf(first)}/invitations`)
        .set(asInstance)
        .send(attributes({ email, role: 'VIEWER' }))
      expect([status, body.errors]).toMatchObject([400, [{ pointer: '/data/attributes/email' }]])
    },
  )
})
