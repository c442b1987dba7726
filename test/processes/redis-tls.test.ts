import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createPlace, type TestPlace } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { notOnPath } from '../support/on-path.ts'
import { endProcesses, freePort, placeEnv, runScript, startProcess } from '../support/process.ts'
import { noRedisServer, type RedisServer, startRedis } from '../support/redis.ts'
import { firstProject, remote } from '../support/remote.ts'

// Node.js makes keys, and no certificates.
describeUnless(noRedisServer() ?? notOnPath('openssl'), 'Redis over TLS (rediss://)', () => {
  let folder: string
  let certificate: string
  let redis: RedisServer
  let url: string
  let place: TestPlace

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-tls-'))
    certificate = join(folder, 'certificate.pem')
    const key = join(folder, 'key.pem')
    const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'
    const names = ['-addext', 'subjectAltName=DNS:localhost']
    await promisify(execFile)('openssl', [
      ...request.split(' '),
      ...names,
      '-keyout',
      key,
      '-out',
      certificate,
    ])
    const port = String(await freePort())
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate]
    redis = await startRedis(['--tls-port', port, '--tls-auth-clients', 'no', ...files])
    url = `rediss://localhost:${port}`
    place = await createPlace()
  })
  afterEach(endProcesses)
  afterAll(async () => {
    await redis.remove()
    await place.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const env = () => ({ ...placeEnv(place), REDIS_URL: url, REDIS_KEY_PREFIX: 'tls:' })

  it('is refused, with 75, where nobody vouches for its certificate', async () => {
    const refused = await runScript(['src/main.ts'], env())
    expect(refused.code).toBe(75)
    expect(refused.stderr).toContain('(REDIS_URL) cannot be used: self-signed certificate')
  })

  it('counts limits, where NODE_EXTRA_CA_CERTS vouches for it', async () => {
    const server = await startProcess({
      ...env(),
      NODE_EXTRA_CA_CERTS: certificate,
      RATE_LIMITS: 'config/rate-limits.json',
    })
    const api = remote(server.url, firstProject(server.stdout()))
    const { credentials } = await api.createPass()
    const token = await api.fetchToken(credentials)
    expect(await api.introspect(token)).toMatchObject({ active: true })
    const keys = await redis.run(client => client.keys('*'))
    expect(keys.some(key => key.startsWith('tls:limit:'))).toBe(true)
    for (const key of keys) expect(key).toMatch(/^tls:(limit|probe):/)
  })
})
