import type { IncomingHttpHeaders } from 'node:http'
import { parse } from 'node:querystring'
import type { AccessTokens } from '../access-tokens/access-tokens.ts'
import type { RateLimiting } from '../http/rate-limiting.ts'
import type { PassSecrets } from '../passes/pass-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Recorder } from '../record/recorder.ts'
import { grantOf } from './acts.ts'
import { authenticateBySecret, PassRefused } from './client-authentication.ts'
import type { Clients } from './clients.ts'
import type { Exchange, OAuthRequest } from './exchange.ts'
import { grantedScopes, tokenTtlSeconds } from './grant-rules.ts'
import { decodeBasic } from './named-client.ts'
import { isWithinLimit } from './request-limit.ts'

const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i
/** An id and a secret that need no percent-decoding; anything else is the library's to read. */
const CREDENTIALS = /^(sp_[0-9A-Za-z]{22}):(sps_[0-9A-Za-z]{49})$/

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
    const asked = plainRequest(headers, form)
    const client = asked && this.#clients.cached(asked.clientId)?.snapshot
    if (!asked || !client) return undefined
    const exchange: Exchange = { request, useCache: true, clientId: asked.clientId, client, revocations: [] }
    const now = this.#clock.now()
    try {
      if (!(await authenticateBySecret(this.#secrets, exchange, asked.clientSecret, now))) return undefined
    } catch (error) {
      if (error instanceof PassRefused) return undefined
      throw error
    }
    if (asked.scope?.split(' ').some(scope => !client.scopes.includes(scope))) return undefined
    if (!(await isWithinLimit(this.#limits, exchange))) return undefined
    exchange.scopes = grantedScopes(asked.scope, client.scopes)
    const scope = exchange.scopes.join(' ') || undefined
    const expiresIn = tokenTtlSeconds(client, undefined, now)
    const { value, act } = await grantOf(exchange, this.#tokens, expiresIn, now)
    if ((await this.#recorder.commit(act)) === 'stale') return undefined
    return { exchange, body: { access_token: value, expires_in: expiresIn, token_type: 'Bearer', scope } }
  }
}

interface PlainRequest {
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string | undefined
}

function plainRequest(headers: IncomingHttpHeaders, form: Buffer): PlainRequest | undefined {
  if (!FORM.test(headers['content-type'] ?? '')) return undefined
  const { grant_type, scope, client_id, client_secret, ...others } = parse(form.toString('latin1'))
  if (grant_type !== 'client_credentials' || Object.keys(others).length > 0) return undefined
  if (scope !== undefined && typeof scope !== 'string') return undefined
  const posted = client_id !== undefined || client_secret !== undefined
  const text =
    headers.authorization === undefined ? `${client_id}:${client_secret}` : decodeBasic(headers.authorization)
  if (posted && headers.authorization !== undefined) return undefined
  const [, clientId, clientSecret] = CREDENTIALS.exec(text ?? '') ?? []
  return clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret, scope } : undefined
}
