/** A token that an act ends before its time. */
export interface TokenEnd {
  readonly id: string
  /** When it would have ended; milliseconds since the epoch. */
  readonly expiresAt: number
}
