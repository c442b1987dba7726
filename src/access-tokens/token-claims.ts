/** What an access token says, sealed or signed: no row is needed to read it. */
export interface TokenClaims {
  /** The token's own id, a UUIDv7, which is the id of its grant's row. */
  readonly id: string
  readonly clientId: string
  /** The pass's epoch at the grant: a pass that has a higher one by now has ended its tokens. */
  readonly epoch: number
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly lifetimeSeconds: number
  readonly scopes: readonly string[]
  /** Whom it is for; undefined: this server's own API, or whoever introspects it. */
  readonly audience: string | undefined
  /** The SHA-256 thumbprint of the certificate that it is bound to, in base64url (RFC 8705 section 3.1). */
  readonly certificate: string | undefined
  /** The `kid` of the key that signed it; undefined for a sealed one. */
  readonly keyId: string | undefined
}
