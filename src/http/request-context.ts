import type { IncomingMessage } from 'node:http'
import { isIP, type Socket } from 'node:net'
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
  /** Of connections that speak for themselves: it stays what it is. */
  const known = new WeakMap<Socket, string>()
  return request => {
    const { socket } = request
    if (!socket.remoteAddress) return ''
    if (trusted.length === 0) {
      const address = known.get(socket) ?? addressOf(socket.remoteAddress) ?? ''
      known.set(socket, address)
      return address
    }
    // Nearest first, and none behind the first that is not trusted.
    return (
      proxyAddr
        .all(request, trust)
        .map(addressOf)
        .findLast(address => address !== undefined) ?? ''
    )
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

/** An answered request, for the log and the operator's metrics. */
export interface AnsweredRequest {
  readonly method: string
  /** The pattern of the route; undefined where none took it: paths that nobody serves must not become metric labels. */
  readonly route: string | undefined
  readonly path: string
  readonly status: number
}

/**
 * What is noted of each request, whichever way it is answered: its id and times when it begins, a line of the log when it is
 * answered. The line is made of this list of fields and nothing else, and what looks like a secret in them is masked.
 */
export class Requests {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #address: ClientAddress
  readonly #observe: RequestObserver
  /** Of requests that were begun before they came to the way that answers them. */
  readonly #begun = new WeakMap<IncomingMessage, RequestState>()

  constructor(clock: Clock, logger: Logger, address: ClientAddress, observe: RequestObserver) {
    this.#clock = clock
    // The line has none of the fields that are redacted, and to look for them takes as long as to write it.
    this.#logger = logger.child({}, { redact: [] })
    this.#address = address
    this.#observe = observe
  }

  begin(request: IncomingMessage): RequestState {
    const begun = this.#begun.get(request)
    if (begun) return begun
    const given = request.headers['x-request-id']
    return {
      requestId:
        typeof given === 'string' && SANE_REQUEST_ID.test(given) && !hasSecret(given) ? given : newId(),
      startedAt: this.#clock.now(),
      startedAtMonotonic: performance.now(),
      clientIp: this.#address(request),
    }
  }

  /** Keeps what a request was begun with for the next that begins it. */
  keep(request: IncomingMessage, state: RequestState): void {
    this.#begun.set(request, state)
  }

  answered(state: RequestState, { method, route, path, status }: AnsweredRequest): void {
    const durationMs = performance.now() - state.startedAtMonotonic
    this.#observe(method, route ?? 'none', status, durationMs / 1000)
    this.#logger.info(
      {
        requestId: state.requestId,
        method,
        path: path.slice(0, LOGGED_PATH),
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        clientIp: state.clientIp,
      },
      'request',
    )
  }
}

/** The outermost middleware: begins each request, and notes that it was answered. */
export function requestContext(requests: Requests): Middleware<RequestState> {
  return async (ctx, next) => {
    Object.assign(ctx.state, requests.begin(ctx.req))
    ctx.set('X-Request-Id', ctx.state.requestId)
    ctx.set('X-Content-Type-Options', 'nosniff')
    // What may be kept says so itself.
    ctx.set('Cache-Control', 'no-store')
    try {
      await next()
    } finally {
      requests.answered(ctx.state, {
        method: ctx.method,
        route: routeOf(ctx),
        path: readPath(ctx) ?? '',
        status: ctx.status,
      })
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
