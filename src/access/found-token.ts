import type { AccessLevel } from '../platform/config.ts'

/** The pass of a token, as it is at the moment of the look-up. */
export interface TokenPass {
  readonly id: string
  /** Raised by each change. */
  readonly version: number
  /** Raised by whatever ends all of its tokens. */
  readonly epoch: number
  readonly passId: string
  readonly title: string
  readonly clientId: string
  readonly agentUserId: string
  readonly projectId: string
  readonly organizationId: string
  readonly permissions: readonly string[]
  readonly accessLevel: AccessLevel
  readonly allowedIps: readonly string[]
}

/** A token that was found, and whether it is still good. */
export interface FoundToken {
  readonly id: string
  readonly scopes: readonly string[]
  /** Whom it is for; undefined: this server's own API, or whoever introspects it. */
  readonly audience: string | undefined
  /** The SHA-256 thumbprint of the certificate that it is bound to, in base64url (RFC 8705 section 3.1). */
  readonly certificate: string | undefined
  readonly live: boolean
  readonly issuedAt: Date
  /** The end of the token or of its pass, whichever comes first. */
  readonly expiresAt: Date
  /** The end that the token was given at its grant. */
  readonly grantedUntil: Date
  readonly pass: TokenPass
}
