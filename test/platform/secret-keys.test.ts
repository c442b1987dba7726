import { createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { SecretKeys } from '../../src/platform/secret-keys.ts'

const older = Buffer.alloc(32, 1)
const newer = Buffer.alloc(32, 2)
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()

describe('the digest of a secret', () => {
  it('is HMAC-SHA256 under the key itself, the newest of several', () => {
    expect(new SecretKeys([older]).digest('secret')).toEqual(hmac(older, 'secret'))
    expect(new SecretKeys([newer, older]).digest('secret')).toEqual(hmac(newer, 'secret'))
  })

  it('is looked for under each key, newest first', () => {
    expect(new SecretKeys([newer, older]).digests('secret')).toEqual([
      hmac(newer, 'secret'),
      hmac(older, 'secret'),
    ])
  })

  it('matches what any of the keys wrote, and nothing else', () => {
    const digests = new SecretKeys([newer, older]).digests('secret')

    expect(SecretKeys.matches(digests, hmac(newer, 'secret'))).toBe(true)
    expect(SecretKeys.matches(digests, hmac(older, 'secret'))).toBe(true)
    expect(SecretKeys.matches(digests, hmac(older, 'Secret'))).toBe(false)
    expect(SecretKeys.matches(digests, hmac(Buffer.alloc(32, 3), 'secret'))).toBe(false)
    expect(SecretKeys.matches([], hmac(older, 'secret'))).toBe(false)
  })
})

describe('what is sealed', () => {
  it.each([[0], [1], [32], [5000]])('comes back as it was: %i bytes', length => {
    const plain = randomBytes(length)
    const keys = new SecretKeys([older])

    expect(keys.decrypt(keys.encrypt(plain))).toEqual(plain)
  })

  it('does not show what is in it, and looks different each time', () => {
    const keys = new SecretKeys([older])
    const plain = Buffer.from('a private signing key')
    const [one, other] = [keys.encrypt(plain), keys.encrypt(plain)]

    expect(one.includes(plain)).toBe(false)
    expect(one.equals(other)).toBe(false)
  })

  it('is opened by an older key, and written by the newest', () => {
    const sealed = new SecretKeys([older]).encrypt(Buffer.from('kept'))
    const both = new SecretKeys([newer, older])

    expect(both.decrypt(sealed).toString()).toBe('kept')
    expect(new SecretKeys([newer]).decrypt(both.encrypt(Buffer.from('new'))).toString()).toBe('new')
  })

  it('is not opened by another key', () => {
    const sealed = new SecretKeys([older]).encrypt(Buffer.from('kept'))

    expect(() => new SecretKeys([newer]).decrypt(sealed)).toThrow(/SECRET_KEY/)
  })

  it('is not opened when a single bit of it was changed, or it was cut off', () => {
    const keys = new SecretKeys([older])
    const sealed = keys.encrypt(Buffer.from('kept'))
    for (let position = 0; position < sealed.length; position += 1) {
      const changed = Buffer.from(sealed)
      changed.writeUInt8(changed.readUInt8(position) ^ 1, position)

      expect(() => keys.decrypt(changed)).toThrow(/SECRET_KEY/)
    }
    for (const length of [0, 5, 12, 20, 28, sealed.length - 1])
      expect(() => keys.decrypt(sealed.subarray(0, length))).toThrow(/SECRET_KEY/)
  })

  it('is not opened by the beginning of its tag', () => {
    const keys = new SecretKeys([older])
    const sealed = keys.encrypt(Buffer.alloc(0))
    for (let length = 12; length < sealed.length; length += 1)
      expect(() => keys.decrypt(sealed.subarray(0, length))).toThrow(/SECRET_KEY/)
  })

  it('is not under the key that makes the digests', () => {
    const sealed = new SecretKeys([older]).encrypt(Buffer.from('kept'))

    expect(new SecretKeys([older]).decrypt(sealed).toString()).toBe('kept')
    const opener = createDecipheriv('aes-256-gcm', older, sealed.subarray(0, 12))
    opener.setAuthTag(sealed.subarray(12, 28)).update(sealed.subarray(28))
    expect(() => opener.final()).toThrow()
  })
})
