import {
  generateChecksummedSecret,
  isChecksummedSecret,
  randomBase62,
} from '../../src/platform/checksummed-secret.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** CRC-32 (IEEE 802.3), bit by bit, as the standard has it. */
function crc32(text: string): number {
  let register = 0xffffffff
  for (const byte of Buffer.from(text)) {
    register ^= byte
    for (let bit = 0; bit < 8; bit += 1)
      register = register & 1 ? (register >>> 1) ^ 0xedb88320 : register >>> 1
  }
  return (register ^ 0xffffffff) >>> 0
}

function checksum(text: string): string {
  let rest = BigInt(crc32(text))
  let digits = ''
  for (let place = 0; place < 6; place += 1) {
    digits = DIGITS.charAt(Number(rest % 62n)) + digits
    rest /= 62n
  }
  return digits
}

describe('the reference of this file', () => {
  it('is CRC-32 by its check value', () => {
    expect(crc32('123456789')).toBe(0xcbf43926)
  })
})

describe('a generated secret', () => {
  it.each([['sps_'], ['spk_']])('is %s, 43 base62 characters and their checksum', prefix => {
    for (let count = 0; count < 200; count += 1) {
      const secret = generateChecksummedSecret(prefix)

      expect(secret).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{49}$`))
      expect(secret.slice(-6)).toBe(checksum(secret.slice(0, -6)))
    }
  })

  it('is another one each time', () => {
    const secrets = Array.from({ length: 1000 }, () => generateChecksummedSecret('sps_'))

    expect(new Set(secrets).size).toBe(1000)
  })
})

describe('randomBase62', () => {
  it.each([[0], [1], [22], [43], [1000]])('has exactly %i characters', length => {
    expect(randomBase62(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`))
  })

  it('favours no character', () => {
    const counts = new Map<string, number>()
    for (const character of randomBase62(62_000)) counts.set(character, (counts.get(character) ?? 0) + 1)

    expect(counts.size).toBe(62)
    // The expectation is 1000 with a deviation of 31; a byte taken modulo 62 would give some of them 1211.
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(1000 - 8 * 31)
      expect(count).toBeLessThan(1000 + 6 * 31)
    }
  })
})

describe('isChecksummedSecret', () => {
  const body = `sps_${'0aZ'.repeat(14)}7`
  const good = body + checksum(body)

  it('accepts what has the form and the checksum', () => {
    expect(isChecksummedSecret('sps_', good)).toBe(true)
    expect(isChecksummedSecret('sps_', generateChecksummedSecret('sps_'))).toBe(true)
  })

  it('accepts a checksum that begins with zeros', () => {
    let padded = ''
    for (let number = 0; !padded; number += 1) {
      const candidate = `sps_${String(number).padStart(43, 'x')}`
      if (checksum(candidate).startsWith('00')) padded = candidate + checksum(candidate)
    }

    expect(isChecksummedSecret('sps_', padded)).toBe(true)
  })

  it('refuses every mistyped character', () => {
    for (let position = 0; position < good.length; position += 1) {
      const typed = good.charAt(position) === 'q' ? 'r' : 'q'
      const mistyped = good.slice(0, position) + typed + good.slice(position + 1)

      expect([position, isChecksummedSecret('sps_', mistyped)]).toEqual([position, false])
    }
  })

  it('refuses every two neighbours that were swapped', () => {
    for (let position = 4; position < good.length - 1; position += 1) {
      const [one, other] = [good.charAt(position), good.charAt(position + 1)]
      if (one === other) continue
      const swapped = good.slice(0, position) + other + one + good.slice(position + 2)

      expect([position, isChecksummedSecret('sps_', swapped)]).toEqual([position, false])
    }
  })

  it.each([
    ['nothing', ''],
    ['the prefix alone', 'sps_'],
    ['one that is cut off', good.slice(0, -1)],
    ['one with a character more', `${good}0`],
    ['one with a space before it', ` ${good}`],
    ['one with a line break behind it', `${good}\n`],
    ['one of another prefix', `spk_${'0'.repeat(43)}${checksum(`spk_${'0'.repeat(43)}`)}`],
    ['one whose checksum leaves the prefix out', body + checksum(body.slice(4))],
    ['characters outside base62', `sps_${'-'.repeat(43)}${checksum(`sps_${'-'.repeat(43)}`)}`],
    ['digits of another script', `sps_${'٣'.repeat(43)}${checksum(`sps_${'٣'.repeat(43)}`)}`],
  ])('refuses %s', (_what, value) => {
    expect(isChecksummedSecret('sps_', value)).toBe(false)
  })
})
