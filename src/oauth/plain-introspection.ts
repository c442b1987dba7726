import type { IncomingHttpHeaders } from 'node:http'
import type { ParsedUrlQuery } from 'node:querystring'
import type { FoundToken } from '../access/found-token.ts'
import type { SealedTokens } from '../access-tokens/sealed-token.ts'
import type { TokenClaims } from '../access-tokens/token-claims.ts'
import type { RateLimiting } from '../http/rate-limiting.ts'
import type { PassSecrets } from '../passes/pass-secret.ts'
import type { Clock } from '../platform/clock.ts'
import type { Recorder } from '../record/recorder.ts'
import { callAct } from './acts.ts'
import type { ClientSnapshot } from './client.store.ts'
import { OAUTH_ROUTES } from './endpoints.ts'
import type { OAuthRequest } from './exchange.ts'
import {
  CONTEXT_NAMES,
  type IntrospectionContext,
  observedCall,
  parseIntrospectionContext,
  presentIntrospection,
  restingOn,
} from './introspection.ts'
import type { KnownClients } from './known-clients.ts'
import { plainForm, proveClient } from './plain-client.ts'
import type { PlainAnswer, PlainEndpoint } from './short-way.ts'

/**
 * The short way for the plain case of an introspection: a known pass with its secret, and a sealed token that is live, is
 * another project's, or is none at all. Nothing is read for it: the token says what it is, the passes of caller and token are
 * copies, and the commit that records the call holds both against what they are now, and the token against those that were
 * ended. Whatever is not that case is left to the library, which answers the same request the same way.
 */
export class PlainIntrospections implements PlainEndpoint {
  readonly path = OAUTH_ROUTES.introspection
  readonly grants = false
  readonly #clients: KnownClients
  readonly #copyOf: (clientId: string) => Promise<ClientSnapshot | undefined>
  readonly #renew: (clientId: string) => Promise<unknown>
  readonly #proving: { readonly secrets: PassSecrets; readonly limits: RateLimiting | undefined }
  readonly #recorder: Pick<Recorder, 'commit'>
  readonly #sealed: Pick<SealedTokens, 'open'>
  readonly #clock: Clock
  readonly #issuer: string
  readonly #apiBaseUrl: string
  readonly #observe: (result: 'active' | 'inactive') => void

  constructor(deps: {
    readonly clients: KnownClients
    /** The pass as this process keeps it, or as it is now where it keeps none. */
    readonly copyOf: (clientId: string) => Promise<ClientSnapshot | undefined>
    /** Has this process keep the pass as it is now. */
    readonly renew: (clientId: string) => Promise<unknown>
    readonly secrets: PassSecrets
    readonly recorder: Pick<Recorder, 'commit'>
    readonly sealed: Pick<SealedTokens, 'open'>
    readonly clock: Clock
    readonly limits: RateLimiting | undefined
    readonly issuer: string
    readonly apiBaseUrl: string
    /** Told of each introspection, for the operator's metrics. */
    readonly observe: (result: 'active' | 'inactive') => void
  }) {
    this.#clients = deps.clients
    this.#copyOf = deps.copyOf
    this.#renew = deps.renew
    this.#proving = deps
    this.#recorder = deps.recorder
    this.#sealed = deps.sealed
    this.#clock = deps.clock
    this.#issuer = deps.issuer
    this.#apiBaseUrl = deps.apiBaseUrl
    this.#observe = deps.observe
  }

  async answer(
    request: OAuthRequest,
    headers: IncomingHttpHeaders,
    form: Buffer,
  ): Promise<PlainAnswer | undefined> {
    const asked = plainForm(headers, form)
    const client = asked && this.#clients.cached(asked.clientId)?.snapshot
    if (!asked || !client) return undefined
    const { token: value, token_type_hint: hint, ...others } = asked.parameters
    if (typeof value !== 'string' || value === '' || Array.isArray(hint)) return undefined
    const context = contextOf(others)
    if (!context) return undefined
    const now = this.#clock.now()
    const claims = this.#sealed.open(value, now)
    // A token of another form may be a signed one.
    if (!claims && value.includes('.')) return undefined
    const owner = claims && (await this.#copyOf(claims.clientId))
    const foreign = owner && owner.projectId !== client.projectId
    const token = claims && owner && !foreign ? this.#liveToken(claims, owner, now) : undefined
    // Ended, or of a pass that is gone: the library says so, and whose call it was.
    if (claims && !foreign && !token) return undefined
    const proof = await proveClient(this.#proving, request, asked, client, now)
    if (proof.result !== 'proved') return undefined
    const call = callAct(proof.exchange, 200)
    const observed = token && observedCall(token, context, request)
    const outcome = await this.#recorder.commit({
      checks: [...(call.checks ?? []), ...restingOn(token)],
      events: [...call.events, ...(observed?.events ?? [])],
    })
    if (outcome === 'committed') {
      const body = presentIntrospection(token, context, this.#issuer)
      return { body, observe: () => this.#observe(body.active === true ? 'active' : 'inactive') }
    }
    // The next one finds the passes as they are.
    for (const outdated of new Set([client.clientId, ...(token ? [token.pass.clientId] : [])]))
      await this.#renew(outdated)
    return undefined
  }

  /** The token, where its pass as it is kept here says that it is live; that it was not ended is the commit's to say. */
  #liveToken(claims: TokenClaims, owner: ClientSnapshot, now: number): FoundToken | undefined {
    const { id, scopes, audience, certificate } = claims
    const grantedUntil = new Date(claims.issuedAt + claims.lifetimeSeconds * 1000)
    const expiresAt = owner.validUntil && owner.validUntil < grantedUntil ? owner.validUntil : grantedUntil
    if (claims.epoch !== owner.epoch || expiresAt.getTime() <= now) return undefined
    if (audience !== undefined && !this.#isNamed(audience, owner)) return undefined
    return {
      ...{ id, scopes, audience, certificate, live: true, issuedAt: new Date(claims.issuedAt) },
      expiresAt,
      grantedUntil,
      pass: { ...owner, id: owner.passId, passId: owner.shownPassId },
    }
  }

  /** Whether a pass may name it at this moment, as far as its copy tells. */
  #isNamed(audience: string, { resources }: ClientSnapshot): boolean {
    return (
      audience === this.#apiBaseUrl ||
      audience.startsWith(`${this.#apiBaseUrl}/`) ||
      resources.some(({ resource, verified }) => verified && resource === audience)
    )
  }
}

const NO_CONTEXT: IntrospectionContext = {}

/** The context parameters; undefined where there are others, or one of them is not good. */
function contextOf(parameters: ParsedUrlQuery): IntrospectionContext | undefined {
  const sent = Object.entries(parameters)
  if (sent.length === 0) return NO_CONTEXT
  const form = new URLSearchParams()
  for (const [name, value] of sent) {
    if (typeof value !== 'string' || !CONTEXT_NAMES.some(known => known === name)) return undefined
    form.set(name, value)
  }
  const parsed = parseIntrospectionContext(form)
  return 'context' in parsed ? parsed.context : undefined
}
