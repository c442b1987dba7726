import { readFileSync } from 'node:fs'
import { opaqueString } from './opaque-string.ts'

/** NIST SP 800-63B section 3.1.1.2: length, a blocklist, and no rules of composition. */
export const SHORTEST_PASSWORD = 12
export const LONGEST_PASSWORD = 200

/** So many characters around a common password make it no other one: a year and a sign. */
const AROUND = 5
/** Pieces of so many are repeated, and runs are of so many. */
const FEW = 4
/** So many characters have to be left when words that everybody knows of the person are taken out. */
const ENOUGH = 8
/** Shorter words of a context stand in passwords by chance. */
const SHORTEST_WORD = 4
const PRODUCT = ['Sentinel Pass', 'sentinel']
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop[]',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl;',
]
const RUNS = [...ROWS, 'zxcvbnm,./'].flatMap(row => [row + row, [...(row + row)].toReversed().join('')])
const LOOKALIKES: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't' },
  ...{ '@': 'a', $: 's', '!': 'i' },
}

let common: ReadonlySet<string> | undefined

/** What is wrong with the form of a password that is to be set; undefined: nothing. */
export function passwordFormFault(password: string): string | undefined {
  const prepared = opaqueString(password)
  const { length } = [...prepared]
  if (length < SHORTEST_PASSWORD) return `must have ${SHORTEST_PASSWORD} characters or more`
  if (length > LONGEST_PASSWORD) return `must have ${LONGEST_PASSWORD} characters at most`
  return /\p{Cc}/u.test(prepared) ? 'must not have control characters' : undefined
}

/**
 * Why a password is easy to guess, for the person who chose it (NIST SP 800-63B section 3.1.1.2); undefined: it may be set.
 * @param context what everybody knows of the person, such as their email and name
 */
export function passwordFault(password: string, context: readonly string[]): string | undefined {
  const typed = opaqueString(password).toLowerCase().replaceAll(/\s/g, '')
  if (isCommon(typed))
    return 'is one of the passwords that are tried first, or one of them with a few characters more: choose another one'
  if (isRepeated(typed)) return 'is a few characters again and again: choose another one'
  if (isRun(typed)) return 'follows the alphabet, the digits or the keys of a keyboard: choose another one'
  if (isContext(typed, context))
    return 'is little more than your email, your name or the name of this product: choose another one'
  return undefined
}

/** A common password as it is, with lookalikes in it (`p@ssw0rd`), or with something easy around it (`password2026!`). */
function isCommon(typed: string): boolean {
  if (isListed(typed)) return true
  const [, before = '', core = '', after = ''] = /^([^\p{L}]*)(.*?)([^\p{L}]*)$/u.exec(typed) ?? []
  const isEasy = (text: string) => text.length <= AROUND || isListed(text) || isRepeated(text) || isRun(text)
  return isEasy(before) && isEasy(after) && (isListed(core) || isRepeatedCommon(core))
}

function isListed(text: string): boolean {
  common ??= readCommonPasswords()
  return common.has(text) || common.has(text.replaceAll(/[013457@$!]/g, sign => LOOKALIKES[sign] ?? sign))
}

function isRepeatedCommon(text: string): boolean {
  const period = periodOf(text)
  return period < text.length && isListed(text.slice(0, period))
}

function isRepeated(text: string): boolean {
  return periodOf(text) <= FEW && text.length > FEW
}

/** The length of the shortest piece that a text repeats; its own where it repeats none. */
function periodOf(text: string): number {
  for (let period = 1; period * 2 <= text.length; period += 1)
    if (text.slice(period) === text.slice(0, -period)) return period
  return text.length
}

/** Whether all of it is runs along a row, forth or back, of four characters each on average. */
function isRun(text: string): boolean {
  let [runs, start] = [0, 0]
  while (start < text.length) {
    let end = start + 1
    while (end < text.length && RUNS.some(row => row.includes(text.slice(start, end + 1)))) end += 1
    runs += 1
    start = end
  }
  return runs * FEW <= text.length
}

function isContext(typed: string, context: readonly string[]): boolean {
  const words = [...PRODUCT, ...context]
    .flatMap(text => [text, ...text.split(/[^\p{L}\p{N}]+/u), ...text.split('@')])
    .map(bare)
    .filter(word => word.length >= SHORTEST_WORD)
    .toSorted((one, other) => other.length - one.length)
  const whole = bare(typed)
  const left = words.reduce((text, word) => text.replaceAll(word, ''), whole)
  return left !== whole && left.length < ENOUGH
}

function bare(text: string): string {
  return opaqueString(text)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}

// A tenth of a megabyte, that a process which sets no password need not have.
function readCommonPasswords(): ReadonlySet<string> {
  const file = new URL('../../config/common-passwords.txt', import.meta.url)
  const lines = readFileSync(file, 'utf8').split('\n')
  return new Set(lines.filter(line => line !== '' && !line.startsWith('#')))
}
