import type { IncomingMessage } from 'node:http'
import type { RequestState } from '../http/context.ts'
import { userAgentKept } from '../record/user-agent.ts'
import type { OAuthRequest } from './exchange.ts'

/** Requests that were looked at before they came here: what was counted and claimed for them stays theirs. */
const known = new WeakMap<IncomingMessage, OAuthRequest>()

/**
 * The request behind an exchange.
 * @param path without its query
 * @param grants whether it asks for a token
 */
export function oauthRequestOf(
  request: IncomingMessage,
  state: RequestState,
  path: string,
  grants: boolean,
): OAuthRequest {
  const before = known.get(request)
  if (before) return before
  const { headers } = request
  return {
    endpoint: path,
    httpMethod: request.method ?? '',
    clientIp: state.clientIp,
    certificate: state.certificate,
    userAgent: userAgentKept(headers['user-agent'] ?? ''),
    referer: (typeof headers.referrer === 'string' && headers.referrer) || headers.referer || '',
    origin: headers.origin ?? '',
    startedAt: state.startedAt,
    startedAtMonotonic: state.startedAtMonotonic,
    grants,
    claimed: new Set(),
  }
}

/** Keeps what is known of a request for the way that answers it. */
export function keepOAuthRequest(request: IncomingMessage, kept: OAuthRequest): void {
  known.set(request, kept)
}
