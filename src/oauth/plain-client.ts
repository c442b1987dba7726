import type { IncomingHttpHeaders } from 'node:http'
import { type ParsedUrlQuery, parse } from 'node:querystring'
import type { RateLimiting } from '../http/rate-limiting.ts'
import type { PassSecrets } from '../passes/pass-secret.ts'
import type { ClientSnapshot } from './client.store.ts'
import { authenticateBySecret, PassRefused } from './client-authentication.ts'
import type { Exchange, OAuthRequest } from './exchange.ts'
import { decodeBasic } from './named-client.ts'
import { isWithinLimit } from './request-limit.ts'

const PRINTABLE = /^[\x21-\x7e]*$/
/** An id and a secret that need no percent-decoding; anything else is the library's to read. */
const CREDENTIALS = /^(sp_[0-9A-Za-z]{22}):(sps_[0-9A-Za-z]{49})$/

/** The whole form of most grants, whose credentials are in the head. */
const BARE_GRANT = 'grant_type=client_credentials'
const BARE_GRANT_PARSED: ParsedUrlQuery = { grant_type: 'client_credentials' }

/** A form as nearly every client sends it, with the client's id and secret. */
export interface PlainForm {
  readonly clientId: string
  readonly clientSecret: string
  /** Without those of the client. */
  readonly parameters: ParsedUrlQuery
}

/** @returns undefined for whatever is not plain: it is the library's to read, and to refuse */
export function plainForm(headers: IncomingHttpHeaders, form: Buffer): PlainForm | undefined {
  const text = form.toString('latin1')
  // What is not encoded is read by bytes here, and as UTF-8 there.
  if (text !== BARE_GRANT && !PRINTABLE.test(text)) return undefined
  const { client_id, client_secret, ...parameters } = text === BARE_GRANT ? BARE_GRANT_PARSED : parse(text)
  const posted = client_id !== undefined || client_secret !== undefined
  if (posted && headers.authorization !== undefined) return undefined
  const credentials =
    headers.authorization === undefined ? `${client_id}:${client_secret}` : decodeBasic(headers.authorization)
  const [, clientId, clientSecret] = CREDENTIALS.exec(credentials ?? '') ?? []
  if (clientId === undefined || clientSecret === undefined) return undefined
  return { clientId, clientSecret, parameters }
}

/** What became of a client's try to prove itself. */
export type Proof =
  | {
      readonly result: 'proved' | 'beyond_limit'
      readonly exchange: Exchange
      readonly client: ClientSnapshot
    }
  | { readonly result: 'wrong_secret' }
  | { readonly result: 'refused' }

/**
 * Has a client prove itself by its secret, by a copy of the pass that the commit holds against the pass as it is, and counts
 * the request against its limit.
 * @param client undefined: there is none, which takes as long to find out
 * @param now milliseconds since the epoch
 */
export async function proveClient(
  { secrets, limits }: { readonly secrets: PassSecrets; readonly limits: RateLimiting | undefined },
  request: OAuthRequest,
  { clientId, clientSecret }: Pick<PlainForm, 'clientId' | 'clientSecret'>,
  client: ClientSnapshot | undefined,
  now: number,
): Promise<Proof> {
  const exchange: Exchange = { request, useCache: true, clientId, client, revocations: [] }
  try {
    const proved = await authenticateBySecret(secrets, exchange, clientSecret, now)
    if (!proved || !client) return { result: 'wrong_secret' }
  } catch (error) {
    if (error instanceof PassRefused) return { result: 'refused' }
    throw error
  }
  const within = !limits || (await isWithinLimit(limits, exchange))
  return { result: within ? 'proved' : 'beyond_limit', exchange, client }
}
