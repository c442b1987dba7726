import { startServer, type TestServer } from '../support/server.ts'

interface AuditEvent {
  readonly attributes: { readonly clientIp: string; readonly target: { readonly id: string } }
}

/** The address that the server takes a request to come from: the one that it writes down for an act. */
async function clientIpOf(server: TestServer, headers: Record<string, string>): Promise<string> {
  const project = await server.createProject()
  const path = `${project.path}/api_keys`
  const made = await server.http
    .post(path)
    .set({ 'Api-Key': project.apiKey, ...headers })
    .send({})
  expect(made.status).toBe(201)
  const events = await server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
  const audited: AuditEvent[] = events.body.data
  const event = audited.find(({ attributes }) => attributes.target.id === made.body.data.id)
  return event?.attributes.clientIp ?? ''
}

describe.each([
  { what: 'nobody is trusted', trusted: '', believed: false },
  { what: 'the peer is not trusted', trusted: '10.0.0.0/8', believed: false },
  { what: 'the peer and another proxy are trusted', trusted: 'loopback, 192.0.2.0/24', believed: true },
])('where $what', ({ trusted, believed }) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ env: { TRUST_PROXY: trusted } })
  })
  afterAll(() => server.close())

  it.each([
    ['one address', '203.0.113.7'],
    ['an address after one that the client claims', '198.51.100.1, 203.0.113.7'],
    ['an address before that of a proxy', '198.51.100.1, 203.0.113.7, 192.0.2.9'],
  ])(`${believed ? 'takes' : 'does not take'} X-Forwarded-For with %s`, async (_what, forwarded) => {
    const seen = await clientIpOf(server, { 'X-Forwarded-For': forwarded })
    expect(seen).toBe(believed ? '203.0.113.7' : '127.0.0.1')
  })

  it.each([
    ['a port', '203.0.113.7:5678', '203.0.113.7'],
    ['ports all along', '198.51.100.1:1, 203.0.113.7:5678, 192.0.2.9:80', '203.0.113.7'],
    ['IPv6 in brackets, and a port', '[2001:DB8:0::7]:443', '2001:db8::7'],
    ['IPv6 in brackets', '[2001:db8::7]', '2001:db8::7'],
    ['IPv6 as it is', '2001:db8::7', '2001:db8::7'],
    ['IPv4 mapped to IPv6', '[::ffff:203.0.113.7]:80', '203.0.113.7'],
    ['a zone', 'fe80::7%eth0', 'fe80::7'],
    ['a word for no address', 'unknown', '127.0.0.1'],
    ['a name', 'evil.test:80', '127.0.0.1'],
    ['an address in another notation', '0x7f.1', '127.0.0.1'],
    ['a port that is none', '203.0.113.7:x', '127.0.0.1'],
    ['nothing', ' , ', '127.0.0.1'],
    ['no address before that of a proxy', '203.0.113.7, secret, 192.0.2.9:80', '192.0.2.9'],
  ])(`${believed ? 'reads' : 'does not read'} X-Forwarded-For with %s`, async (_what, forwarded, address) => {
    const seen = await clientIpOf(server, { 'X-Forwarded-For': forwarded })
    expect(seen).toBe(believed ? address : '127.0.0.1')
  })

  it('takes a request without X-Forwarded-For from its peer', async () => {
    expect(await clientIpOf(server, {})).toBe('127.0.0.1')
  })

  it('believes no other header of a client', async () => {
    const headers = { Forwarded: 'for=203.0.113.7', 'X-Real-IP': '203.0.113.7', 'X-Client-IP': '203.0.113.7' }
    expect(await clientIpOf(server, headers)).toBe('127.0.0.1')
  })
})
