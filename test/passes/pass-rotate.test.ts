import { introspect, managementOf, requestToken } from '../support/management.ts'
import { startServer, type TestCredentials, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

async function newPass(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, fields)
  const passes = managementOf(server, project)
  const rotate = async (gracePeriodSeconds?: number): Promise<TestCredentials> => {
    const body = gracePeriodSeconds === undefined ? undefined : { gracePeriodSeconds }
    const answer = await passes.act(pass.id, 'rotate_key', body)
    expect(answer.status).toBe(200)
    return answer.body.meta.credentials
  }
  const attributes = async () => (await passes.read(pass.id)).body.data.attributes
  return { project, pass, passes, first: pass.credentials, rotate, attributes }
}

/** Which of these credentials get a token now. */
async function working(...credentials: TestCredentials[]): Promise<boolean[]> {
  const answers: boolean[] = []
  for (const one of credentials) {
    const { status, body } = await requestToken(server, one)
    expect(status === 200 || body.error === 'invalid_client').toBe(true)
    answers.push(status === 200)
  }
  return answers
}

describe('rotating the secret', () => {
  it('answers the pass and the new credentials, not to be stored by a cache', async () => {
    const { pass, passes, attributes } = await newPass()
    const answer = await passes.act(pass.id, 'rotate_key')
    expect(answer.status).toBe(200)
    expect(answer.get('Cache-Control')).toBe('no-store')
    expect(answer.body.data.attributes).toEqual(await attributes())
    expect(answer.body.meta.credentials).toEqual({
      ...pass.credentials,
      clientSecret: expect.stringMatching(/^sps_[0-9A-Za-z]{49}$/),
    })
    expect(answer.body.meta.credentials.clientSecret).not.toBe(pass.credentials.clientSecret)
  })

  it('sets lastRotatedAt', async () => {
    const { rotate, attributes } = await newPass()
    server.clock.advance({ hours: 1 })
    const rotatedAt = server.clock.date().toISOString()
    await rotate()
    server.clock.advance({ hours: 1 })
    expect((await attributes()).lastRotatedAt).toBe(rotatedAt)
  })

  it.each([undefined, 0])('ends the old secret at once with the grace period %s', async grace => {
    const { first, rotate, attributes } = await newPass()
    expect(await working(first)).toEqual([true])
    const second = await rotate(grace)
    expect(await working(first, second)).toEqual([false, true])
    expect((await attributes()).secrets).toHaveLength(1)
  })

  it('lets the old secret live for the grace period and not a moment longer', async () => {
    const { first, rotate, attributes } = await newPass()
    const rotatedAt = server.clock.now()
    const second = await rotate(3600)
    const { secrets } = await attributes()
    expect(secrets.map((secret: { expiresAt: string | null }) => secret.expiresAt)).toEqual([
      null,
      new Date(rotatedAt + 3_600_000).toISOString(),
    ])
    server.clock.set(rotatedAt + 3_599_999)
    expect(await working(first, second)).toEqual([true, true])
    server.clock.set(rotatedAt + 3_600_000)
    expect(await working(first, second)).toEqual([false, true])
    expect((await attributes()).secrets).toHaveLength(1)
  })

  it('leaves at most two secrets when it is done again within the grace period', async () => {
    const { first, rotate, attributes } = await newPass()
    const second = await rotate(3600)
    const third = await rotate(3600)
    expect(await working(first, second, third)).toEqual([false, true, true])
    const fourth = await rotate(60)
    expect(await working(first, second, third, fourth)).toEqual([false, false, true, true])
    expect((await attributes()).secrets).toHaveLength(2)
  })

  it('ends both old secrets when it is done within the grace period without one', async () => {
    const { first, rotate } = await newPass()
    const second = await rotate(3600)
    const third = await rotate()
    expect(await working(first, second, third)).toEqual([false, false, true])
  })

  it('does not bring a secret back that was outlived', async () => {
    const { first, rotate, attributes } = await newPass()
    const second = await rotate(60)
    server.clock.advance({ seconds: 60 })
    const third = await rotate(3600)
    expect(await working(first, second, third)).toEqual([false, true, true])
    expect((await attributes()).secrets).toHaveLength(2)
  })

  it('leaves the live tokens of the old secret alive', async () => {
    const { project, first, rotate } = await newPass()
    const token = await server.fetchToken(first)
    await rotate()
    expect(await introspect(server, project, token)).toMatchObject({ active: true })
  })

  it.each([true, false])('leaves the pass as it was: active is %s', async active => {
    const { pass, rotate, attributes } = await newPass({ active, tags: ['kept'] })
    await rotate()
    const after = await attributes()
    expect(after).toEqual({
      ...pass.attributes,
      secrets: after.secrets,
      lastRotatedAt: after.lastRotatedAt,
      updatedAt: after.updatedAt,
    })
  })

  it('gives one secret for each of two rotations at the same time, and one of them lives', async () => {
    const { first, rotate, attributes } = await newPass()
    const [one, two] = await Promise.all([rotate(), rotate()])
    const [firstWorks, ...others] = await working(first, one, two)
    expect(firstWorks).toBe(false)
    expect(others.filter(Boolean)).toHaveLength(1)
    expect((await attributes()).secrets).toHaveLength(1)
  })
})
