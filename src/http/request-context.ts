import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Middleware } from 'koa'
import proxyAddr from 'proxy-addr'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { hasSecret } from '../platform/masking.ts'
import { newId } from '../platform/uuid.ts'
import type { Context, RequestState } from './context.ts'

/** In characters. */
const LOGGED_PATH = 1_000
const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** Tells the address of the client, past the proxies that the operator trusts. */
export type ClientAddress = (request: IncomingMessage) => string

/**
 * What a proxy wrote for an address: by itself, or with the port that some append, IPv6 then in brackets. What is no
 * address (`unknown`, a name) is the nearest proxy's own, so that nobody escapes a limit or a rule by it.
 *
 * @param trusted addresses, ranges or `loopback`, `linklocal`, `uniquelocal`; empty: nobody's `X-Forwarded-For` counts
 */
export function clientAddress(trusted: readonly string[]): ClientAddress {
  const trusts = proxyAddr.compile([...trusted])
  const trust = (written: string, hop: number): boolean => {
    const address = addressOf(written)
    return address !== undefined && trusts(address, hop)
  }
  return request => {
    const { remoteAddress } = request.socket
    if (!remoteAddress) return ''
    // Nearest first, and none behind the first that is not trusted.
    const path = trusted.length > 0 ? proxyAddr.all(request, trust) : [remoteAddress]
    return path.map(addressOf).findLast(address => address !== undefined) ?? ''
  }
}

/** An address with or without a port (RFC 7239 section 6), in its one spelling; IPv4 mapped to IPv6 is IPv4. */
function addressOf(written: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(written.trim()) ?? []
  const [address = ''] = (bracketed ?? dotted ?? written.trim()).split('%')
  return isIP(address) === 0 ? undefined : ipaddr.process(address).toString()
}

/** Told of each answered request; for the operator's metrics. */
export type RequestObserver = (method: string, route: string, status: number, seconds: number) => void

/**
 * The outermost middleware: gives the request its id and times, logs it when it is answered.
 * The log line is made of this list of fields and nothing else, and what looks like a secret in them is masked.
 */
export function requestContext(
  clock: Clock,
  logger: Logger,
  address: ClientAddress,
  observe: RequestObserver,
): Middleware<RequestState> {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id')
    ctx.state.requestId = SANE_REQUEST_ID.test(given) && !hasSecret(given) ? given : newId()
    ctx.state.startedAt = clock.now()
    ctx.state.startedAtMonotonic = performance.now()
    ctx.state.clientIp = address(ctx.req)
    ctx.set('X-Request-Id', ctx.state.requestId)
    ctx.set('X-Content-Type-Options', 'nosniff')
    // What may be kept says so itself.
    ctx.set('Cache-Control', 'no-store')
    try {
      await next()
    } finally {
      const durationMs = performance.now() - ctx.state.startedAtMonotonic
      // A route's pattern, or nothing: paths that nobody serves must not become metric labels.
      observe(ctx.method, routeOf(ctx) ?? 'none', ctx.status, durationMs / 1000)
      logger.info(
        {
          requestId: ctx.state.requestId,
          method: ctx.method,
          path: (readPath(ctx) ?? '').slice(0, LOGGED_PATH),
          status: ctx.status,
          durationMs: Math.round(durationMs * 10) / 10,
          clientIp: ctx.state.clientIp,
        },
        'request',
      )
    }
  }
}

/** The path of a request; undefined where its target is none that can be taken apart (RFC 9112 section 3.2). */
export function readPath(ctx: Pick<Context, 'path'>): string | undefined {
  // Koa parses the target where the path is asked for first, and throws there.
  try {
    return ctx.path
  } catch {
    return undefined
  }
}

/** The pattern of the route that took a request; undefined where none did. */
export function routeOf({ _matchedRoute: matched }: Context): string | undefined {
  return typeof matched === 'string' ? matched : undefined
}
