import type { IncomingHttpHeaders } from 'node:http'
import { type RateLimiting, whyLimited } from '../http/rate-limiting.ts'
import type { Logger } from '../platform/logger.ts'
import type { Recorder } from '../record/recorder.ts'
import { refusalAct } from './acts.ts'
import type { ClientSnapshot } from './client.store.ts'
import type { Exchange, OAuthRequest } from './exchange.ts'
import type { PlainAnswer } from './short-way.ts'

/** What anybody is told who has not proved to be a client: not whether there is one. */
const UNPROVED = 'client authentication failed'
/** The same on the record of the pass, whose owners may know. */
const WRONG_SECRET = `${UNPROVED}: invalid secret provided`

/** Told of each refusal; for the operator's metrics. */
export type RefusalObserver = (error: string, accessLevel: string) => void

/**
 * The refusals of grants that come in floods: of secrets that are nobody's, and of passes that ask too often. They are
 * recorded and answered as the reference does, for a fraction of what its run costs.
 */
export class PlainRefusals {
  readonly #recorder: Pick<Recorder, 'commit'>
  readonly #limits: RateLimiting | undefined
  readonly #logger: Logger
  readonly #issuer: string
  readonly #observe: RefusalObserver

  constructor(deps: {
    readonly recorder: Pick<Recorder, 'commit'>
    readonly limits: RateLimiting | undefined
    readonly logger: Logger
    readonly issuer: string
    readonly observe: RefusalObserver
  }) {
    this.#recorder = deps.recorder
    this.#limits = deps.limits
    this.#logger = deps.logger
    this.#issuer = deps.issuer
    this.#observe = deps.observe
  }

  /**
   * A secret that is not the client's, as the client is now (RFC 6749 section 5.2).
   * @param client undefined: there is none of that id, which costs and answers the same
   */
  async wrongSecret(
    request: OAuthRequest,
    headers: IncomingHttpHeaders,
    clientId: string,
    client: ClientSnapshot | undefined,
  ): Promise<PlainAnswer> {
    const error = { code: 'invalid_client', detail: WRONG_SECRET }
    await this.#recorder.commit(
      refusalAct({ request, useCache: false, clientId, client, error, revocations: [] }, 401),
    )
    const observe = () => {
      this.#observe(error.code, client?.accessLevel ?? 'unknown')
      if (!client) this.#logger.warn({ clientId, clientIp: request.clientIp }, 'grant for an unknown client')
    }
    const failure = await this.#limits?.takeFailure(request.clientIp)
    if (failure && !failure.allowed)
      return { status: 429, rate: failure, body: slowDown(whyLimited(failure)), observe }
    const challenge = `Basic realm="${this.#issuer}", error="${error.code}", error_description="${UNPROVED}"`
    return {
      status: 401,
      headers: headers.authorization === undefined ? [] : ['WWW-Authenticate', challenge],
      body: { error: error.code, error_description: UNPROVED },
      observe,
    }
  }

  /**
   * A pass beyond its limit; RFC 6749 has no error for it, RFC 8628 section 3.5 has this one.
   * @returns undefined where the pass has changed since it was looked at: the reference looks again
   */
  async beyondLimit(exchange: Exchange): Promise<PlainAnswer | undefined> {
    const { client, request } = exchange
    if (!client || !request.rate) return undefined
    const why = whyLimited(request.rate)
    const refusal = refusalAct({ ...exchange, error: { code: 'slow_down', detail: why } }, 429)
    const checks = [{ passId: client.passId, version: client.version }]
    if ((await this.#recorder.commit({ ...refusal, checks })) === 'stale') return undefined
    const observe = () => this.#observe('slow_down', client.accessLevel)
    return { status: 429, rate: request.rate, body: slowDown(why), observe }
  }
}

function slowDown(why: string): object {
  return { error: 'slow_down', error_description: why }
}
