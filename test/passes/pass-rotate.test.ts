import { introspect, managementOf, requestToken } from '../support/management.ts'
import { startNode, startServer, type TestCredentials, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

async function newPass(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, fields)
  const passes = managementOf(server, project)
  const rotate = async (gracePeriodSeconds?: number, endGrace?: boolean): Promise<TestCredentials> => {
    const body = gracePeriodSeconds === undefined ? undefined : { gracePeriodSeconds, endGrace }
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
    const third = await rotate(3600, true)
    expect(await working(first, second, third)).toEqual([false, true, true])
    const fourth = await rotate(60, true)
    expect(await working(first, second, third, fourth)).toEqual([false, false, true, true])
    expect((await attributes()).secrets).toHaveLength(2)
  })

  it('ends both old secrets when it is done within the grace period without one', async () => {
    const { first, rotate } = await newPass()
    const second = await rotate(3600)
    const third = await rotate(0, true)
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

describe('a rotation while a grace period runs', () => {
  it.each([undefined, {}, { gracePeriodSeconds: 3600 }])(
    'is refused, and ends no secret: %j',
    async (body?: object) => {
      const { pass, passes, first, rotate, attributes } = await newPass()
      const second = await rotate(3600)
      const before = await attributes()
      const again = await passes.act(pass.id, 'rotate_key', body)
      expect([again.status, again.body.code]).toEqual([409, 'grace_period_running'])
      expect(again.body.detail).toContain(before.secrets[1].expiresAt)
      expect(await attributes()).toEqual(before)
      expect(await working(first, second)).toEqual([true, true])
    },
  )

  it('is made when it says that the grace period is to end, and once that is over', async () => {
    const { first, rotate } = await newPass()
    const second = await rotate(3600)
    const third = await rotate(3600, true)
    expect(await working(first, second, third)).toEqual([false, true, true])
    server.clock.advance({ hours: 1 })
    const fourth = await rotate(60)
    expect(await working(second, third, fourth)).toEqual([false, true, true])
  })
})

describe('a rotation that is sent twice with its Idempotency-Key', () => {
  it('is made once, and answers the same credentials, one after the other and at once', async () => {
    const { pass, passes, first, attributes } = await newPass()
    const send = (id: string) =>
      passes.act(id, 'rotate_key', { gracePeriodSeconds: 3600 }).set('Idempotency-Key', 'lost answer')
    const answers = await Promise.all([pass.id, String(pass.attributes.passId), pass.id].map(send))
    answers.push(await send(pass.id))
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 200])
    for (const { body, headers } of answers)
      expect([body, headers.etag]).toEqual([answers[0]?.body, answers[0]?.headers.etag])
    expect((await attributes()).secrets).toHaveLength(2)
    expect(await working(first, answers[0]?.body.meta.credentials)).toEqual([true, true])
  })

  it('is another request with another body, and for another pass', async () => {
    const { project, pass, passes } = await newPass()
    const other = await server.createPass(project)
    const send = (id: string, body: object) =>
      passes.act(id, 'rotate_key', body).set('Idempotency-Key', 'one request')
    expect((await send(pass.id, {})).status).toBe(200)
    for (const answer of [await send(other.id, {}), await send(pass.id, { gracePeriodSeconds: 1 })])
      expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_mismatch'])
  })
})

describe('a rotation with revokeTokens', () => {
  it('ends every live token on every node, and leaves the pass on', async () => {
    const { project, pass, passes, first } = await newPass()
    const node = await startNode(server)
    try {
      const tokens = [await server.fetchToken(first), await node.fetchToken(first)]
      const { body } = await passes.act(pass.id, 'rotate_key', { revokeTokens: true })
      for (const token of tokens)
        for (const one of [server, node])
          expect(await introspect(one, project, token)).toEqual({ active: false })
      expect(body.data.attributes.status).toBe('active')
      const token = await node.fetchToken(body.meta.credentials)
      expect(await introspect(server, project, token)).toMatchObject({ active: true })
    } finally {
      await node.close()
    }
  })
})
