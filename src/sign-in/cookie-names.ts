import { createHash } from 'node:crypto'
import { publicPathOf } from '../http/public-path.ts'

/** What a browser keeps for people who sign in. */
export interface CookieNames {
  readonly session: string
  /** Of one sign-in under way, each at a path of its own: the page, and the way back from it. */
  readonly interaction: string
  readonly resume: string
  /** By which a browser is known that somebody has signed in with before. */
  readonly browser: string
}

/**
 * Names of this issuer's own: cookies know no ports, so that two servers on one host would end each other's sessions.
 *
 * Over https a prefix (RFC 6265bis section 4.1.3) has browsers take them from https alone. `__Host-`, which keeps out
 * those that a neighbouring subdomain sets, asks for the path `/`: a server below a path keeps to its path instead, so
 * that what else is on the host is not sent them; and so do those of one sign-in, or two in two tabs would be one.
 */
export function cookieNamesOf(issuer: string): CookieNames {
  const own = createHash('sha256').update(issuer).digest('hex').slice(0, 12)
  const secure = issuer.startsWith('https:')
  const atItsPath = secure ? '__Secure-' : ''
  const everywhere = secure && publicPathOf(issuer) === '' ? '__Host-' : atItsPath
  return {
    session: `${everywhere}sp_session_${own}`,
    interaction: `${atItsPath}sp_interaction_${own}`,
    resume: `${atItsPath}sp_resume_${own}`,
    browser: `${everywhere}sp_browser_${own}`,
  }
}
