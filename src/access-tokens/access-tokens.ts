import type { AccessTokenClaims, JwtAccessTokens } from './jwt-access-tokens.ts'
import type { SealedTokens } from './sealed-token.ts'
import type { SignedTokens } from './signed-token.ts'
import type { TokenClaims } from './token-claims.ts'
import type { TokenClient } from './token-client.ts'

/** A token that was issued, and what its row says of it. */
export interface IssuedToken {
  readonly value: string
  /** Whom it is for; undefined: it names nobody. */
  readonly audience: string | undefined
  /** The key that signed it; undefined where it is sealed. */
  readonly keyId: string | undefined
}

/** Access tokens in both of their forms: made here, and read here again, with nothing kept in between. */
export class AccessTokens {
  readonly #sealed: SealedTokens
  readonly #signed: SignedTokens
  readonly #jwts: JwtAccessTokens
  readonly #now: () => number

  /** @param now milliseconds since the epoch */
  constructor(sealed: SealedTokens, signed: SignedTokens, jwts: JwtAccessTokens, now: () => number) {
    this.#sealed = sealed
    this.#signed = signed
    this.#jwts = jwts
    this.#now = now
  }

  /** Issues a token in the form that its resource server or its pass has chosen. */
  async issue(client: TokenClient, claims: AccessTokenClaims): Promise<IssuedToken> {
    const { target, expiresInSeconds, ...others } = claims
    if (this.#jwts.isWanted(client, target)) {
      const { value, audience, kid } = await this.#jwts.sign(client, claims)
      return { value, audience, keyId: kid }
    }
    const value = this.#sealed.seal({
      ...others,
      clientId: client.clientId,
      epoch: client.epoch,
      lifetimeSeconds: expiresInSeconds,
      audience: target?.resource,
      keyId: undefined,
    })
    return { value, audience: target?.resource, keyId: undefined }
  }

  /** What a bearer value says, whether it is live or not; undefined for what is no access token of this server. */
  async open(value: string): Promise<TokenClaims | undefined> {
    return this.#sealed.open(value, this.#now()) ?? (await this.#signed.open(value))
  }
}
