import type { Middleware } from 'koa'
import { requestTrace, type Tracing } from '../platform/tracing.ts'
import type { RequestState } from './context.ts'
import { readPath, routeOf } from './request-context.ts'

/**
 * Around everything else: makes each request a span, in the trace of its caller where `traceparent` names one.
 * @param untraced paths whose requests have none
 */
export function traceRequests(tracing: Tracing, untraced: ReadonlySet<string>): Middleware<RequestState> {
  return async (ctx, next) => {
    const path = readPath(ctx)
    if (path !== undefined && untraced.has(path)) return next()
    const request = tracing.startRequest(ctx.method, ctx.get('traceparent'))
    try {
      await requestTrace.run(request, next)
    } finally {
      const { requestId } = ctx.state
      request.end({ route: routeOf(ctx), path, status: ctx.status, requestId })
    }
  }
}
