import type { IncomingHttpHeaders } from 'node:http'
import type { AccessTokens } from '../access-tokens/access-tokens.ts'
import type { RateLimiting } from '../http/rate-limiting.ts'
import type { PassSecrets } from '../passes/pass-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { AccessLevel } from '../platform/config.ts'
import type { Recorder } from '../record/recorder.ts'
import { grantOf } from './acts.ts'
import type { ClientSnapshot, ResourceOfClient } from './client.store.ts'
import { OAUTH_ROUTES } from './endpoints.ts'
import type { OAuthRequest } from './exchange.ts'
import { grantedScopes, NotGranted, targetOf, tokenTtlSeconds } from './grant-rules.ts'
import type { KnownClients } from './known-clients.ts'
import { plainForm, proveClient } from './plain-client.ts'
import type { PlainRefusals } from './plain-refusal.ts'
import type { PlainAnswer, PlainEndpoint } from './short-way.ts'

/** The body of a token response (RFC 6749 section 5.1). */
export interface TokenResponse {
  readonly access_token: string
  readonly expires_in: number
  readonly token_type: 'Bearer'
  readonly scope: string | undefined
}

/**
 * The short way for the plain case of a grant: a client, its secret, scopes that it holds. It decides by the same rules as the
 * hooks of the library do and commits the same act. Whatever is not that case, every refusal but those of floods included, is
 * left to the library: it is the reference, and answers the same request the same way.
 */
export class PlainGrants implements PlainEndpoint {
  readonly path = OAUTH_ROUTES.token
  readonly grants = true
  readonly #clients: KnownClients
  readonly #fresh: (clientId: string) => Promise<ClientSnapshot | undefined>
  readonly #proving: { readonly secrets: PassSecrets; readonly limits: RateLimiting | undefined }
  readonly #refusals: PlainRefusals
  readonly #recorder: Pick<Recorder, 'commit'>
  readonly #tokens: Pick<AccessTokens, 'issue'>
  readonly #clock: Clock
  readonly #apiBaseUrl: string
  readonly #observe: (accessLevel: AccessLevel) => void

  constructor(deps: {
    readonly clients: KnownClients
    /** The pass as it is now, which this process keeps from then on. */
    readonly fresh: (clientId: string) => Promise<ClientSnapshot | undefined>
    readonly secrets: PassSecrets
    readonly refusals: PlainRefusals
    readonly recorder: Pick<Recorder, 'commit'>
    readonly tokens: Pick<AccessTokens, 'issue'>
    readonly clock: Clock
    readonly apiBaseUrl: string
    readonly limits: RateLimiting | undefined
    /** Told of each grant, for the operator's metrics. */
    readonly observe: (accessLevel: AccessLevel) => void
  }) {
    this.#clients = deps.clients
    this.#fresh = deps.fresh
    this.#proving = deps
    this.#refusals = deps.refusals
    this.#recorder = deps.recorder
    this.#tokens = deps.tokens
    this.#clock = deps.clock
    this.#apiBaseUrl = deps.apiBaseUrl
    this.#observe = deps.observe
  }

  async answer(
    request: OAuthRequest,
    headers: IncomingHttpHeaders,
    form: Buffer,
  ): Promise<PlainAnswer | undefined> {
    const asked = plainForm(headers, form)
    if (!asked) return undefined
    const { grant_type, scope: requested, resource, ...others } = asked.parameters
    if (grant_type !== 'client_credentials' || Object.keys(others).length > 0) return undefined
    if (requested !== undefined && typeof requested !== 'string') return undefined
    if (resource !== undefined && typeof resource !== 'string') return undefined
    const now = this.#clock.now()
    let known = this.#clients.cached(asked.clientId)?.snapshot
    let proof = await proveClient(this.#proving, request, asked, known, now)
    if (proof.result === 'wrong_secret') {
      // By a copy that may be outdated, or because this process has none.
      known = await this.#fresh(asked.clientId)
      proof = await proveClient(this.#proving, request, asked, known, now)
    }
    if (proof.result === 'wrong_secret')
      return this.#refusals.wrongSecret(request, headers, asked.clientId, known)
    if (proof.result === 'refused') return undefined
    if (proof.result === 'beyond_limit') return this.#refusals.beyondLimit(proof.exchange)
    const { exchange, client } = proof
    if (requested?.split(' ').some(scope => !client.scopes.includes(scope))) return undefined
    if (resource !== undefined) {
      const target = knownTarget(client, resource, this.#apiBaseUrl)
      if (!target) return undefined
      exchange.target = target
    }
    exchange.scopes = grantedScopes(requested, client.scopes)
    const scope = exchange.scopes.join(' ') || undefined
    const expiresIn = tokenTtlSeconds(client, exchange.target, now)
    const { value, act } = await grantOf(exchange, this.#tokens, expiresIn, now)
    if ((await this.#recorder.commit(act)) === 'stale') return undefined
    const body: TokenResponse = { access_token: value, expires_in: expiresIn, token_type: 'Bearer', scope }
    return { body, observe: () => this.#observe(client.accessLevel) }
  }
}

/** The resource that a token is asked for (RFC 8707); undefined where that is the reference's to refuse. */
function knownTarget(
  client: ClientSnapshot,
  resource: string,
  apiBaseUrl: string,
): ResourceOfClient | undefined {
  try {
    return targetOf(client, resource, apiBaseUrl)
  } catch (error) {
    if (error instanceof NotGranted) return undefined
    throw error
  }
}
