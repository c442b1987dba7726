import { randomBytes } from 'node:crypto'
import { ApiKeyStore } from '../../src/api-keys/api-key.store.ts'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { SecretKeys } from '../../src/platform/secret-keys.ts'
import { SigningKeyStore } from '../../src/signing-keys/signing-key.store.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** Part of the contract of the stores: instants, bytes and lists come back as they were written, on every backend. */
const SYSTEM = { type: 'system', id: null, name: 'test', clientIp: null } as const

let server: TestServer
let keys: SecretKeys
beforeAll(async () => {
  server = await startServer()
  keys = new SecretKeys(server.deps.config.secretKeys)
})
afterAll(() => server.close())

describe('SigningKeyStore.privateKeys', () => {
  it('gives the same private keys each time', async () => {
    const store = new SigningKeyStore(server.deps.database, keys, server.clock, 90)
    const [first] = await store.privateKeys('EdDSA')

    expect(first).toMatchObject({
      kty: 'OKP',
      crv: 'Ed25519',
      alg: 'EdDSA',
      use: 'sig',
      d: expect.any(String),
    })
    expect(await store.privateKeys('EdDSA')).toEqual([first])
  })
})

describe('ApiKeyStore.use', () => {
  const use = (digests: Buffer[], now = server.clock.date()) =>
    new ApiKeyStore(server.deps.database).use(digests, now)

  async function storeKey(expiresAt: Date | null = null) {
    const { projectId, organizationId } = await server.createProject()
    const secretKey = generateChecksummedSecret('spk_')
    const { id } = await server.deps.database.em().transactional(async em =>
      server.deps.apiKeys.service.insert(em, { projectId }, SYSTEM, {
        note: 'Ünïcode',
        expiresAt,
        secretKey,
      }),
    )
    const lastUsedAt = async () =>
      (await server.deps.apiKeys.service.list({ projectId }, { page: 1, per_page: 100 })).items.find(
        key => key.id === id,
      )?.lastUsedAt
    return { id, projectId, organizationId, digest: keys.digest(secretKey), lastUsedAt }
  }

  it('gives the key and where it belongs, by any of the digests', async () => {
    const { id, projectId, organizationId, digest } = await storeKey()
    const expected = { id, note: 'Ünïcode', projectId, organizationId, role: null, expiresAt: null }

    expect(await use([digest])).toEqual(expected)
    const newer = randomBytes(32)
    expect(await use([newer, digest])).toEqual(expected)
    // From then on it is stored under the newer of the server's secret keys, and the older can go.
    expect(await use([newer])).toEqual(expected)
    expect(await use([digest])).toBeUndefined()
  })

  it('finds nothing by another digest, or by none', async () => {
    await storeKey()

    expect(await use([Buffer.alloc(32, 1)])).toBeUndefined()
    expect(await use([])).toBeUndefined()
  })

  it('finds a key until the very instant at which it expires', async () => {
    const expiresAt = new Date(server.clock.now() + 60_000)
    const { id, digest } = await storeKey(expiresAt)

    expect(await use([digest], new Date(expiresAt.getTime() - 1))).toMatchObject({ id })
    expect(await use([digest], expiresAt)).toBeUndefined()
  })

  it('notes when it was last used, to the second', async () => {
    const { digest, lastUsedAt } = await storeKey()
    const first = new Date('2031-05-06T07:08:09.123Z')
    const at = (milliseconds: number) => new Date(first.getTime() + milliseconds)

    expect(await lastUsedAt()).toBeNull()
    await use([digest], first)
    expect(await lastUsedAt()).toEqual(first)
    await use([digest], at(1000))
    expect(await lastUsedAt()).toEqual(first)
    await use([digest], at(1001))
    expect(await lastUsedAt()).toEqual(at(1001))
  })

  it('does not note the use of a key that has expired', async () => {
    const expiresAt = new Date(server.clock.now() + 60_000)
    const { digest, lastUsedAt } = await storeKey(expiresAt)
    await use([digest], expiresAt)

    expect(await lastUsedAt()).toBeNull()
  })
})
