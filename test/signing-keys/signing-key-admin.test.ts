import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
let operator: TestProject
let other: TestProject
beforeAll(async () => {
  server = await startServer()
  operator = await server.createProject('Operator')
  server.clock.advance({ seconds: 1 })
  other = await server.createProject('Other')
})
afterAll(() => server.close())

const keysOf = ({ organizationId }: TestProject) => `/v1/api/organizations/${organizationId}/signing_keys`

async function ownerOf(project: TestProject): Promise<Record<string, string>> {
  const user = await createUser(server, { [project.organizationId]: 'OWNER' })
  return (await signIn(server, user.email)).headers
}

/** Of the algorithm that the tests rotate. */
const publishedKids = async (): Promise<string[]> => {
  const { body } = await server.http.get('/.well-known/jwks.json')
  return body.keys
    .filter((key: { alg: string }) => key.alg === 'EdDSA')
    .map((key: { kid: string }) => key.kid)
}

const isEdDSA = ({ attributes }: { attributes: { alg: string } }) => attributes.alg === 'EdDSA'

describe('the signing keys', () => {
  it('are listed, replaced and withdrawn by an owner of the operator, and that is on the record', async () => {
    const headers = await ownerOf(operator)
    const listed = await server.http.get(keysOf(operator)).set(headers)
    expect(listed.body.data).toHaveLength(3)
    const first = listed.body.data.find(isEdDSA)
    expect(first).toMatchObject({ type: 'signing_key', attributes: { alg: 'EdDSA', pulledAt: null } })
    expect(listed.text).not.toMatch(/"d"|sealed/)

    const rotation = { data: { attributes: { alg: 'EdDSA' } } }
    const rotated = await server.http.post(keysOf(operator)).set(headers).send(rotation)
    expect(rotated.status).toBe(201)
    const inTenMinutes = new Date(server.clock.now() + 600_000).toISOString()
    expect(rotated.body.data.attributes.activeFrom).toBe(inTenMinutes)
    expect(await publishedKids()).toEqual([rotated.body.data.id, first.id])
    // One that is under way is enough.
    const again = await server.http.post(keysOf(operator)).set(headers).send(rotation)
    expect(again.body.data.id).toBe(rotated.body.data.id)

    expect((await server.http.delete(`${keysOf(operator)}/${first.id}`).set(headers)).status).toBe(204)
    expect(await publishedKids()).toEqual([rotated.body.data.id])
    expect((await server.http.delete(`${keysOf(operator)}/${first.id}`).set(headers)).status).toBe(404)

    const audit = await server.http
      .get(`/v1/api/organizations/${operator.organizationId}/audit_events`)
      .set(headers)
    const acts = audit.body.data.map(
      ({ attributes }: { attributes: { action: string; target: { name: string } } }) =>
        `${attributes.action} ${attributes.target.name}`,
    )
    expect(acts.slice(0, 2).toSorted()).toEqual([
      `signing_key.pull ${first.id}`,
      `signing_key.rotate ${rotated.body.data.id}`,
    ])
    const changesOf = (act: string) => {
      const { before, after } = audit.body.data.find(
        ({ attributes }: { attributes: { action: string } }) => attributes.action === act,
      ).attributes
      return { before, after }
    }
    const { alg, activeFrom } = rotated.body.data.attributes
    expect(changesOf('signing_key.rotate')).toEqual({ before: null, after: { alg, activeFrom } })
    const pulledAt = server.clock.date().toISOString()
    expect(changesOf('signing_key.pull')).toEqual({
      before: { pulledAt: null },
      after: { alg: first.attributes.alg, pulledAt },
    })
  })

  it('sign the ID tokens of people as well, from the moment that they change', async () => {
    const headers = await ownerOf(operator)
    const { body } = await server.http.get(keysOf(operator)).set(headers)
    await server.http.delete(`${keysOf(operator)}/${body.data.find(isEdDSA).id}`).set(headers)
    const user = await createUser(server, { [operator.organizationId]: 'VIEWER' })
    const { idToken = '' } = await signIn(server, user.email)
    const published = await server.http.get('/.well-known/jwks.json')
    const keys: JSONWebKeySet = published.body
    const { payload } = await jwtVerify(idToken, createLocalJWKSet(keys), { issuer: server.url })
    expect(payload.sub).toBe(user.id)
  })

  it('are nobody else’s: to owners of other organizations there are none', async () => {
    const headers = await ownerOf(other)
    const answers = [
      await server.http.get(keysOf(other)).set(headers),
      await server.http.post(keysOf(other)).set(headers).send({}),
      await server.http.delete(`${keysOf(other)}/any`).set(headers),
      await server.http.get(keysOf(operator)).set(headers),
    ]
    expect(answers.map(answer => answer.status)).toEqual([404, 404, 404, 404])
    const key = await server.http.get(keysOf(operator)).set('Api-Key', operator.apiKey)
    expect(key.status).toBe(403)
  })

  it('say all that is wrong with a rotation', async () => {
    const headers = await ownerOf(operator)
    const answer = await server.http
      .post(keysOf(operator))
      .set(headers)
      .send({ data: { attributes: { alg: 'none', more: 1 } } })
    expect(answer.status).toBe(400)
    expect(answer.body.errors).toHaveLength(2)
  })
})
