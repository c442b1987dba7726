import { randomBytes } from 'node:crypto'
import { randomBase62 } from '../platform/checksummed-secret.ts'
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

  hash(password: string): Promise<string> {
    return this.#slowHash.hash(password)
  }

  /** Whether the password is the one of the hash. Without a hash the same work is done, and it is not. */
  async verify(hash: string | undefined, password: string): Promise<boolean> {
    this.#nobodys ??= this.#slowHash.hash(randomBytes(32).toString('base64url'))
    const nobodys = await this.#nobodys
    const matches = await this.#slowHash.verify(hash ?? nobodys, password)
    return matches && hash !== undefined
  }
}
