import { randomBytes } from 'node:crypto'
import { validationFailed } from '../http/validate.ts'
import { randomBase62 } from '../platform/checksummed-secret.ts'
import { opaqueString } from '../platform/opaque-string.ts'
import { passwordFault } from '../platform/password-policy.ts'
import type { SlowHash } from '../platform/slow-hash.ts'

const GENERATED_LENGTH = 24

/** A new password of letters and digits, of 142 random bits. */
export function generatePassword(): string {
  return randomBase62(GENERATED_LENGTH)
}

/** Passwords at rest. */
export class Passwords {
  readonly #slowHash: SlowHash
  #nobodys: Promise<string> | undefined

  constructor(slowHash: SlowHash) {
    this.#slowHash = slowHash
  }

  /** The hash of a password that nobody has chosen, or that was judged before. */
  hash(password: string): Promise<string> {
    return this.#slowHash.hash(opaqueString(password))
  }

  /**
   * The hash of a password that somebody has chosen.
   * @param pointer where in the body it stands
   * @throws Problem `validation_failed` that says why it is easy to guess
   */
  async hashChosen(
    password: string,
    { email, name }: { readonly email: string; readonly name: string },
    pointer: string,
  ): Promise<string> {
    const detail = passwordFault(password, [email, name])
    if (detail !== undefined) throw validationFailed([{ pointer, detail }])
    return this.hash(password)
  }

  /**
   * Whether the password is the one of the hash. Without a hash the same work is done, and it is not.
   * `as typed`: the hash is of before passwords were prepared (RFC 8265), of these very characters.
   */
  async verify(hash: string | undefined, password: string): Promise<'prepared' | 'as typed' | undefined> {
    this.#nobodys ??= this.#slowHash.hash(randomBytes(32).toString('base64url'))
    const compared = hash ?? (await this.#nobodys)
    const prepared = opaqueString(password)
    const matches = await this.#slowHash.verify(compared, prepared)
    const asTyped = !matches && prepared !== password && (await this.#slowHash.verify(compared, password))
    if (hash === undefined) return undefined
    if (matches) return 'prepared'
    return asTyped ? 'as typed' : undefined
  }
}
