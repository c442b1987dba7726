/** An assertion is for one request: one that could be used for longer is refused (RFC 7523 section 3). */
const LONGEST_SECONDS = 3600

/** How far the clock of an agent may differ from this server's, in seconds (FAPI 2.0 Security Profile section 5.3.2.1). */
export const CLOCK_LEEWAY_SECONDS = 60

/** The claims that are judged here; the library has checked their types, and all else of RFC 7523 section 3. */
export interface AssertionClaims {
  readonly aud?: unknown
  readonly exp?: unknown
  readonly iat?: unknown
}

/**
 * Why an assertion is refused although its client has signed it. Each audience has to be this server's, so that none that was
 * made for somebody else is good here (RFC 7523bis section 4); libraries in use name the issuer, the endpoint, or both.
 *
 * @param audiences the issuer and the addresses of this server's endpoints
 * @param now seconds since the epoch
 * @returns words for who holds the key; undefined where it is good
 */
export function whyRefused(
  { aud, exp, iat }: AssertionClaims,
  audiences: ReadonlySet<unknown>,
  issuer: string,
  now: number,
): string | undefined {
  if (![aud].flat().every(audience => audiences.has(audience)))
    return `the aud of a client assertion may name this server alone: ${issuer}`
  if (typeof exp !== 'number' || exp - now > LONGEST_SECONDS + CLOCK_LEEWAY_SECONDS)
    return `the exp of a client assertion may lie ${LONGEST_SECONDS} seconds ahead at most`
  if (typeof iat === 'number' && iat - now > CLOCK_LEEWAY_SECONDS)
    return 'the iat of the client assertion lies ahead: set the clock of this machine'
  return undefined
}
