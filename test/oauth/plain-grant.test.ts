import type { Response } from 'supertest'
import { generateChecksummedSecret, randomBase62 } from '../../src/platform/checksummed-secret.ts'
import { AGENT_CERTIFICATE } from '../support/certificates.ts'
import { TestClock } from '../support/clock.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestPass, type TestProject, type TestServer } from '../support/server.ts'

interface Case {
  readonly what: string
  readonly body: string
  readonly headers?: Record<string, string>
  readonly basic?: boolean
  /** Others than the pass's own. */
  readonly credentials?: 'wrong secret' | 'unknown'
  /** What the short way answers with; 200 when not given. */
  readonly status?: number
  /** Whether the short way is for it. */
  readonly plain: boolean
}

const GRANT = 'grant_type=client_credentials'
const CASES: readonly Case[] = [
  { what: 'all scopes by Basic', body: GRANT, basic: true, plain: true },
  { what: 'one scope', body: `${GRANT}&scope=read`, basic: true, plain: true },
  { what: 'a scope twice', body: `${GRANT}&scope=read+read`, basic: true, plain: true },
  { what: 'an empty scope', body: `${GRANT}&scope=`, basic: true, plain: false },
  { what: 'a scope that is not held', body: `${GRANT}&scope=read+admin`, basic: true, plain: false },
  { what: 'a malformed scope', body: `${GRANT}&scope=re"ad`, basic: true, plain: false },
  { what: 'a scope parameter twice', body: `${GRANT}&scope=read&scope=write`, basic: true, plain: false },
  { what: 'an unknown parameter', body: `${GRANT}&audience=x`, basic: true, plain: false },
  {
    what: 'a resource of the pass',
    body: `${GRANT}&resource=RESOURCE`,
    basic: true,
    plain: true,
  },
  {
    what: 'another resource',
    body: `${GRANT}&resource=https://other.example.com/`,
    basic: true,
    plain: false,
  },
  {
    what: 'a resource twice',
    body: `${GRANT}&resource=RESOURCE&resource=RESOURCE`,
    basic: true,
    plain: false,
  },
  { what: 'an empty resource', body: `${GRANT}&resource=`, basic: true, plain: false },
  {
    what: 'a resource with a fragment',
    body: `${GRANT}&resource=RESOURCE%23part`,
    basic: true,
    plain: false,
  },
  { what: 'a resource and a scope', body: `${GRANT}&resource=RESOURCE&scope=read`, basic: true, plain: true },
  { what: 'another grant type', body: 'grant_type=password', basic: true, plain: false },
  { what: 'no grant type', body: '', basic: true, plain: false },
  { what: 'a client id beside Basic', body: `${GRANT}&client_id=x`, basic: true, plain: false },
  { what: 'no client at all', body: GRANT, plain: false },
  { what: 'a wrong secret', body: GRANT, credentials: 'wrong secret', basic: true, plain: true, status: 401 },
  {
    what: 'a wrong secret in the body',
    body: `${GRANT}&CREDENTIALS`,
    credentials: 'wrong secret',
    plain: true,
    status: 401,
  },
  {
    what: 'a client that there is not',
    body: GRANT,
    credentials: 'unknown',
    basic: true,
    plain: true,
    status: 401,
  },
  {
    what: 'another content type',
    body: '{"grant_type":"client_credentials"}',
    headers: { 'Content-Type': 'application/json' },
    basic: true,
    plain: false,
  },
  {
    what: 'an attestation beside Basic',
    body: GRANT,
    headers: { 'OAuth-Client-Attestation': 'x' },
    basic: true,
    plain: true,
  },
  { what: 'a DPoP header', body: GRANT, headers: { DPoP: 'x' }, basic: true, plain: true },
  {
    what: 'a DPoP header and a resource',
    body: `${GRANT}&resource=RESOURCE`,
    headers: { DPoP: 'x' },
    basic: true,
    plain: true,
  },
  { what: 'a certificate', body: GRANT, headers: AGENT_CERTIFICATE.header, basic: true, plain: true },
  {
    what: 'a malformed certificate',
    body: GRANT,
    headers: { 'Client-Cert': 'x' },
    basic: true,
    plain: false,
  },
]

describe('the short way of a plain grant', () => {
  let short: TestServer
  let reference: TestServer
  let project: TestProject
  let pass: TestPass
  let byLibrary = 0

  beforeAll(async () => {
    const clock = new TestClock()
    const env = { TRUST_PROXY: 'loopback' }
    short = await startServer({ clock, env })
    reference = await startServer({ clock, env: { ...env, PLAIN_GRANTS: 'off' } })
    const count = () => {
      byLibrary += 1
    }
    short.deps.oauth.provider.on('grant.success', count)
    short.deps.oauth.provider.on('grant.error', count)
  })
  afterAll(async () => {
    await short.close()
    await reference.close()
  })

  /** What `RESOURCE` in a case stands for. */
  let resource: string

  async function preparedPass(server: TestServer, fields: Record<string, unknown> = {}): Promise<void> {
    project = await server.createProject()
    resource = `https://api.example.com/${project.projectId}`
    await createResource(server, project, { resource })
    pass = await server.createPass(project, { resources: [resource], ...fields })
    // From its first grant on a process keeps the pass.
    await server.fetchToken(pass.credentials)
  }

  function ask(server: TestServer, { body, headers = {}, basic, credentials }: Case): Promise<Response> {
    const { clientId, clientSecret } = {
      ...pass.credentials,
      ...(credentials && { clientSecret: generateChecksummedSecret('sps_') }),
      ...(credentials === 'unknown' && { clientId: `sp_${randomBase62(22)}` }),
    }
    const request = server.http
      .post('/v1/api/oauth/token')
      .set('Content-Type', 'application/x-www-form-urlencoded')
      .set(headers)
    return (basic ? request.auth(clientId, clientSecret) : request)
      .send(
        body
          .replace('RESOURCE', resource)
          .replace('CREDENTIALS', `client_id=${clientId}&client_secret=${clientSecret}`),
      )
      .then(answer => answer)
  }

  /** Without what differs from one server and one project to the next. */
  function anonymous(text: unknown): string {
    return String(text)
      .replaceAll(/localhost:\d+/g, 'localhost')
      .replaceAll(resource, 'RESOURCE')
  }

  function comparable(answer: Response) {
    const { date: _date, 'x-request-id': _id, 'content-length': _length, ...headers } = answer.headers
    const { access_token: token, ...body } = answer.body
    return {
      status: answer.status,
      ...JSON.parse(anonymous(JSON.stringify({ headers, body }))),
      tokenForm: token === undefined ? 'none' : /^spt_[\w-]+$/.test(token),
    }
  }

  async function rows(server: TestServer) {
    const { agentUserId } = pass.credentials
    const answer = await server.http
      .get('/v1/api/oauth/agent/activity/logs')
      .query({ agent_user_id: agentUserId })
      .set('Api-Key', project.apiKey)
    return answer.body.logs.map((row: Record<string, unknown>) => {
      const metadata = row.metadata as Record<string, unknown>
      return {
        ...{
          type: row.activity_type,
          status: row.status_code,
          message: anonymous(row.error_message),
          endpoint: row.endpoint,
        },
        ...{ scopes: metadata.scopes, members: Object.keys(metadata).sort() },
      }
    })
  }

  it.each(CASES)('answers and records $what as the library does', async example => {
    await preparedPass(reference)
    const expected = comparable(await ask(reference, example))
    const expectedRows = await rows(reference)
    await preparedPass(short)
    const before = byLibrary
    const actual = comparable(await ask(short, example))
    expect(actual).toEqual(expected)
    expect(await rows(short)).toEqual(expectedRows)
    if (example.plain)
      expect({ status: actual.status, byLibrary: byLibrary - before }).toEqual({
        status: example.status ?? 200,
        byLibrary: 0,
      })
  })

  it('takes credentials from the body as well', async () => {
    await preparedPass(short)
    const { clientId, clientSecret } = pass.credentials
    const before = byLibrary
    const answer = await ask(short, {
      what: '',
      body: `${GRANT}&client_id=${clientId}&client_secret=${clientSecret}`,
      plain: true,
    })
    expect(answer.status).toBe(200)
    expect(byLibrary).toBe(before)
    const introspected = await short.http
      .post('/v1/api/oauth/introspect')
      .set('Authorization', `Bearer ${project.apiKey}`)
      .type('form')
      .send({ token: answer.body.access_token })
    expect(introspected.body).toMatchObject({ active: true, scope: 'read write', client_id: clientId })
  })

  it('leaves a pass that has changed to the library, which reads it again', async () => {
    await preparedPass(short)
    await short.http
      .put(`${project.path}/sentinel_passes/${pass.id}`)
      .set('Api-Key', project.apiKey)
      .send({ sentinelPass: { scopes: ['read'] } })
      .expect(200)
    const answer = await ask(short, { what: '', body: GRANT, basic: true, plain: true })
    expect(answer.body.scope).toBe('read')
    const granted = (await rows(short)).filter((row: { type: unknown }) => row.type === 'token_generation')
    expect(granted).toHaveLength(2)
  })
})
