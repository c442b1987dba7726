import type { IncomingMessage } from 'node:http'
import type { Middleware } from 'koa'
import proxyAddr from 'proxy-addr'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { newId } from '../platform/uuid.ts'
import type { Context, RequestState } from './context.ts'

const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** Tells the address of the client, past the proxies that the operator trusts. */
export type ClientAddress = (request: IncomingMessage) => string

/** @param trusted addresses, ranges or `loopback`, `linklocal`, `uniquelocal`; empty: nobody's `X-Forwarded-For` counts */
export function clientAddress(trusted: readonly string[]): ClientAddress {
  const trust = proxyAddr.compile([...trusted])
  return request => {
    if (!request.socket.remoteAddress) return ''
    const address = trusted.length > 0 ? proxyAddr(request, trust) : request.socket.remoteAddress
    // An IPv4 client on a dual-stack socket is shown, compared and stored as IPv4.
    return address.replace(/^::ffff:(?=\d+\.)/, '').slice(0, 45)
  }
}

/** Told of each answered request; for the operator's metrics. */
export type RequestObserver = (method: string, route: string, status: number, seconds: number) => void

/**
 * The outermost middleware: gives the request its id and times, logs it when it is answered.
 * The log line is made of this list of fields and nothing else, so no secret can be in it.
 */
export function requestContext(
  clock: Clock,
  logger: Logger,
  address: ClientAddress,
  observe: RequestObserver,
): Middleware<RequestState> {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id')
    ctx.state.requestId = SANE_REQUEST_ID.test(given) ? given : newId()
    ctx.state.startedAt = clock.now()
    ctx.state.startedAtMonotonic = performance.now()
    ctx.state.clientIp = address(ctx.req)
    ctx.set('X-Request-Id', ctx.state.requestId)
    ctx.set('X-Content-Type-Options', 'nosniff')
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
          path: readPath(ctx) ?? '',
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
