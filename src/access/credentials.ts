import type { IncomingHttpHeaders } from 'node:http'

/** The credentials that a request shows. Undefined: none of that kind. */
export interface ShownCredentials {
  readonly apiKeyHeader: string | undefined
  readonly bearer: string | undefined
}

/** Reads `Api-Key` and `Authorization: Bearer` (RFC 6750 section 2.1). No cookie, no query parameter. */
export function shownCredentials(headers: IncomingHttpHeaders): ShownCredentials {
  const apiKey = headers['api-key']
  const bearer = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '')?.[1]
  return {
    apiKeyHeader: typeof apiKey === 'string' && apiKey !== '' ? apiKey : undefined,
    // An Authorization of another scheme was meant to authenticate: it counts as shown, and as not good.
    bearer: bearer ?? (headers.authorization ? '' : undefined),
  }
}

/** The prefix by which an API key is told from an access token. */
export const API_KEY_PREFIX = 'spk_'
