import type { IncomingHttpHeaders } from 'node:http'
import { isClientId } from './client-id.ts'

/** Any number of spaces may stand between (RFC 9110 section 11.4), and the scheme is in any case. */
const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i

/** Whether an `Authorization` is of the scheme of clients, well-formed or not. */
export function isBasic(authorization: string): boolean {
  return /^Basic( |$)/i.test(authorization)
}

/** The credentials of `Authorization: Basic` (RFC 7617), as they were put together; undefined for any other header. */
export function decodeBasic(authorization: string): string | undefined {
  const encoded = BASIC.exec(authorization)?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('latin1')
}

/**
 * The client that a request names, in `Authorization: Basic` or in its form, for a request that was refused before
 * anybody looked the client up: one that shows two credentials, or repeats a parameter.
 */
export function namedClient({ authorization = '' }: IncomingHttpHeaders, form: Buffer): string | undefined {
  const basicUser = decodeBasic(authorization)?.split(':')[0] ?? ''
  const inForm = new URLSearchParams(form.toString('utf8')).getAll('client_id')
  return [basicUser, ...inForm].find(isClientId)
}
