import { createHmac } from 'node:crypto'
import argon2 from 'argon2'
import argon2id from '../../config/argon2id.json' with { type: 'json' }
import { PassSecrets, type StoredSecret } from '../../src/passes/pass-secret.ts'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { SecretKeys } from '../../src/platform/secret-keys.ts'
import { SlowHash } from '../../src/platform/slow-hash.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { requestToken } from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer({ slowHash: argon2id })
})
afterAll(() => server.close())

const keys = new SecretKeys([Buffer.alloc(32, 9)])
const slowHash = new SlowHash(argon2id)
const renewDigest = async () => {}
const now = Date.parse('2030-01-15T10:20:30.000Z')
/** Argon2 fails loudly on it: whoever answers without failing has not come that far. */
const UNREADABLE_HASH = 'no hash'

function stored(secret: string, hash: string, expiresAt: Date | null = null): StoredSecret {
  return { id: crypto.randomUUID(), digest: keys.digest(secret), hash, expiresAt }
}

/** Whether a promise settles without waiting for anything outside of JavaScript, such as argon2's threads. */
async function settlesAtOnce(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const done = promise.then(() => {
    settled = true
  })
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  const atOnce = settled
  await done
  return atOnce
}

describe('what is stored of a secret', () => {
  it('is its keyed digest and its argon2id hash, with the parameters that were chosen', async () => {
    const { id, credentials } = await server.createPass(await server.createProject())
    const rows = await server.deps.database.query<{ digest: string; hash: string }>(
      `select encode(digest, 'hex') as digest, hash from pass_secrets where pass_id = $1`,
      [id],
    )
    const [key = Buffer.alloc(0)] = server.deps.config.secretKeys
    const digest = createHmac('sha256', key).update(credentials.clientSecret).digest('hex')

    expect(rows).toEqual([{ digest, hash: expect.stringMatching(/^\$argon2id\$v=19\$/) }])
    const [, , , parameters = ''] = rows[0]?.hash.split('$') ?? []
    expect(parameters.split(',').sort()).toEqual(['m=19456', 'p=1', 't=2'])
    expect(await argon2.verify(rows[0]?.hash ?? '', credentials.clientSecret)).toBe(true)
  })

  it('is nowhere the secret, and of tokens and API keys nowhere the value', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    await requestToken(server, { ...credentials, clientId: credentials.clientSecret })
    const tables = await server.deps.database.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    )
    expect(tables.length).toBeGreaterThan(10)

    for (const value of [credentials.clientSecret, token, project.apiKey])
      for (const { name } of tables) {
        const found = await server.deps.database.query(
          `select 1 from "${name}" t where t::text like $1 or t::text like $2`,
          [`%${value}%`, `%${Buffer.from(value).toString('hex')}%`],
        )
        expect([name, found.length]).toEqual([name, 0])
      }
  })
})

describe('the verification of a secret', () => {
  it('finds which of two live secrets it is', async () => {
    const secrets = new PassSecrets(keys, slowHash, renewDigest)
    const [current, previous] = [await secrets.generate(), await secrets.generate()]
    const rows = [
      stored(current.secret, current.hash),
      stored(previous.secret, previous.hash, new Date(now + 1)),
    ]

    expect(await secrets.verify(current.secret, rows, now)).toBe(rows[0])
    expect(await secrets.verify(previous.secret, rows, now)).toBe(rows[1])
    expect(await secrets.verify(previous.secret, rows, now + 1)).toBeUndefined()
  })

  it('refuses a mistyped secret without hashing, even one whose digest is stored', async () => {
    const secret = generateChecksummedSecret('sps_')
    const mistyped = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0')

    expect(
      await new PassSecrets(keys, slowHash, renewDigest).verify(
        mistyped,
        [stored(mistyped, UNREADABLE_HASH)],
        now,
      ),
    ).toBeUndefined()
  })

  it('does not come to argon2 unless the digest matched', async () => {
    const rows = [stored(generateChecksummedSecret('sps_'), UNREADABLE_HASH)]

    expect(
      await new PassSecrets(keys, slowHash, renewDigest).verify(generateChecksummedSecret('sps_'), rows, now),
    ).toBeUndefined()
  })

  it('does not come to argon2 for a secret whose time is over', async () => {
    const secret = generateChecksummedSecret('sps_')

    expect(
      await new PassSecrets(keys, slowHash, renewDigest).verify(
        secret,
        [stored(secret, UNREADABLE_HASH, new Date(now))],
        now,
      ),
    ).toBeUndefined()
  })

  it('comes to argon2 when the digest matched, and believes that alone', async () => {
    const secrets = new PassSecrets(keys, slowHash, renewDigest)
    const secret = generateChecksummedSecret('sps_')
    const other = await secrets.generate()

    await expect(secrets.verify(secret, [stored(secret, UNREADABLE_HASH)], now)).rejects.toThrow()
    expect(await secrets.verify(secret, [stored(secret, other.hash)], now)).toBeUndefined()
  })

  it('costs argon2 once for each secret and process', async () => {
    const { secret, hash } = await new PassSecrets(keys, slowHash, renewDigest).generate()
    const secrets = new PassSecrets(keys, slowHash, renewDigest)
    const rows = [stored(secret, hash)]

    expect(await settlesAtOnce(secrets.verify(secret, rows, now))).toBe(false)
    expect(await settlesAtOnce(secrets.verify(secret, rows, now))).toBe(true)
    expect(await settlesAtOnce(new PassSecrets(keys, slowHash, renewDigest).verify(secret, rows, now))).toBe(
      false,
    )
  })

  it('costs argon2 once however many present it at once, and each is told the same', async () => {
    const { secret, hash } = await new PassSecrets(keys, slowHash, renewDigest).generate()
    const other = await new PassSecrets(keys, slowHash, renewDigest).generate()
    let hashes = 0
    let renewed = 0
    const counting = new SlowHash(argon2id, () => {
      hashes += 1
    })
    const rotated = new SecretKeys([Buffer.alloc(32, 8), Buffer.alloc(32, 9)])
    const secrets = new PassSecrets(rotated, counting, async () => {
      renewed += 1
    })
    const atOnce = (row: StoredSecret) =>
      Promise.all(Array.from({ length: 8 }, () => secrets.verify(secret, [row], now)))

    const good = stored(secret, hash)
    expect(new Set(await atOnce(good))).toEqual(new Set([good]))
    expect([hashes, renewed]).toEqual([1, 1])
    expect(new Set(await atOnce(stored(secret, other.hash)))).toEqual(new Set([undefined]))
    expect([hashes, renewed]).toEqual([2, 1])
    const failed = await Promise.allSettled(
      Array.from({ length: 2 }, () => secrets.verify(secret, [stored(secret, UNREADABLE_HASH)], now)),
    )
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('does not remember a secret that was refused', async () => {
    const secrets = new PassSecrets(keys, slowHash, renewDigest)
    const secret = generateChecksummedSecret('sps_')
    const rows = [stored(secret, (await secrets.generate()).hash)]

    expect(await secrets.verify(secret, rows, now)).toBeUndefined()
    expect(await secrets.verify(secret, rows, now)).toBeUndefined()
  })

  it('knows secrets that were stored under an older key', async () => {
    const { secret, digest, hash } = await new PassSecrets(keys, slowHash, renewDigest).generate()
    const changed = new PassSecrets(
      new SecretKeys([Buffer.alloc(32, 8), Buffer.alloc(32, 9)]),
      slowHash,
      renewDigest,
    )
    const row = { id: 'one', digest, hash, expiresAt: null }

    expect(await changed.verify(secret, [row], now)).toBe(row)
  })

  it('refuses everything where there is no client', async () => {
    expect(
      await new PassSecrets(keys, slowHash, renewDigest).verify(generateChecksummedSecret('sps_'), [], now),
    ).toBeUndefined()
    expect(await new PassSecrets(keys, slowHash, renewDigest).verify('', [], now)).toBeUndefined()
  })
})
