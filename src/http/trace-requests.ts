import type { IncomingMessage } from 'node:http'
import type { Middleware } from 'koa'
import { requestTrace, type Tracing } from '../platform/tracing.ts'
import type { RequestState } from './context.ts'
import { readPath, routeOf } from './request-context.ts'

type Traced = ReturnType<Tracing['startRequest']>

/** Of requests that were looked at before they came to the way that answers them. */
const begun = new WeakMap<IncomingMessage, Traced>()

/** Begins the trace of a request, in that of its caller where `traceparent` names one. */
export function beginTrace(tracing: Tracing, request: IncomingMessage): Traced {
  const known = begun.get(request)
  if (known) return known
  const { traceparent } = request.headers
  return tracing.startRequest(request.method ?? '', typeof traceparent === 'string' ? traceparent : '')
}

/** Keeps the trace of a request for the next that begins it. */
export function keepTrace(request: IncomingMessage, trace: Traced): void {
  begun.set(request, trace)
}

/**
 * Around everything else: makes each request a span.
 * @param untraced paths whose requests have none
 */
export function traceRequests(tracing: Tracing, untraced: ReadonlySet<string>): Middleware<RequestState> {
  return async (ctx, next) => {
    const path = readPath(ctx)
    if (path !== undefined && untraced.has(path)) return next()
    const request = beginTrace(tracing, ctx.req)
    try {
      await requestTrace.run(request, next)
    } finally {
      const { requestId } = ctx.state
      request.end({ route: routeOf(ctx), path, status: ctx.status, requestId })
    }
  }
}
