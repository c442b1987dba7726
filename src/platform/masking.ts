import { isChecksummedSecret } from './checksummed-secret.ts'

/**
 * What is a secret wherever it stands: those of this server by their prefixes, cut short or in capitals too, tokens in
 * the form of a JWT, and what follows the name of a scheme in an `Authorization`.
 */
const SECRETS =
  /(sp[skirt]_)[\w-]{12,}|(?<=^|[^\w-]|%[\da-f]{2})(eyJ)[\w-]{8,}(?:\.[\w-]*)*|\b((?:Basic|Bearer|DPoP) +)[\w.~+/-]{16,}=*/gi

/** How each of them begins: looked for first, since nearly every text that is recorded has none. */
const BEGINNING = /sp[skirt]_|eyJ|basic |bearer |dpop /i

const MASK = '***'

/** A text with a mask in the place of each secret in it; what kind it was is kept, for whoever looks for the leak. */
export function masked(text: string): string {
  if (!BEGINNING.test(text)) return text
  return text.replace(
    SECRETS,
    (_secret, ofServer?: string, jwt?: string, scheme?: string) =>
      `${ofServer ?? jwt ?? scheme ?? ''}${MASK}`,
  )
}

/** What is a secret beyond doubt: whole, and by itself. What looks like the beginning of one can be chance in random text. */
const WHOLE_SECRETS =
  /(?<![0-9A-Za-z])(sp[skir]_)[0-9A-Za-z]{49}(?![0-9A-Za-z])|(?<![0-9A-Za-z])spt_[\w-]{80,}|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g

/**
 * Whether a text has a whole secret or token in it, so that what is sent can be refused for it: an identifier that a client
 * draws at random begins like one every few thousand times, and has to be taken.
 */
export function hasSecret(text: string): boolean {
  for (const [secret, prefix] of text.matchAll(WHOLE_SECRETS))
    if (prefix === undefined || isChecksummedSecret(prefix, secret)) return true
  return false
}

/** The same for a whole value, in each text of it; the value itself where there is nothing to mask. */
export function maskedDeep<Value>(value: Value): Value
export function maskedDeep(value: unknown): unknown {
  if (typeof value === 'string') return masked(value)
  if (Array.isArray(value)) {
    const members = value.map(maskedDeep)
    return members.every((member, index) => member === value[index]) ? value : members
  }
  // Dates and the like present themselves.
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  const changed: [string, unknown][] = []
  for (const [name, member] of Object.entries(value)) {
    const shown = maskedDeep(member)
    if (shown !== member) changed.push([name, shown])
  }
  return changed.length === 0 ? value : { ...value, ...Object.fromEntries(changed) }
}

/** In characters; more is nobody's to read. */
const LONGEST_ERROR = 1_000

/** What is told, logged and stored of an error: without secrets, and no longer than somebody reads. */
export function errorText(text: string): string {
  const shown = masked(text)
  if (shown.length <= LONGEST_ERROR) return shown
  return `${shown.slice(0, LONGEST_ERROR).toWellFormed()} … (${shown.length - LONGEST_ERROR} more characters)`
}
