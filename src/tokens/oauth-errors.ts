import type { Middleware, ParameterizedContext } from 'koa'
import type { RequestState } from '../http/context.ts'
import { toProblem } from '../http/error-handler.ts'
import type { Logger } from '../platform/logger.ts'

/** Answers errors in the form of the protocol (RFC 6749 section 5.2) where an OAuth endpoint throws. */
export function oauthErrors(logger: Logger): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      const problem = toProblem(error)
      if (problem.status >= 500)
        logger.error({ err: error, requestId: ctx.state.requestId }, 'OAuth request failed')
      if (problem.status === 503) ctx.set('Retry-After', '1')
      answerOAuthError(ctx, problem.status, oauthCode(problem.status), problem.message)
    }
  }
}

function oauthCode(status: number): string {
  if (status === 429) return 'slow_down'
  if (status === 503) return 'temporarily_unavailable'
  return status >= 500 ? 'server_error' : 'invalid_request'
}

/** Answers with an error of the protocol. */
export function answerOAuthError(
  ctx: ParameterizedContext,
  status: number,
  error: string,
  description: string,
): void {
  ctx.status = status
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { error, error_description: description }
}
