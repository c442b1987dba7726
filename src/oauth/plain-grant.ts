import type { IncomingHttpHeaders } from 'node:http'
import type { AccessTokens } from '../access-tokens/access-tokens.ts'
import type { RateLimiting } from '../http/rate-limiting.ts'
import type { PassSecrets } from '../passes/pass-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Recorder } from '../record/recorder.ts'
import { grantOf } from './acts.ts'
import type { Clients } from './clients.ts'
import type { Exchange, OAuthRequest } from './exchange.ts'
import { grantedScopes, tokenTtlSeconds } from './grant-rules.ts'
import { plainExchange, plainForm } from './plain-client.ts'

/** The body of a token response (RFC 6749 section 5.1). */
export interface TokenResponse {
  readonly access_token: string
  readonly expires_in: number
  readonly token_type: 'Bearer'
  readonly scope: string | undefined
}

/** A grant that was made the short way. */
export interface PlainGrant {
  readonly exchange: Exchange
  readonly body: TokenResponse
}

/**
 * The short way for the plain case of a grant: a known client, its secret, scopes that it holds. It decides by the same
 * rules as the hooks of the library do and commits the same act. Whatever is not that case, every refusal included, is
 * left to the library: it is the reference, and answers the same request the same way.
 */
export class PlainGrants {
  readonly #clients: Pick<Clients, 'cached'>
  readonly #secrets: PassSecrets
  readonly #recorder: Pick<Recorder, 'commit'>
  readonly #tokens: Pick<AccessTokens, 'issue'>
  readonly #clock: Clock
  readonly #limits: RateLimiting | undefined

  constructor(
    clients: Pick<Clients, 'cached'>,
    secrets: PassSecrets,
    recorder: Pick<Recorder, 'commit'>,
    tokens: Pick<AccessTokens, 'issue'>,
    clock: Clock,
    limits: RateLimiting | undefined,
  ) {
    this.#clients = clients
    this.#secrets = secrets
    this.#recorder = recorder
    this.#tokens = tokens
    this.#clock = clock
    this.#limits = limits
  }

  /** @returns undefined when the request is for the library to answer; then nothing was written */
  async grant(
    request: OAuthRequest,
    headers: IncomingHttpHeaders,
    form: Buffer,
  ): Promise<PlainGrant | undefined> {
    const asked = plainForm(headers, form)
    const client = asked && this.#clients.cached(asked.clientId)?.snapshot
    if (!asked || !client) return undefined
    const { grant_type, scope: requested, ...others } = asked.parameters
    if (grant_type !== 'client_credentials' || Object.keys(others).length > 0) return undefined
    if (requested !== undefined && typeof requested !== 'string') return undefined
    const now = this.#clock.now()
    const exchange = await plainExchange(
      ...([this.#secrets, this.#limits, request, client, asked.clientSecret, now] as const),
    )
    if (!exchange || requested?.split(' ').some(scope => !client.scopes.includes(scope))) return undefined
    exchange.scopes = grantedScopes(requested, client.scopes)
    const scope = exchange.scopes.join(' ') || undefined
    const expiresIn = tokenTtlSeconds(client, undefined, now)
    const { value, act } = await grantOf(exchange, this.#tokens, expiresIn, now)
    if ((await this.#recorder.commit(act)) === 'stale') return undefined
    return { exchange, body: { access_token: value, expires_in: expiresIn, token_type: 'Bearer', scope } }
  }
}
