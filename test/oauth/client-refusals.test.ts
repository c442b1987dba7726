import type { Response } from 'supertest'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { startServer, type TestCredentials, type TestServer } from '../support/server.ts'
import { INTROSPECT, introspect, REVOKE, requestToken, sendForm, TOKEN } from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const inDays = (days: number): string => new Date(server.clock.now() + days * 86_400_000).toISOString()
const otherSecret = (): string => generateChecksummedSecret('sps_')
const UNKNOWN_CLIENT = 'sp_0123456789ABCDEFGHIJKL'

/** All that a caller sees, without what differs in any two answers. */
function seen(answer: Response): object {
  const { date: _date, 'x-request-id': _id, ...headers } = answer.headers
  return { status: answer.status, headers, text: answer.text }
}

/** Does something two days ago: what has ended is not made now. */
async function twoDaysAgo<Made>(act: () => Promise<Made>): Promise<Made> {
  const now = server.clock.now()
  server.clock.set(now - 2 * 86_400_000)
  const made = await act()
  server.clock.set(now)
  return made
}

/** Passes that cannot be used, by why; each fit to be asked for a token with. */
async function unusablePasses(): Promise<Record<string, TestCredentials>> {
  const project = await server.createProject()
  const make = async (fields: object) => (await server.createPass(project, { ...fields })).credentials
  return {
    inactive: await make({ active: false }),
    scheduled: await make({ validFrom: inDays(1), validUntil: inDays(2) }),
    expired: await twoDaysAgo(() => make({ validUntil: inDays(1) })),
  }
}

describe('a caller who does not prove the secret', () => {
  const ways = {
    basic: (clientId: string, clientSecret: string) => requestToken(server, { clientId, clientSecret }),
    post: (clientId: string, clientSecret: string) =>
      sendForm(server, TOKEN, {
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      }),
  }

  it.each(['basic', 'post'] as const)('is told the same whoever the client is (%s)', async way => {
    const { credentials } = await server.createPass(await server.createProject())
    const unusable = await unusablePasses()
    const ask = ways[way]
    const known = credentials.clientId
    const mistyped = `${credentials.clientSecret.slice(0, -1)}${credentials.clientSecret.endsWith('0') ? '1' : '0'}`
    const reference = seen(await ask(UNKNOWN_CLIENT, otherSecret()))

    expect(reference).toMatchObject({ status: 401 })
    expect(seen(await ask('not even the form of a client id', otherSecret()))).toEqual(reference)
    expect(seen(await ask(UNKNOWN_CLIENT, 'no secret at all'))).toEqual(reference)
    expect(seen(await ask(known, otherSecret()))).toEqual(reference)
    expect(seen(await ask(known, mistyped))).toEqual(reference)
    expect(seen(await ask(known, 'no secret at all'))).toEqual(reference)
    for (const { clientId } of Object.values(unusable))
      expect(seen(await ask(clientId, otherSecret()))).toEqual(reference)
  })

  it('learns nothing at introspection and revocation either', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    for (const path of [INTROSPECT, REVOKE]) {
      const ask = (clientId: string) =>
        sendForm(server, path, { token: 'x', client_id: clientId, client_secret: otherSecret() })
      const reference = seen(await ask(UNKNOWN_CLIENT))

      expect(reference).toMatchObject({ status: 401, text: expect.stringContaining('invalid_client') })
      expect(seen(await ask(credentials.clientId))).toEqual(reference)
    }
  })

  it('learns nothing by an Origin, which no rule may judge before the secret is proved', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { allowedReferers: ['https://a.example/*'] })
    const ask = (clientId: string) =>
      requestToken(server, { clientId, clientSecret: otherSecret() }, {}, { Origin: 'https://b.example' })
    const reference = seen(await ask(UNKNOWN_CLIENT))

    expect(reference).toMatchObject({ status: 401 })
    expect(seen(await ask(credentials.clientId))).toEqual(reference)
    expect(seen(await ask(credentials.clientId))).toEqual(reference)
  })

  it('gets nowhere with the secret of another pass', async () => {
    const project = await server.createProject()
    const [one, other] = [await server.createPass(project), await server.createPass(project)]
    const answer = await ways.basic(one.credentials.clientId, other.credentials.clientSecret)

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
  })

  it('is told the same after the pass is deleted', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    await server.fetchToken(credentials)
    await server.http.delete(`${project.path}/sentinel_passes/${id}`).set('Api-Key', project.apiKey)

    const answer = await ways.basic(credentials.clientId, credentials.clientSecret)
    expect(seen(answer)).toEqual(seen(await ways.basic(UNKNOWN_CLIENT, otherSecret())))
  })

  it('is challenged for Basic when it used the header, and only then (RFC 6749 section 5.2)', async () => {
    const byHeader = await ways.basic(UNKNOWN_CLIENT, otherSecret())
    const byBody = await ways.post(UNKNOWN_CLIENT, otherSecret())

    expect(byHeader.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+"/)
    expect(byBody.headers).not.toHaveProperty('www-authenticate')
  })

  it('is never told why', async () => {
    for (const { clientId } of Object.values(await unusablePasses())) {
      const { body } = await ways.basic(clientId, otherSecret())

      expect(body).toEqual({ error: 'invalid_client', error_description: 'client authentication failed' })
    }
  })
})

describe('a caller who proved the secret', () => {
  it.each([
    ['inactive', () => 'switched off'],
    ['scheduled', () => `not valid before ${inDays(1)}`],
    ['expired', () => `expired at ${inDays(-1)}`],
  ])('is told that the pass is %s', async (why, reason) => {
    const credentials = (await unusablePasses())[why]
    if (!credentials) throw new Error(`No pass is ${why}`)
    const granted = await requestToken(server, credentials)
    const introspected = await introspect(server, credentials, 'x')

    for (const answer of [granted, introspected]) {
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
      expect(answer.body.error_description).toContain(reason())
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /)
    }
  })

  it('gets a token from the very instant that the pass is valid, to the one where it ends', async () => {
    const { credentials } = await server.createPass(await server.createProject(), {
      validFrom: inDays(1),
      validUntil: inDays(2),
    })
    const status = async () => (await requestToken(server, credentials)).status

    server.clock.advance({ days: 1, ms: -1 })
    expect(await status()).toBe(401)
    server.clock.advance({ ms: 1 })
    expect(await status()).toBe(200)
    server.clock.advance({ days: 1, ms: -1 })
    expect(await status()).toBe(200)
    server.clock.advance({ ms: 1 })
    expect(await status()).toBe(401)
  })
})
