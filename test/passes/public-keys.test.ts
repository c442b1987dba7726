import { generateKeyPairSync, generatePrimeSync, type JsonWebKey } from 'node:crypto'
import { algorithmsOf, faultOfKey, faultOfNewKey } from '../../src/passes/public-key.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

const publicOf = (pair: { publicKey: { export(options: { format: 'jwk' }): JsonWebKey } }) => {
  const { kty = '', ...members } = pair.publicKey.export({ format: 'jwk' })
  return { kty, ...members }
}
const rsa = publicOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const ec = publicOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const ed = publicOf(generateKeyPairSync('ed25519'))

const toBigInt = (value = '') => BigInt(`0x${Buffer.from(value, 'base64url').toString('hex')}`)
const encoded = (value: bigint) => {
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
}
/** A point of Ed25519 as it is written: y from its last byte, and the sign of x in the first bit. */
const point = (y: bigint, sign = 0) => {
  const bytes = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse()
  bytes[31] = (bytes[31] ?? 0) | (sign << 7)
  return { ...ed, x: bytes.toString('base64url') }
}
const P = 2n ** 255n - 19n
const ORDER_8 = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]
const modulus = toBigInt(rsa.n)
const prime = generatePrimeSync(1024, { bigint: true })

/** Keys for which somebody can sign who was not given the private half, or that verify nothing. */
const DEGENERATE: readonly [what: string, key: { kty: string } & Record<string, unknown>, fault: RegExp][] = [
  ['RSA with e = 1', { ...rsa, e: encoded(1n) }, /exponent/],
  ['RSA with e = 0', { ...rsa, e: 'AA' }, /exponent|fit together/],
  ['RSA with e = 3', { ...rsa, e: encoded(3n) }, /exponent/],
  ['RSA with an even e', { ...rsa, e: encoded(65_536n) }, /exponent/],
  ['RSA with a larger even e', { ...rsa, e: encoded(65_538n) }, /exponent/],
  ['RSA with e beyond 64 bits', { ...rsa, e: encoded(2n ** 64n + 1n) }, /exponent/],
  [
    'RSA of 1,024 bits',
    publicOf(generateKeyPairSync('rsa', { modulusLength: 1024 })),
    /fewer than 2048 bits/,
  ],
  ['RSA of 2,047 bits', { ...rsa, n: encoded(modulus >> 1n) }, /fewer than 2048 bits/],
  [
    'RSA padded to 2,048 bits',
    {
      ...rsa,
      n: Buffer.concat([Buffer.alloc(128), Buffer.from(encoded(modulus >> 1024n), 'base64url')]).toString(
        'base64url',
      ),
    },
    /fewer than 2048 bits/,
  ],
  ['RSA with an even modulus', { ...rsa, n: encoded(modulus + 1n) }, /small factor/],
  ['RSA with a factor of 3', { ...rsa, n: encoded((2n ** 2050n / 3n) * 3n + 3n) }, /small factor/],
  ['RSA with a factor of 751', { ...rsa, n: encoded(751n * (modulus | 1n)) }, /small factor/],
  [
    'RSA with a prime for its modulus',
    { ...rsa, n: encoded(generatePrimeSync(2048, { bigint: true })) },
    /two primes/,
  ],
  [
    'RSA with a square for its modulus',
    { ...rsa, n: encoded(((prime | (1n << 1023n)) ** 2n) | 0n) },
    /two primes/,
  ],
  ['RSA without an exponent', { kty: 'RSA', n: rsa.n }, /fit together/],
  ['P-256 with a point beside the curve', { ...ec, x: encoded(toBigInt(ec.x) ^ 1n) }, /fit together/],
  ['P-256 with the point at zero', { ...ec, x: 'A'.repeat(43), y: 'A'.repeat(43) }, /fit together/],
  ['P-256 without y', { kty: 'EC', crv: 'P-256', x: ec.x }, /fit together/],
  ['P-384', publicOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })), /has to be Ed25519, P-256 or RSA/],
  [
    'secp256k1',
    publicOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
    /has to be Ed25519, P-256 or RSA/,
  ],
  ['X25519', publicOf(generateKeyPairSync('x25519')), /has to be Ed25519, P-256 or RSA/],
  ['Ed448', publicOf(generateKeyPairSync('ed448')), /has to be Ed25519, P-256 or RSA/],
  ...[0n, 1n, P - 1n, P, P + 1n].flatMap(y =>
    [0, 1].map((sign): [string, ReturnType<typeof point>, RegExp] => [
      `Ed25519 with y = ${y === 0n || y === 1n ? y : `p + ${y - P}`} and sign ${sign}`,
      point(y, sign),
      /low order/,
    ]),
  ),
  ...ORDER_8.map((hex): [string, typeof ed & { x: string }, RegExp] => [
    `Ed25519 with a point of order 8, ${hex.slice(0, 6)}`,
    { ...ed, x: Buffer.from(hex, 'hex').toString('base64url') },
    /low order/,
  ]),
  ['Ed25519 with a point beside the curve', point(2n), /not a point/],
  ['Ed25519 that is too short', { ...ed, x: 'AA' }, /fit together/],
  ['RSA for an algorithm of curves', { ...rsa, alg: 'ES256' }, /alg.*ES256/],
  ['RSA for encryption', { ...rsa, alg: 'RSA-OAEP' }, /alg.*RSA-OAEP/],
  ['RSA for SHA-1', { ...rsa, alg: 'RS1' }, /alg.*RS1/],
  ['P-256 for RSA', { ...ec, alg: 'RS256' }, /alg.*RS256/],
  ['Ed25519 for no algorithm', { ...ed, alg: 'none' }, /alg.*none/],
]

describe('a key that assertions are verified with', () => {
  it.each([
    ['RSA', rsa, ['RS256', 'PS256']],
    ['RSA for one algorithm', { ...rsa, alg: 'PS256' }, ['PS256']],
    ['RSA of 4,096 bits', publicOf(generateKeyPairSync('rsa', { modulusLength: 4096 })), ['RS256', 'PS256']],
    ['P-256', ec, ['ES256']],
    ['Ed25519', ed, ['EdDSA', 'Ed25519']],
    ['Ed25519 by one of its names', { ...ed, alg: 'EdDSA' }, ['EdDSA', 'Ed25519']],
  ])('may be %s', (_what, key, algorithms) => {
    expect(faultOfNewKey(key)).toBeUndefined()
    expect(algorithmsOf(key)).toEqual(algorithms)
  })

  it('may be any that is made as it should: no good point is taken for a bad one', () => {
    for (let made = 0; made < 100; made += 1)
      expect(faultOfNewKey(publicOf(generateKeyPairSync('ed25519')))).toBeUndefined()
  })

  it.each(DEGENERATE)('may not be %s', (_what, key, fault) => {
    expect(faultOfNewKey(key)).toMatch(fault)
  })

  it('is judged in no time that a caller could make long', () => {
    const longest = { kty: 'RSA', e: 'AQAB', n: encoded((1n << 8399n) - 3n) }
    const started = performance.now()
    expect(faultOfNewKey(longest)).toBeDefined()
    expect(performance.now() - started).toBeLessThan(100)
  })

  it('is judged quickly when it is used: only what takes long is left to the registration', () => {
    const slow = [
      'RSA with a prime for its modulus',
      'RSA with a square for its modulus',
      'Ed25519 with a point beside the curve',
    ]
    for (const [what, key, fault] of DEGENERATE)
      if (!slow.includes(what)) expect([what, faultOfKey(key)]).toEqual([what, expect.stringMatching(fault)])
  })
})

describe('the keys of a pass', () => {
  let server: TestServer
  let project: TestProject
  beforeAll(async () => {
    server = await startServer()
    project = await server.createProject()
  })
  afterAll(() => server.close())

  const create = (keys: object[]) =>
    server.http
      .post(`${project.path}/sentinel_passes`)
      .set('Api-Key', project.apiKey)
      .send({ sentinelPass: { title: 'Signer', jwks: { keys } } })

  it.each(DEGENERATE)('are refused with %s, in words', async (_what, key, fault) => {
    const answer = await create([ed, key])
    expect(answer.status).toBe(400)
    const [{ pointer, detail }] = answer.body.errors
    expect(pointer).toMatch(/^\/sentinelPass\/jwks\/keys\/1/)
    expect(detail).toMatch(fault)
  })

  it.each([
    ['a use that is not to sign', { use: 'enc' }, '/use', 'must be sig where it is given'],
    ['operations beside verifying', { key_ops: ['verify', 'sign'] }, '/key_ops', /must be \["verify"\]/],
    ['other operations', { key_ops: ['deriveBits'] }, '/key_ops', /must be \["verify"\]/],
    ['no operations', { key_ops: [] }, '/key_ops', /must be \["verify"\]/],
    ['operations that are no list', { key_ops: 'verify' }, '/key_ops', /must be \["verify"\]/],
    ['a private half', { d: 'AA' }, '', /private members/],
  ])('are refused with %s', async (_what, members, place, words) => {
    const answer = await create([{ ...ed, ...members }])
    expect([answer.status, answer.body.errors]).toEqual([
      400,
      [{ pointer: `/sentinelPass/jwks/keys/0${place}`, detail: expect.stringMatching(words) }],
    ])
  })

  it('are taken with what says that they verify', async () => {
    const answer = await create([
      { ...ed, use: 'sig', key_ops: ['verify'], alg: 'EdDSA', kid: 'a' },
      { ...ec, kid: 'b' },
      rsa,
      ed,
    ])
    expect(answer.status).toBe(201)
  })

  it('are refused where two have one kid: it has to name a key', async () => {
    const answer = await create([
      { ...ed, kid: 'same' },
      { ...ec, kid: 'same' },
    ])
    expect([answer.status, answer.body.errors]).toEqual([
      400,
      [{ pointer: '/sentinelPass/jwks/keys', detail: expect.stringContaining('two keys of one kid') }],
    ])
  })
})
