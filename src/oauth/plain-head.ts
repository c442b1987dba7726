import type { IncomingMessage } from 'node:http'

/** Up to 9,999 bytes: forms of the plain cases have some hundred. */
const LENGTH = /^[1-9]\d{0,3}$/
const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i

/**
 * Whether the head of a request is one that nothing has to be said against: one host, and a short form, as long as it says
 * and in no coding.
 */
export function isPlainHead({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): boolean {
  return (
    FORM.test(headers['content-type'] ?? '') &&
    LENGTH.test(headers['content-length'] ?? '') &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    hasOneHost(rawHeaders)
  )
}

/** Node.js keeps the first of several (RFC 9112 section 3.2). */
function hasOneHost(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts === 1
}
