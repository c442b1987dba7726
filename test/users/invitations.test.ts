import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn } from '../support/sign-in.ts'

let server: TestServer
let project: TestProject
let headers: Record<string, string>
let invitations: string
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject()
  invitations = `/v1/api/organizations/${project.organizationId}/invitations`
  const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  headers = (await signIn(server, owner.email)).headers
})

const attributes = (values: object) => ({ data: { attributes: values } })
const guest = () => `${crypto.randomUUID()}@example.test`
const accept = (values: object) => server.http.post('/v1/api/invitations/accept').send(attributes(values))
async function invite(email: string, role = 'MEMBER') {
  const { body } = await server.http.post(invitations).set(headers).send(attributes({ email, role }))
  return { id: body.data.id, secret: body.meta.invitation.secret, link: body.meta.invitation.link }
}

describe('an invitation', () => {
  it('makes an account with the role, once', async () => {
    const email = guest()
    const { secret, link } = await invite(email.toUpperCase())
    expect(link).toBe(`${server.url}/console/invitation#${secret}`)
    const joined = await accept({ secret, name: 'New Person', password: PASSWORD })
    expect([joined.status, joined.body.data.attributes]).toMatchObject([200, { email, role: 'MEMBER' }])
    const theirs = (await signIn(server, email)).headers
    expect((await server.http.get(project.path).set(theirs)).status).toBe(200)
    expect((await accept({ secret, name: 'Again', password: PASSWORD })).status).toBe(404)
  })

  it('is accepted by one of two at the same moment', async () => {
    const { secret } = await invite(guest())
    const twice = ['One', 'Two'].map(name => accept({ secret, name, password: PASSWORD }))
    const statuses = (await Promise.all(twice)).map(answer => answer.status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 404])
  })

  it('joins an account that proves its password, and no other', async () => {
    const user = await createUser(server)
    const { secret } = await invite(user.email, 'VIEWER')
    const refused = await accept({ secret, password: 'not the password' })
    expect([refused.status, refused.body.code]).toEqual([403, 'password_refused'])
    expect((await accept({ secret, password: PASSWORD })).body.data.id).toBe(user.id)
  })

  it('names all that a new account lacks', async () => {
    const { secret } = await invite(guest())
    const { status, body } = await accept({ secret, password: 'short' })
    expect([status, body.errors.map((fault: { pointer: string }) => fault.pointer)]).toEqual([
      400,
      ['/data/attributes/name', '/data/attributes/password'],
    ])
  })

  it('is good for nothing once it is taken back, or after a week', async () => {
    const back = await invite(guest())
    expect((await server.http.delete(`${invitations}/${back.id}`).set(headers)).status).toBe(204)
    const late = await invite(guest())
    server.clock.advance({ days: 7 })
    for (const { secret } of [back, late])
      expect((await accept({ secret, name: 'Late', password: PASSWORD })).status).toBe(404)
  })

  it('is listed without its secret, which is nowhere in the database', async () => {
    const { secret } = await invite(guest())
    const { text } = await server.http.get(invitations).set(headers)
    const rows = await server.deps.database.query('select to_jsonb(i) as row from invitations i')
    for (const shown of [text, JSON.stringify(rows)]) expect(shown).not.toContain(secret)
  })

  it.each(['', 'spi_nonsense', 'x'.repeat(500)])('with the secret %j is none', async secret => {
    expect((await accept({ secret, name: 'Nobody', password: PASSWORD })).status).toBe(404)
  })
})
