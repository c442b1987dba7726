import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import {
  type CallerTrace,
  CLIENT_KIND,
  type CollectedSpan,
  type Collector,
  callerTrace,
  ERROR_STATUS,
  startCollector,
} from '../support/collector.ts'
import { createMemoryLogger } from '../support/log.ts'
import { startServer, type TestCredentials, type TestServer } from '../support/server.ts'

const TOKEN = '/v1/api/oauth/token'
const FORM = { grant_type: 'client_credentials' }
/** What callers send that has no place in a trace, wherever they put it. */
const SECRETS = {
  link: generateChecksummedSecret('sps_'),
  path: 'in-a-path-of-nobody',
  query: 'in-a-query',
  header: 'in-a-header',
  metrics: 'metrics-token-of-the-test',
}

const { logger, lines } = createMemoryLogger()
const confidential = new Set<string>(Object.values(SECRETS))
const callers = new Map<string, CallerTrace>()
const requestIds = new Map<string, string>()
let collector: Collector
let passId: string

// Spans leave in batches, the last one when the server ends: all requests are made before any test looks.
beforeAll(async () => {
  collector = await startCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, METRICS_TOKEN: SECRETS.metrics }
  const server = await startServer({ logger, env })
  try {
    await useServer(server)
  } finally {
    await server.close()
  }
})
afterAll(() => collector.close())

async function useServer(server: TestServer): Promise<void> {
  const { http } = server
  const post = (path: string, form: object, name: string) =>
    http.post(path).type('form').send(form).set(headersOf(name))
  const project = await server.createProject()
  const { id, credentials } = await server.createPass(project)
  passId = id
  for (const secret of [project.apiKey, credentials.clientSecret]) confidential.add(secret)
  const key = { 'Api-Key': project.apiKey }
  const token = await grant(server, 'a first grant', credentials)
  await Promise.all(['one', 'two', 'three'].map(name => grant(server, `${name} of three`, credentials)))
  const pass = `${project.path}/sentinel_passes/${id}`

  const statuses = [
    await http.get(pass).query({ note: SECRETS.query }).set(key).set(headersOf('a read')),
    await http.post(`${pass}/revoke`).set(key).set(headersOf('a change')),
    await http.post(`${pass}/activate`).set(key),
    await post(TOKEN, { ...FORM, client_id: credentials.clientId, client_secret: SECRETS.link }, 'a refusal'),
    await post('/v1/api/oauth/introspect', { token, endpoint: '/orders' }, 'an introspection')
      .auth(project.apiKey, { type: 'bearer' })
      .set({ 'User-Agent': SECRETS.header, tracestate: `a=${SECRETS.header}` }),
    await http.get(`/v1/api/${SECRETS.path}?token=${token}`).set(headersOf('a path of nobody')),
    await http.get(`/v1/api/oauth/sign-in/${SECRETS.path}`).set(headersOf('a sign-in')),
    await http
      .post('/v1/api/invitations/accept')
      .send({ data: { attributes: { secret: SECRETS.link, name: 'Ann', password: SECRETS.link } } })
      .set(headersOf('a link')),
    await http.get('/openapi.json').set(headersOf('not sampled', false)),
    await http.get('/health').set(headersOf('health')),
    await http.get('/ready').set(headersOf('readiness')),
    await http.get('/metrics').auth(SECRETS.metrics, { type: 'bearer' }).set(headersOf('metrics')),
  ].map(({ status }) => status)
  expect(statuses).toEqual([400, 200, 200, 401, 200, 404, 400, 404, 200, 200, 200, 200])

  await server.deps.database.query('alter table activity rename to activity_away')
  await expect(grant(server, 'a fault', credentials)).rejects.toThrow('500')
}

async function grant(server: TestServer, name: string, { clientId, clientSecret }: TestCredentials) {
  const sent = server.http.post(TOKEN).auth(clientId, clientSecret).type('form').set(headersOf(name))
  const answer = await sent.send(FORM)
  requestIds.set(name, String(answer.headers['x-request-id']))
  confidential.add(Buffer.from(`${clientId}:${clientSecret}`).toString('base64'))
  if (answer.status !== 200) throw new Error(String(answer.status))
  confidential.add(answer.body.access_token)
  return String(answer.body.access_token)
}

/** The headers of a caller that has a trace of its own. */
function headersOf(name: string, sampled = true): CallerTrace['headers'] {
  const caller = callerTrace(sampled)
  callers.set(name, caller)
  return caller.headers
}

const traceOf = (name: string) => collector.traceOf(callers.get(name))
const namesOf = (parts: CollectedSpan[]) => parts.map(({ name }) => name)

describe('the trace of a grant', () => {
  it('is that of its caller, with the route, the status and the id of the request', () => {
    const { request } = traceOf('a first grant')
    expect(request).toMatchObject({ name: `POST ${TOKEN}`, status: { code: 0 } })
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': TOKEN,
      'http.response.status_code': 200,
      'http.response.header.x-request-id': { values: [{ stringValue: requestIds.get('a first grant') }] },
      'url.path': TOKEN,
      'url.scheme': 'http',
    })
  })

  it('has the hash of the secret, the wait for the group commit and its writing, one after the other', () => {
    const { request, parts } = traceOf('a first grant')
    const [hash, wait, write] = ['argon2id', 'commit.wait', 'commit.write'].map(name =>
      parts.find(part => part.name === name),
    )
    if (!hash || !wait || !write) throw new Error(`only ${namesOf(parts)}`)
    const times = [request, hash, wait].map(span => span.startTimeUnixNano)
    const all = [...times, wait.endTimeUnixNano, write.startTimeUnixNano, write.endTimeUnixNano]
    expect([...all, request.endTimeUnixNano]).toEqual(
      [...all, request.endTimeUnixNano].sort((a, b) => Number(a - b)),
    )
  })

  it('has no part of the others that share its commit', () => {
    for (const name of ['one of three', 'two of three', 'three of three'])
      expect(namesOf(traceOf(name).parts)).toEqual(['commit.wait', 'commit.write'])
  })

  it('has an error where the server failed, and none where the caller did', () => {
    const fault = traceOf('a fault')
    expect(fault.request).toMatchObject({
      status: { code: ERROR_STATUS },
      attributes: { 'http.response.status_code': 500, 'error.type': '500' },
    })
    expect(fault.parts.find(({ name }) => name === 'commit.write')?.status.code).toBe(ERROR_STATUS)
    const refusal = traceOf('a refusal').request
    expect(refusal).toMatchObject({ status: { code: 0 }, attributes: { 'http.response.status_code': 401 } })
  })
})

describe('the trace of another request', () => {
  it('is named after the route, and has nothing of the caller’s in place of it', () => {
    const route = '/v1/api/organizations/:orgId/projects/:projectId/sentinel_passes/:id'
    const { request } = traceOf('a read')
    expect(request.name).toBe(`GET ${route}`)
    expect(request.attributes).not.toHaveProperty(['url.path'])
    expect(traceOf('a sign-in').request.name).toBe('GET /v1/api/oauth/sign-in/:uid')
    expect(traceOf('a path of nobody').request.name).toBe('GET')
    expect(JSON.stringify(collector.requests)).not.toContain(passId)
  })

  it('has the statements that were run for it, by what they do and to which table', () => {
    const { parts } = traceOf('a change')
    const statements = parts.filter(({ kind }) => kind === CLIENT_KIND)
    expect(namesOf(statements)).toEqual(
      expect.arrayContaining(['WITH api_keys', 'SELECT passes', 'UPDATE passes', 'INSERT audit_events']),
    )
    expect(statements.find(({ name }) => name === 'UPDATE passes')?.attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.operation.name': 'UPDATE',
      'db.collection.name': 'passes',
    })
  })

  it('is not there where the caller does not sample it, nor of what probes the server', () => {
    const traced = new Set(collector.spans().map(({ traceId }) => traceId))
    for (const name of ['not sampled', 'health', 'readiness', 'metrics'])
      expect([name, traced.has(callers.get(name)?.traceId ?? '')]).toEqual([name, false])
  })
})

it('names the trace in every line of the log that is about the request', () => {
  for (const name of ['a first grant', 'a fault']) {
    const { traceId, spanId } = traceOf(name).request
    const own = lines.filter(line => line.includes(requestIds.get(name) ?? ''))
    expect(own).toHaveLength(name === 'a fault' ? 2 : 1)
    for (const line of own) expect(JSON.parse(line)).toMatchObject({ trace_id: traceId, span_id: spanId })
  }
  const probe = lines.find(line => line.includes('"/health"'))
  expect(JSON.parse(probe ?? '')).not.toHaveProperty('trace_id')
})

it('sends no secret, token, key, header or query to the collector', () => {
  const bytes = collector.requests.map(({ body }) => body).join('')
  expect(collector.spans().length).toBeGreaterThan(30)
  expect(confidential.size).toBeGreaterThan(10)
  for (const secret of confidential) expect(bytes).not.toContain(secret)
  expect(bytes).not.toMatch(/sp[sk]_[0-9A-Za-z]{20}/)
  expect(bytes).not.toMatch(/\$argon2/)
})
