import type { IncomingHttpHeaders } from 'node:http'
import { isClientId } from './clients.ts'

/**
 * The client that a request names, in `Authorization: Basic` or in its form, for a request that was refused before
 * anybody looked the client up: one that shows two credentials, or repeats a parameter.
 */
export function namedClient(headers: IncomingHttpHeaders, form: Buffer): string | undefined {
  const named = [
    basicUser(headers.authorization),
    ...new URLSearchParams(form.toString('utf8')).getAll('client_id'),
  ]
  return named.find(value => value !== undefined && isClientId(value))
}

function basicUser(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic ([\w+/=-]+)$/i.exec(authorization ?? '') ?? []
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8').split(':')[0]
}
