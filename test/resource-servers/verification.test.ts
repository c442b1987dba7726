import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { isPublic, MetadataReader } from '../../src/resource-servers/metadata-reader.ts'
import { requestToken } from '../oauth/oauth-requests.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { notOnPath } from '../support/on-path.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

describe('an address', () => {
  it.each([
    ['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    [
      '::1',
      'fe80::1',
      'fd00::1',
      '::ffff:127.0.0.1',
      '::ffff:a9fe:a9fe',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '::',
    ],
    ['224.0.0.1', '255.255.255.255', 'ff02::1', 'nonsense', ''],
  ])('is not public: %s …', (...addresses) => {
    for (const address of addresses) expect([address, isPublic(address)]).toEqual([address, false])
  })

  it.each([['93.184.215.14'], ['2606:2800:21f:cb07:6820:80da:af6b:8b2c']])('is public: %s', address => {
    expect(isPublic(address)).toBe(true)
  })
})

describeUnless(notOnPath('openssl'), 'verification', () => {
  let folder: string
  let host: Server
  let origin: string
  let server: TestServer
  let stranger: TestProject
  let connections = 0
  let answer: { status?: number; headers?: Record<string, string>; body: string }
  let asked: string | undefined
  const trusted = tls.getCACertificates('default')

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sentinel-pass-test-'))
    const [key, cert] = ['key.pem', 'cert.pem'].map(name => join(folder, name))
    const names = 'subjectAltName=DNS:localhost,DNS:ledger.example.com,IP:127.0.0.1'
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650']
    const made = ['-subj', '/CN=test', '-addext', names, '-keyout', String(key), '-out', String(cert)]
    execFileSync('openssl', ['req', ...kind, ...made], { stdio: 'ignore' })
    const pem = readFileSync(String(cert), 'utf8')
    tls.setDefaultCACertificates([...trusted, pem])
    host = createServer({ key: readFileSync(String(key)), cert: pem }, (request, response) => {
      asked = request.url
      response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body)
    })
    host.on('secureConnection', () => {
      connections += 1
    })
    await new Promise<void>(resolve => host.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = host.address()
    origin = `https://localhost:${typeof address === 'object' ? address?.port : ''}`
    server = await startServer({ env: { PRIVATE_METADATA_ADDRESSES: 'on' } })
    await server.createProject('Operator')
    server.clock.advance({ seconds: 1 })
    stranger = await server.createProject('Stranger')
  })
  afterAll(async () => {
    tls.setDefaultCACertificates(trusted)
    await server.close()
    await new Promise(resolve => host.close(resolve))
    rmSync(folder, { recursive: true })
  })

  const metadata = (resource: string, more: object = {}) =>
    JSON.stringify({ resource, authorization_servers: [`${server.url}/`], ...more })

  async function registered(): Promise<{ resource: string; path: string }> {
    const resource = `${origin}/${crypto.randomUUID()}`
    const { body } = await server.http
      .post(`${stranger.path}/resource_servers`)
      .set('Api-Key', stranger.apiKey)
      .send({ data: { attributes: { resource } } })
    return { resource, path: `${stranger.path}/resource_servers/${body.data.id}` }
  }
  const verify = (path: string) => server.http.post(`${path}/verify`).set('Api-Key', stranger.apiKey)

  it('lets tokens name a resource whose metadata names this server, and is on record', async () => {
    const { resource, path } = await registered()
    const { credentials } = await server.createPass(stranger, { resources: [resource] })
    expect((await requestToken(server, credentials, { resource })).status).toBe(400)
    answer = { body: metadata(`${resource}/`, { sentinel_pass_project_id: stranger.projectId }) }
    const verified = await verify(path)
    expect(verified.status).toBe(200)
    expect(verified.body.data.attributes.verifiedAt).toBe(server.clock.date().toISOString())
    expect(asked).toBe(`/.well-known/oauth-protected-resource${new URL(resource).pathname}`)
    expect((await requestToken(server, credentials, { resource })).status).toBe(200)
    const audit = await server.http.get(`${stranger.path}/audit_events`).set('Api-Key', stranger.apiKey)
    const actions = audit.body.data.map(
      (event: { attributes: { action: string } }) => event.attributes.action,
    )
    expect(actions).toContain('resource_server.verify')
    // What is verified is not asked again.
    answer = { status: 500, body: '' }
    expect((await verify(path)).status).toBe(200)
  })

  it.each([
    ['is of another resource', () => ({ body: metadata('https://other.example.com') }), '“resource”'],
    [
      'names another issuer',
      (resource: string) => ({
        body: metadata(resource, { authorization_servers: ['https://as.example.com'] }),
      }),
      '“authorization_servers”',
    ],
    [
      'names another project',
      (resource: string) => ({ body: metadata(resource, { sentinel_pass_project_id: crypto.randomUUID() }) }),
      '“sentinel_pass_project_id”',
    ],
    ['is no JSON', () => ({ body: '<html>' }), 'no JSON object'],
    ['is not there', () => ({ status: 404, body: '' }), 'answers 404'],
    [
      'is behind a redirect',
      () => ({ status: 302, headers: { location: `${origin}/elsewhere` }, body: '' }),
      'answers 302',
    ],
    ['is too long', () => ({ body: ' '.repeat(70_000) }), 'longer than 64 KiB'],
  ])('is refused where the metadata %s', async (_what, answering, said) => {
    const { resource, path } = await registered()
    answer = answering(resource)
    const { status, body } = await verify(path)
    expect([status, body.code]).toEqual([422, 'resource_not_verified'])
    expect(body.detail).toContain(said)
    const read = await server.http.get(path).set('Api-Key', stranger.apiKey)
    expect(read.body.data.attributes.verifiedAt).toBeNull()
  })

  it('is refused for what is not https', async () => {
    for (const resource of ['http://127.0.0.1:9/x', 'urn:example:x']) {
      const { body } = await server.http
        .post(`${stranger.path}/resource_servers`)
        .set('Api-Key', stranger.apiKey)
        .send({ data: { attributes: { resource } } })
      const refused = await verify(`${stranger.path}/resource_servers/${body.data.id}`)
      expect([refused.status, refused.body.detail]).toEqual([422, expect.stringContaining('only https')])
    }
  })

  it('connects to no private address, whatever a name answers and however often it is asked', async () => {
    const { port } = new URL(origin)
    const before = connections
    let lookups = 0
    // The first answer is public and the second is not: what counts is the one that is connected to.
    const rebinding = async () => {
      lookups += 1
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const reader = new MetadataReader(server.url, false, rebinding)
    for (const name of ['ledger.example.com', '127.0.0.1', '[::1]', '2130706433', '[::ffff:127.0.0.1]'])
      await expect(reader.assertNamesIssuer(`https://${name}:${port}`, stranger.projectId)).rejects.toThrow(
        'an address that is not public',
      )
    expect(lookups).toBe(1)
    const mixed = new MetadataReader(server.url, false, async () => [
      { address: '93.184.215.14', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ])
    const attempt = mixed.assertNamesIssuer(`https://ledger.example.com:${port}`, stranger.projectId)
    await expect(attempt).rejects.toThrow('an address that is not public')
    expect(connections).toBe(before)
  })
})
