import { randomBytes } from 'node:crypto'
import type { User } from '../accounts/user.entity.ts'
import type { Clock } from '../platform/clock.ts'
import { SecretKeys } from '../platform/secret-keys.ts'

/** So long after its last sign-in a browser is known. */
export const KNOWN_FOR_SECONDS = 180 * 86_400
/** So many people can be known by one browser; who has not signed in with it for longest goes first. */
const MOST_PEOPLE = 5
const NONCE_BYTES = 16

interface Entry {
  readonly nonce: string
  /** Seconds since the epoch. */
  readonly time: string
  readonly mac: string
}

type Person = Pick<User, 'id' | 'epoch'>

/** Nobody, for whom the same work is done. */
const NOBODY: Person = { id: '00000000-0000-0000-0000-000000000000', epoch: 0 }

/**
 * Browsers that somebody has signed in with before, by a cookie of theirs (OWASP: device cookies). It is no proof of
 * anything: it has a browser's failed sign-ins counted apart from those of strangers. Each entry is for one person, and ends
 * with their epoch: a new password and a sign-out everywhere make every browser a stranger again.
 */
export class KnownBrowsers {
  readonly #keys: SecretKeys
  readonly #clock: Clock

  constructor(keys: SecretKeys, clock: Clock) {
    this.#keys = keys
    this.#clock = clock
  }

  /** What a browser is counted by when it signs in as somebody; undefined: it is not known to have done so. */
  nameFor(cookie: string, user: Person | null): string | undefined {
    const found = this.#entries(cookie).find(entry => this.#isOf(entry, user ?? NOBODY))
    return user ? found?.nonce : undefined
  }

  /** The cookie of a browser that somebody has signed in with now. */
  remember(cookie: string, user: Person): string {
    const others = this.#entries(cookie).filter(entry => !this.#isOf(entry, user))
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    const time = String(Math.floor(this.#clock.now() / 1000))
    const mac = this.#keys.digest(signed(nonce, time, user)).toString('base64url')
    return [{ nonce, time, mac }, ...others]
      .slice(0, MOST_PEOPLE)
      .map(entry => `${entry.nonce}.${entry.time}.${entry.mac}`)
      .join('~')
  }

  #entries(cookie: string): Entry[] {
    return cookie
      .split('~', MOST_PEOPLE)
      .map(entry => /^([\w-]{22})\.(\d{1,12})\.([\w-]{43})$/.exec(entry))
      .flatMap(match => (match ? [{ nonce: match[1] ?? '', time: match[2] ?? '', mac: match[3] ?? '' }] : []))
  }

  #isOf({ nonce, time, mac }: Entry, user: Person): boolean {
    const digests = this.#keys.digests(signed(nonce, time, user))
    const isOwn = SecretKeys.matches(digests, Buffer.from(mac, 'base64url'))
    return isOwn && Number(time) + KNOWN_FOR_SECONDS > this.#clock.now() / 1000
  }
}

function signed(nonce: string, time: string, { id, epoch }: Person): string {
  return `known browser ${nonce} ${time} ${id}.${epoch}`
}
