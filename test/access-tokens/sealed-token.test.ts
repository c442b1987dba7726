import { SEALED_PREFIX, SealedTokens } from '../../src/access-tokens/sealed-token.ts'
import type { TokenClaims } from '../../src/access-tokens/token-claims.ts'

const HOUR_MS = 3_600_000
const NOW = Date.UTC(2030, 5, 1, 12, 30, 0, 250)
const KEY = Buffer.alloc(32, 7)
const OLDER_KEY = Buffer.alloc(32, 9)
const claims: TokenClaims = {
  id: '0197a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b',
  clientId: 'sp_0123456789ABCDEFGHIJkl',
  epoch: 3,
  issuedAt: NOW,
  lifetimeSeconds: 900,
  scopes: ['read:data', 'write:data'],
  audience: 'https://ledger.example.com/ü',
  certificate: Buffer.alloc(32, 5).toString('base64url'),
  keyId: undefined,
}
const plain: TokenClaims = { ...claims, audience: undefined, certificate: undefined }
const nonce = Uint8Array.from({ length: 12 }, (_, index) => index)
/** The sealed form of `plain` under `KEY` and `nonce`: whoever changes it ends all tokens at the next upgrade. */
const VECTOR =
  'spt_AQAIFLwAAQIDBAUGBwgJCgvV4kYKLCkFb7zUxOhzqTHhfR32DJiobI1Kncojnusao0LuvVbKrIVVX9YXQ4KzTQdI64AGiTOyufZ0cQAgY_yr33j7IK8igxj9VnrCH6ABb5FUaFS5GUgKPg'

describe('sealed access tokens', () => {
  const tokens = new SealedTokens([KEY])

  it('carry all that they say', () => {
    for (const each of [
      claims,
      plain,
      { ...plain, scopes: [] },
      { ...claims, scopes: ['a2a'], epoch: 2 ** 32 - 1 },
    ])
      expect(tokens.open(tokens.seal(each), NOW)).toEqual(each)
  })

  it('begin with the prefix that scanners know, and differ at each sealing', () => {
    expect(tokens.seal(plain)).toMatch(/^spt_[A-Za-z0-9_-]+$/)
    expect(tokens.seal(plain)).not.toBe(tokens.seal(plain))
  })

  it('have the form of the published vector', () => {
    expect(tokens.seal(plain, nonce)).toBe(VECTOR)
    expect(tokens.open(VECTOR, NOW)).toEqual(plain)
  })

  it('are what another implementation of HKDF and AES-GCM makes of the same', async () => {
    const bytes = Buffer.from(VECTOR.slice(SEALED_PREFIX.length), 'base64url')
    const hour = Math.floor(NOW / HOUR_MS)
    expect(bytes.readUInt8(0)).toBe(1)
    expect(bytes.readUInt32BE(1)).toBe(hour)
    const info = Buffer.concat([Buffer.from('sentinel-pass access tokens '), bytes.subarray(1, 5)])
    const secret = await crypto.subtle.importKey('raw', KEY, 'HKDF', false, ['deriveKey'])
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
    const key = await crypto.subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, [
      'decrypt',
    ])
    const additionalData = Buffer.concat([Buffer.from(SEALED_PREFIX), bytes.subarray(0, 5)])
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.subarray(5, 17), additionalData },
      key,
      bytes.subarray(17),
    )
    const body = Buffer.from(opened)
    expect(body.toString('hex', 0, 16)).toBe(plain.id.replaceAll('-', ''))
    expect(`sp_${body.toString('latin1', 16, 38)}`).toBe(plain.clientId)
    expect(body.readUInt32BE(38)).toBe(plain.epoch)
    expect(hour * HOUR_MS + body.readUInt32BE(42)).toBe(plain.issuedAt)
    expect(body.readUInt32BE(46)).toBe(plain.lifetimeSeconds)
    expect(body.toString('utf8', 53)).toBe('read:data write:data')
  })

  it('with a byte changed anywhere are nobody’s', () => {
    const bytes = Buffer.from(tokens.seal(claims).slice(SEALED_PREFIX.length), 'base64url')
    for (let at = 0; at < bytes.length; at += 1)
      for (const flip of [1, 0x80]) {
        const forged = Buffer.from(bytes)
        forged.writeUInt8(forged.readUInt8(at) ^ flip, at)
        expect(tokens.open(SEALED_PREFIX + forged.toString('base64url'), NOW)).toBeUndefined()
      }
  })

  it('cut or extended are nobody’s', () => {
    const value = tokens.seal(claims)
    for (let length = 0; length < value.length; length += 1)
      expect(tokens.open(value.slice(0, length), NOW)).toBeUndefined()
    for (const more of ['A', 'AA', 'AAAA', '=', '\n', ' '])
      expect(tokens.open(value + more, NOW)).toBeUndefined()
  })

  it('are one text each: spare bits, foreign characters and the other alphabet make nothing', () => {
    // 2 bytes beyond a multiple of 3 leave 2 spare bits in the last character, 1 byte leaves 4.
    for (const scopes of [['a'], ['ab'], ['abc']]) {
      const value = tokens.seal({ ...plain, scopes })
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const others = [...alphabet].map(last => value.slice(0, -1) + last).filter(other => other !== value)
      for (const other of others) expect(tokens.open(other, NOW)).toBeUndefined()
      expect(tokens.open(`${value.slice(0, 40)}!${value.slice(40)}`, NOW)).toBeUndefined()
    }
    const value =
      Array.from({ length: 50 }, () => tokens.seal(claims)).find(each => /[-]|_.*_/.test(each)) ?? ''
    const standard =
      SEALED_PREFIX + value.slice(SEALED_PREFIX.length).replaceAll('-', '+').replaceAll('_', '/')
    expect(standard).not.toBe(value)
    expect(tokens.open(standard, NOW)).toBeUndefined()
  })

  it('of another key are nobody’s, and of an older key of the list are opened', () => {
    const older = new SealedTokens([OLDER_KEY]).seal(claims)
    expect(tokens.open(older, NOW)).toBeUndefined()
    expect(new SealedTokens([KEY, OLDER_KEY]).open(older, NOW)).toEqual(claims)
    const sealed = new SealedTokens([KEY, OLDER_KEY]).seal(claims)
    expect(tokens.open(sealed, NOW)).toEqual(claims)
  })

  it('of one hour do not pass for those of another', () => {
    const bytes = Buffer.from(tokens.seal(claims).slice(SEALED_PREFIX.length), 'base64url')
    bytes.writeUInt32BE(bytes.readUInt32BE(1) + 1, 1)
    expect(tokens.open(SEALED_PREFIX + bytes.toString('base64url'), NOW)).toBeUndefined()
  })

  it('are known for a day, and from a clock that is an hour ahead at most', () => {
    const value = tokens.seal(claims)
    expect(tokens.open(value, NOW + 24 * HOUR_MS)).toEqual(claims)
    expect(tokens.open(value, NOW + 27 * HOUR_MS)).toBeUndefined()
    expect(tokens.open(value, NOW - HOUR_MS)).toEqual(claims)
    expect(tokens.open(value, NOW - 2 * HOUR_MS)).toBeUndefined()
  })

  it('outlive any number of hours that others ask for', () => {
    const own = new SealedTokens([KEY])
    for (let hour = 0; hour < 200; hour += 1) {
      const at = NOW + hour * HOUR_MS
      const value = own.seal({ ...claims, issuedAt: at })
      expect(own.open(value, at)).toEqual({ ...claims, issuedAt: at })
    }
    expect(own.open(own.seal(claims), NOW)).toEqual(claims)
  })
})
