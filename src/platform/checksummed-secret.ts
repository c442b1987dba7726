import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const RANDOM_LENGTH = 43
const CHECKSUM_LENGTH = 6
// The largest multiple of 62 in a byte: values from here on would favour the first characters.
const UNBIASED_LIMIT = 248

/** `length` characters of `0-9A-Za-z`, each as likely as the other, from the system's random source. */
export function randomBase62(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < UNBIASED_LIMIT && text.length < length) text += ALPHABET[byte % 62]
    }
  }
  return text
}

/** A new secret: `prefix`, 43 random base62 characters (256 bits) and the checksum of both. */
export function generateChecksummedSecret(prefix: string): string {
  const body = prefix + randomBase62(RANDOM_LENGTH)
  return body + checksum(body)
}

/** Whether `value` has the form of a secret with that prefix, checksum included; says nothing of whose it is. */
export function isChecksummedSecret(prefix: string, value: string): boolean {
  const length = prefix.length + RANDOM_LENGTH + CHECKSUM_LENGTH
  if (
    value.length !== length ||
    !value.startsWith(prefix) ||
    !/^[0-9A-Za-z]+$/.test(value.slice(prefix.length))
  )
    return false
  const split = length - CHECKSUM_LENGTH
  return checksum(value.slice(0, split)) === value.slice(split)
}

function checksum(body: string): string {
  let rest = crc32(body)
  let digits = ''
  while (rest > 0) {
    digits = ALPHABET[rest % 62] + digits
    rest = Math.floor(rest / 62)
  }
  return digits.padStart(CHECKSUM_LENGTH, '0')
}
