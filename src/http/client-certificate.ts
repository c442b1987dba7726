import { hash, X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { unescape as percentDecoded } from 'node:querystring'
import type { Middleware } from 'koa'
import { LRUCache } from 'lru-cache'
import proxyAddr from 'proxy-addr'
import type { RequestState } from './context.ts'
import { Problem } from './problems.ts'

/** Characters: several times what a certificate has, and within what Node.js takes as a head. */
const LONGEST_HEADER = 12_000

/** A byte sequence (RFC 8941 section 3.3.5). */
const BYTE_SEQUENCE = /^:([A-Za-z0-9+/]+={0,2}):$/
const PEM = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/

/** Thumbprints of certificates that were read before: to read one costs as much as half a grant. */
const known = new LRUCache<string, true>({ max: 10_000 })

/** Tells the SHA-256 thumbprint of the certificate that a client showed the proxy; undefined: none is told of. */
export type ClientCertificate = (request: IncomingMessage) => string | undefined

/**
 * Reads the certificate that a client showed the proxy before this server, as the proxy hands it on in `Client-Cert`: as
 * RFC 9440 section 2.2 has it, or as nginx writes it (`$ssl_client_escaped_cert`, PEM in URL encoding). Whether it is
 * vouched for, and its key proved, is the proxy's to say. The header of anybody else is ignored.
 *
 * @param trusted as for `clientAddress`
 * @returns what throws Problem `malformed_request` for what is not one certificate
 */
export function clientCertificateOf(trusted: readonly string[]): ClientCertificate {
  const trust = proxyAddr.compile([...trusted])
  return ({ headers, socket: { remoteAddress } }) => {
    const header = headers['client-cert']
    return typeof header === 'string' && header !== '' && remoteAddress && trust(remoteAddress, 0)
      ? thumbprintOf(header)
      : undefined
  }
}

/** Notes the certificate of each request. */
export function clientCertificate(read: ClientCertificate): Middleware<RequestState> {
  return (ctx, next) => {
    ctx.state.certificate = read(ctx.req)
    return next()
  }
}

/** `x5t#S256`: SHA-256 of the DER in base64url (RFC 8705 section 3.1). */
function thumbprintOf(header: string): string {
  const der = derOf(header)
  const thumbprint = hash('sha256', der, 'base64url')
  if (!known.has(thumbprint)) {
    if (!isCertificate(der))
      throw new Problem(
        'malformed_request',
        `Client-Cert has to be one certificate in ${LONGEST_HEADER} characters at most: its DER in base64 between colons (RFC 9440), or PEM in URL encoding.`,
      )
    known.set(thumbprint, true)
  }
  return thumbprint
}

/** The bytes of a header; none where it is too long, or has neither of the two forms. */
function derOf(header: string): Buffer {
  if (header.length > LONGEST_HEADER) return Buffer.alloc(0)
  const [, base64 = ''] = BYTE_SEQUENCE.exec(header) ?? PEM.exec(percentDecoded(header)) ?? []
  return Buffer.from(base64, 'base64')
}

function isCertificate(der: Buffer): boolean {
  try {
    // Node.js reads PEM as well, and passes over what comes after a certificate.
    return new X509Certificate(der).raw.equals(der)
  } catch {
    return false
  }
}
