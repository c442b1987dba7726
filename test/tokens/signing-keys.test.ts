import { SecretKeys } from '../../src/platform/secret-keys.ts'
import { SigningKeyStore } from '../../src/tokens/signing-key.store.ts'
import { createPlace, type TestPlace } from '../support/backend.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

interface SealedRow {
  readonly kid: string
  readonly alg: string
  readonly sealed: string
}

const rows = () =>
  server.deps.database.query<SealedRow>(
    `select kid, alg, encode(sealed_jwk, 'hex') as sealed from signing_keys`,
  )

const storeUnder = (...keys: Buffer[]) =>
  new SigningKeyStore(server.deps.database, new SecretKeys(keys), server.clock, 90)

describe('the signing keys in the database', () => {
  it('are sealed under SECRET_KEY', async () => {
    const { body } = await server.http.get('/.well-known/jwks.json')
    const [published] = body.keys
    const [row, ...others] = await rows()
    if (!row) throw new Error('There is no signing key')
    const sealed = Buffer.from(row.sealed, 'hex')

    expect(others).toEqual([])
    expect([row.kid, row.alg]).toEqual([published.kid, 'EdDSA'])
    expect(sealed.toString('latin1')).not.toMatch(/Ed25519|"d"|kty/)
    expect(sealed.includes(published.x)).toBe(false)
    const opened = new SecretKeys(server.deps.config.secretKeys).decrypt(sealed).toString()
    expect(JSON.parse(opened)).toEqual({ ...published, d: expect.stringMatching(/^[\w-]{43}$/) })
  })

  it('cannot be used with another SECRET_KEY, and none is made in their place', async () => {
    await expect(storeUnder(Buffer.alloc(32, 1)).privateKeys('EdDSA')).rejects.toThrow(/SECRET_KEY/)
    expect(await rows()).toHaveLength(1)
  })

  it('are opened with a new SECRET_KEY that stands before the old one', async () => {
    const [published] = (await server.http.get('/.well-known/jwks.json')).body.keys
    const loaded = await storeUnder(Buffer.alloc(32, 1), ...server.deps.config.secretKeys).privateKeys(
      'EdDSA',
    )

    expect(loaded.map(key => key.kid)).toEqual([published.kid])
  })
})

describe('a server that starts on a database that is not new', () => {
  async function keysOfNewServer(place: TestPlace): Promise<unknown> {
    const node = await startServer({ place })
    try {
      return (await node.http.get('/.well-known/jwks.json')).body
    } finally {
      await node.close()
    }
  }

  it('has the same key as the one before', async () => {
    const place = await createPlace()
    try {
      const first = await keysOfNewServer(place)

      expect(first).toEqual({ keys: [expect.objectContaining({ kid: expect.any(String) })] })
      expect(await keysOfNewServer(place)).toEqual(first)
    } finally {
      await place.remove()
    }
  })

  it('agrees on one key with others that start at the same time', async () => {
    await server.deps.database.query('delete from signing_keys')
    const loaded = await Promise.all(
      Array.from({ length: 4 }, () => storeUnder(...server.deps.config.secretKeys).privateKeys('EdDSA')),
    )

    const [one] = await rows()
    expect(await rows()).toHaveLength(1)
    expect(loaded.map(keys => keys.map(key => key.kid))).toEqual(Array(4).fill([one?.kid]))
  })
})
