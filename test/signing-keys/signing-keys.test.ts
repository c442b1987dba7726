import { SecretKeys } from '../../src/platform/secret-keys.ts'
import { SigningKeyStore } from '../../src/signing-keys/signing-key.store.ts'
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
    const published = body.keys.find((key: { alg: string }) => key.alg === 'EdDSA')
    const stored = await rows()
    const row = stored.find(({ alg }) => alg === 'EdDSA')
    if (!row) throw new Error('There is no signing key')
    const sealed = Buffer.from(row.sealed, 'hex')

    expect(stored.map(({ alg }) => alg).toSorted()).toEqual(['ES256', 'EdDSA', 'RS256'])
    expect(row.kid).toBe(published.kid)
    expect(sealed.toString('latin1')).not.toMatch(/Ed25519|"d"|kty/)
    expect(sealed.includes(published.x)).toBe(false)
    const opened = new SecretKeys(server.deps.config.secretKeys).decrypt(sealed).toString()
    expect(JSON.parse(opened)).toEqual({ ...published, d: expect.stringMatching(/^[\w-]{43}$/) })
  })

  it('cannot be used with another SECRET_KEY, and none is made in their place', async () => {
    await expect(storeUnder(Buffer.alloc(32, 1)).privateKeys('EdDSA')).rejects.toThrow(/SECRET_KEY/)
    expect(await rows()).toHaveLength(3)
  })

  it('are opened with a new SECRET_KEY that stands before the old one', async () => {
    const { body } = await server.http.get('/.well-known/jwks.json')
    const published = body.keys.find((key: { alg: string }) => key.alg === 'EdDSA')
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

  it('has the same keys as the one before', async () => {
    const place = await createPlace()
    try {
      const first = await keysOfNewServer(place)

      expect(first).toEqual({ keys: Array(3).fill(expect.objectContaining({ kid: expect.any(String) })) })
      expect(await keysOfNewServer(place)).toEqual(first)
    } finally {
      await place.remove()
    }
  })

  it('agrees on one key of each algorithm with others that start at the same time', async () => {
    await server.deps.database.query('delete from signing_keys')
    const loaded = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const store = storeUnder(...server.deps.config.secretKeys)
        await store.prepare()
        return store.privateKeys('EdDSA')
      }),
    )

    const made = await rows()
    expect(made).toHaveLength(3)
    const one = made.find(({ alg }) => alg === 'EdDSA')
    expect(loaded.map(keys => keys.map(key => key.kid))).toEqual(Array(4).fill([one?.kid]))
  })

  it('publishes the key of an algorithm that is new to it before it signs, and signs by another until then', async () => {
    const { database } = server.deps
    const { store: signingKeys } = server.deps.signingKeys
    await database.query("delete from signing_keys where alg <> 'EdDSA'")
    const others = await rows()
    await signingKeys.prepare()
    const published = (await signingKeys.keySet()).map(({ alg }) => alg)
    expect(published.toSorted()).toEqual(['ES256', 'EdDSA', 'RS256'])
    for (const alg of ['ES256', 'RS256'] as const)
      expect((await signingKeys.signer(alg)).kid).toBe(others[0]?.kid)
    server.clock.advance({ minutes: 10 })
    for (const alg of ['ES256', 'RS256'] as const) expect((await signingKeys.signer(alg)).alg).toBe(alg)
  })
})
