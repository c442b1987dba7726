import type { User } from '../accounts/user.entity.ts'

/** The prefix of an invitation's secret, and of a password reset's. */
export const INVITATION_PREFIX = 'spi_'
export const RESET_PREFIX = 'spr_'

export const INVITATION_LASTS_MS = 7 * 86_400_000
export const RESET_LASTS_MS = 86_400_000

/** A link to the console; the secret stands in the fragment, which no server is sent and no log holds. */
export function oneTimeLink(
  publicUrl: string,
  page: 'invitation' | 'password-reset',
  secret: string,
): string {
  return `${publicUrl}/console/${page}#${secret}`
}

/**
 * Has the link of a password reset work no more: whoever made it answered for the organizations that the user was in,
 * with the password that the user had.
 */
export function closeReset(user: User): void {
  user.resetDigest = null
  user.resetExpiresAt = null
  user.resetDropsTotp = false
}
