import type { Middleware, ParameterizedContext } from 'koa'
import type { RequestState } from '../http/context.ts'
import { toProblem } from '../http/error-handler.ts'
import type { Logger } from '../platform/logger.ts'
import { errorText } from '../platform/masking.ts'

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
  if (status === 401) return 'invalid_client'
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
  ctx.body = presentOAuthError({ error, error_description: description })
}

/** An error of the protocol as it is answered, the library's too: what the client sent is not sent back to it whole. */
export function presentOAuthError(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('error' in body)) return body
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, typeof value === 'string' ? errorText(value) : value]),
  )
}

/**
 * Tells who shows what no client authenticates by here, such as an access token, what counts (RFC 7662 section 2.3).
 * @param keys whether an API key would
 */
export function answerOtherScheme(ctx: ParameterizedContext, realm: string, keys: boolean): void {
  const challenges = [`Basic realm="${realm}"`]
  if (keys) challenges.push(`Bearer realm="${realm}", error="invalid_token"`)
  ctx.set('WWW-Authenticate', challenges.join(', '))
  answerOAuthError(ctx, 401, 'invalid_client', whatCounts(keys))
}

/** For the person who reads it. */
export function whatCounts(keys: boolean): string {
  const ways = 'client_id and client_secret (Basic or in the body), or a client_assertion'
  return `this Authorization does not authenticate here: send ${ways}${keys ? ', or an API key as Bearer' : ''}`
}

/** Tells who did not try to authenticate to do so (RFC 6749 section 5.2, RFC 7662 section 2.3). */
export function answerUnauthenticated(ctx: ParameterizedContext, realm: string): void {
  ctx.set('WWW-Authenticate', `Basic realm="${realm}"`)
  answerOAuthError(
    ctx,
    401,
    'invalid_client',
    'no client authentication: send client_id and client_secret (Basic or in the body), or a client_assertion',
  )
}
