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
  if (!PRINTABLE.test(text)) return undefined
  const { client_id, client_secret, ...parameters } = parse(text)
  const posted = client_id !== undefined || client_secret !== undefined
  if (posted && headers.authorization !== undefined) return undefined
  const credentials =
    headers.authorization === undefined ? `${client_id}:${client_secret}` : decodeBasic(headers.authorization)
  const [, clientId, clientSecret] = CREDENTIALS.exec(credentials ?? '') ?? []
  if (clientId === undefined || clientSecret === undefined) return undefined
  return { clientId, clientSecret, parameters }
}

/**
 * A client that has proved itself by its secret and is within its limit, by a copy of the pass that the commit holds against
 * the pass as it is.
 * @param now milliseconds since the epoch
 * @returns undefined where it has not, or is to be refused: that is the library's
 */
export async function plainExchange(
  secrets: PassSecrets,
  limits: RateLimiting | undefined,
  request: OAuthRequest,
  client: ClientSnapshot,
  clientSecret: string,
  now: number,
): Promise<Exchange | undefined> {
  const exchange: Exchange = {
    ...{ request, useCache: true, clientId: client.clientId, client, revocations: [] },
  }
  try {
    if (!(await authenticateBySecret(secrets, exchange, clientSecret, now))) return undefined
  } catch (error) {
    if (error instanceof PassRefused) return undefined
    throw error
  }
  return (await isWithinLimit(limits, exchange)) ? exchange : undefined
}
