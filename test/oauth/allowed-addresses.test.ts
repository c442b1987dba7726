import { isAddressAllowed } from '../../src/http/allow-lists.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { basic, introspect, isActive, REVOKE, requestToken, sendForm } from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer({ env: { TRUST_PROXY: 'loopback' } })
})
afterAll(() => server.close())

/** A request from that address, past a proxy that the server trusts. */
const from = (address: string) => ({ 'X-Forwarded-For': address })

describe('isAddressAllowed', () => {
  it.each([
    ['anything where the list is empty', [], '203.0.113.9'],
    ['anything where the list is empty, even what is no address', [], ''],
    ['an address by itself', ['203.0.113.9'], '203.0.113.9'],
    ['the first of a range', ['203.0.113.0/24'], '203.0.113.0'],
    ['the last of a range', ['203.0.113.0/24'], '203.0.113.255'],
    ['a range written by one of its addresses', ['203.0.113.77/24'], '203.0.113.1'],
    ['every IPv4 address', ['0.0.0.0/0'], '198.51.100.1'],
    ['one of several entries', ['192.0.2.1', '2001:db8::/32', '203.0.113.0/24'], '203.0.113.9'],
    ['an IPv6 address however it is written', ['2001:db8::1'], '2001:0DB8:0:0:0:0:0:1'],
    ['an IPv6 range', ['2001:db8:1::/48'], '2001:db8:1:ffff::1'],
    ['an IPv4 address that came mapped to IPv6', ['203.0.113.0/24'], '::ffff:203.0.113.9'],
    ['an IPv4 address that is listed mapped to IPv6', ['::ffff:203.0.113.9'], '203.0.113.9'],
    ['an IPv4 range that is listed mapped to IPv6', ['::ffff:203.0.113.0/120'], '203.0.113.9'],
  ])('allows %s', (_what, allowed, address) => {
    expect(isAddressAllowed(allowed, address)).toBe(true)
  })

  it.each([
    ['another address', ['203.0.113.9'], '203.0.113.8'],
    ['an address just before a range', ['203.0.113.0/24'], '203.0.112.255'],
    ['an address just behind a range', ['203.0.113.0/24'], '203.0.114.0'],
    ['an IPv6 address where IPv4 is listed', ['0.0.0.0/0'], '2001:db8::1'],
    ['an IPv4 address where IPv6 is listed', ['2001:db8::/32'], '203.0.113.9'],
    ['an IPv6 address outside the range', ['2001:db8:1::/48'], '2001:db8:2::1'],
    ['what is no address', ['0.0.0.0/0', '::/0'], 'unknown'],
    ['nothing', ['0.0.0.0/0', '::/0'], ''],
  ])('refuses %s', (_what, allowed, address) => {
    expect(isAddressAllowed(allowed, address)).toBe(false)
  })
})

describe('a pass with allowedIps', () => {
  const allowedIps = ['203.0.113.0/24', '2001:db8::/32']

  it.each([['203.0.113.9'], ['2001:db8::9'], ['::ffff:203.0.113.9']])(
    'gets a token from %s',
    async address => {
      const { credentials } = await server.createPass(await server.createProject(), { allowedIps })

      expect((await requestToken(server, credentials, {}, from(address))).status).toBe(200)
    },
  )

  it('gets none from elsewhere, and is told from where it asked', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { allowedIps })
    const answer = await requestToken(server, credentials, {}, from('198.51.100.1'))

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(answer.body.error_description).toContain('198.51.100.1')
  })

  it('says nothing of its addresses to a caller who does not prove the secret', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { allowedIps })
    const wrong = { ...credentials, clientSecret: 'wrong' }
    const outside = await requestToken(server, wrong, {}, from('198.51.100.1'))
    const inside = await requestToken(server, wrong, {}, from('203.0.113.9'))

    expect(outside.body).toEqual(inside.body)
    expect([outside.status, inside.status]).toEqual([401, 401])
  })

  it('may introspect and revoke from its addresses alone', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { allowedIps })
    const { body } = await requestToken(server, credentials, {}, from('203.0.113.9'))
    const token: string = body.access_token
    const revoke = (address: string) =>
      sendForm(server, REVOKE, { token }, { ...basic(credentials), ...from(address) })

    expect((await introspect(server, credentials, token, {}, from('198.51.100.1'))).status).toBe(401)
    expect((await introspect(server, credentials, token, {}, from('203.0.113.9'))).body.active).toBe(true)
    expect((await revoke('198.51.100.1')).status).toBe(401)
    expect(await isActive(server, project, token)).toBe(true)
    expect((await revoke('203.0.113.9')).status).toBe(200)
    expect(await isActive(server, project, token)).toBe(false)
  })

  it("may call this server's API from its addresses alone", async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { allowedIps, scopes: ['passes:read'] })
    const { body } = await requestToken(server, credentials, {}, from('203.0.113.9'))
    const call = (address: string) =>
      server.http
        .get(`${project.path}/sentinel_passes`)
        .set({ Authorization: `Bearer ${body.access_token}`, ...from(address) })

    expect((await call('203.0.113.9')).status).toBe(200)
    expect((await call('198.51.100.1')).status).toBe(401)
  })
})

describe('a server without trusted proxies', () => {
  it("judges by the peer's own address, whatever X-Forwarded-For says", async () => {
    const direct = await startServer()
    try {
      const { credentials } = await direct.createPass(await direct.createProject(), {
        allowedIps: ['203.0.113.0/24'],
      })
      const answer = await requestToken(direct, credentials, {}, from('203.0.113.9'))

      expect(answer.status).toBe(401)
      expect(answer.body.error_description).toContain('127.0.0.1')
    } finally {
      await direct.close()
    }
  })
})
