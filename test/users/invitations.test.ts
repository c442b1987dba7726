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

  it('tells the same faults whether its address has an account or not', async () => {
    const known = await createUser(server)
    const answers = async (values: object) => {
      const secrets = [(await invite(known.email)).secret, (await invite(guest())).secret]
      const got = []
      for (const secret of secrets) {
        const { status, body } = await accept({ secret, ...values })
        const { instance: _instance, ...rest } = body
        got.push({ status, rest })
      }
      return got
    }
    for (const [values, status, code] of [
      [{ password: 'not the password' }, 403, 'password_refused'],
      [{ password: 'short' }, 403, 'password_refused'],
      [{ password: 'short', code: '123456' }, 403, 'password_refused'],
      [{ name: 'Somebody', password: 'short' }, 400, 'validation_failed'],
      [{ name: ' ', password: PASSWORD }, 400, 'validation_failed'],
      [{ name: 'Somebody' }, 400, 'validation_failed'],
    ] as const) {
      const [real, unreal] = await answers(values)
      expect([values, real?.status, real?.rest.code]).toEqual([values, status, code])
      expect(unreal).toEqual(real)
    }
  })

  it('is slowed alike for an address that has an account and one that has none', async () => {
    const known = await createUser(server)
    for (const email of [known.email, guest()]) {
      const { secret } = await invite(email)
      const statuses: number[] = []
      for (let tries = 0; tries < 6; tries += 1)
        statuses.push((await accept({ secret, password: 'not the password' })).status)
      expect([email, statuses]).toEqual([email, [403, 403, 403, 403, 403, 429]])
    }
  })

  it('is answered the same by both of its routes, whether its address has an account or not', async () => {
    const known = await createUser(server)
    const shape = async (path: string, email: string) => {
      const answer = await server.http
        .post(`/v1/api/organizations/${project.organizationId}/${path}`)
        .set(headers)
        .send(attributes({ email, role: 'ADMIN' }))
      const { id } = answer.body.data
      expect(answer.headers.location).toBe(`${invitations}/${id}`)
      const { secret } = answer.body.meta.invitation
      const text = answer.text.replaceAll(id, 'ID').replaceAll(secret, 'SECRET').replaceAll(email, 'EMAIL')
      return [answer.status, Object.keys(answer.headers).toSorted(), text]
    }
    const made = await shape('members', known.email)
    expect(made[0]).toBe(201)
    expect(await shape('members', guest())).toEqual(made)
    expect(await shape('invitations', known.email)).toEqual(made)
    expect(await shape('invitations', guest())).toEqual(made)
    const members = await server.http
      .get(`/v1/api/organizations/${project.organizationId}/members`)
      .set(headers)
    expect(members.body.data).toHaveLength(1)
  })

  it('takes the place of an earlier one to the same address: the last role is the one that counts', async () => {
    const email = guest()
    const high = await invite(email, 'OWNER')
    const low = await invite(`  ${email.toUpperCase()} `, 'VIEWER')
    expect((await accept({ secret: high.secret, name: 'New', password: PASSWORD })).status).toBe(404)
    const joined = await accept({ secret: low.secret, name: 'New', password: PASSWORD })
    expect(joined.body.data.attributes.role).toBe('VIEWER')
    const again = await server.http
      .post(invitations)
      .set(headers)
      .send(attributes({ email, role: 'OWNER' }))
    expect([again.status, again.body.code]).toEqual([409, 'already_member'])
  })

  it('to the owner’s own address is refused: they are in already', async () => {
    const own = (await server.http.get('/v1/api/me').set(headers)).body.data.attributes.email
    for (const path of ['members', 'invitations']) {
      const { status, body } = await server.http
        .post(`/v1/api/organizations/${project.organizationId}/${path}`)
        .set(headers)
        .send(attributes({ email: own, role: 'VIEWER' }))
      expect([status, body.code]).toEqual([409, 'already_member'])
    }
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
