import type { SigningAlgorithm } from '../platform/config.ts'
import type { Signer } from '../signing-keys/signer.ts'
import { confirmationOf } from './certificate-binding.ts'
import { projectUrl, type TokenClient, type TokenTarget } from './token-client.ts'

/** What the token of a grant says. */
export interface AccessTokenClaims {
  /** `jti`, and the id of the grant's row. */
  readonly id: string
  readonly scopes: readonly string[]
  /** The resource that was asked for; undefined: none. */
  readonly target: TokenTarget | undefined
  /** The SHA-256 thumbprint of the certificate that it is bound to. */
  readonly certificate: string | undefined
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly expiresInSeconds: number
}

/** A token that was signed, and what else is to be stored of it. */
export interface SignedToken {
  readonly value: string
  readonly audience: string
  readonly kid: string
}

/**
 * Access tokens as signed documents (RFC 9068), for the passes and resource servers that ask for them.
 *
 * Introspection, revocation and all that ends a token hold for them as for sealed ones (`access-tokens/`), and a resource
 * server that checks the signature by itself needs none of it.
 */
export class JwtAccessTokens {
  readonly #issuer: string
  readonly #apiBaseUrl: string
  readonly #defaultAlg: SigningAlgorithm
  readonly #signer: (alg: SigningAlgorithm) => Promise<Signer>

  constructor(
    issuer: string,
    apiBaseUrl: string,
    defaultAlg: SigningAlgorithm,
    signer: (alg: SigningAlgorithm) => Promise<Signer>,
  ) {
    this.#issuer = issuer
    this.#apiBaseUrl = apiBaseUrl
    this.#defaultAlg = defaultAlg
    this.#signer = signer
  }

  /** Whether the token is to be a JWT: as the resource server has it, else as the pass has it. */
  isWanted(client: TokenClient, target: TokenTarget | undefined): boolean {
    return (target?.tokenFormat ?? client.tokenFormat) === 'jwt'
  }

  /** Signs a token with the claims of RFC 9068 section 2.2, whose agent and project it is, and what it is bound to. */
  async sign(client: TokenClient, claims: AccessTokenClaims): Promise<SignedToken> {
    const { id, scopes, target, certificate, issuedAt, expiresInSeconds } = claims
    const signer = await this.#signer(target?.signingAlg ?? this.#defaultAlg)
    const audience = target?.resource ?? projectUrl(this.#apiBaseUrl, client)
    const issuedAtSeconds = Math.floor(issuedAt / 1000)
    const value = await signer.sign({
      client_id: client.clientId,
      ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
      agent_user_id: client.agentUserId,
      project_id: client.projectId,
      pass_epoch: client.epoch,
      ...confirmationOf(certificate),
      iss: this.#issuer,
      sub: client.clientId,
      aud: audience,
      jti: id,
      iat: issuedAtSeconds,
      exp: issuedAtSeconds + expiresInSeconds,
    })
    return { value, audience, kid: signer.kid }
  }
}
