import type { IncomingMessage } from 'node:http'
import { types } from 'node:util'
import { isHttpError } from 'http-errors'
import type { Middleware, ParameterizedContext } from 'koa'
import { isConnectionFault, isDeadlock } from '../platform/database-faults.ts'
import { ReadTooLong, Unavailable } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { RequestState } from './context.ts'
import { hasTooManyParameters, MOST_PARAMETERS } from './parameters.ts'
import { PROBLEM_TYPE, presentProblem } from './present-problem.ts'
import { notFound, PROBLEMS, Problem, type ProblemCode } from './problems.ts'
import { waitHeaders } from './rate-limit-headers.ts'
import { readPath } from './request-context.ts'

/** What Node.js says where the other side of a connection has gone. */
const GONE = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'])

/** What was lost may be the answer alone. */
const TRY_AGAIN = 'Try again shortly; before a change is repeated, read whether it was made.'

/** The problem to answer for whatever was thrown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isHttpError(error) && error.expose) {
    const code = Object.entries(PROBLEMS).find(([, problem]) => problem.status === error.status)?.[0]
    if (isProblemCode(code)) return new Problem(code, error.message)
    return new Problem('malformed_request', error.message)
  }
  if (error instanceof URIError)
    return new Problem('malformed_request', 'The path is not properly percent-encoded.')
  if (error instanceof Unavailable)
    return new Problem('service_unavailable', `${error.part} does not answer. ${TRY_AGAIN}`)
  if (error instanceof ReadTooLong)
    return new Problem(
      'read_too_long',
      `This took longer than ${error.seconds} seconds to read. Narrow the range: a shorter time, one pass, or fewer rows.`,
    )
  if (isOrphan(error)) return notFound()
  if (isDeadlock(error))
    return new Problem(
      'service_unavailable',
      'What this changes was being changed by somebody else. Nothing was changed: try again.',
    )
  if (isConnectionFault(error))
    return new Problem('service_unavailable', `The database does not answer. ${TRY_AGAIN}`)
  return new Problem(
    'internal_error',
    'Nothing was answered because of a fault in the server. It is logged under the request id.',
  )
}

/** Whether an answer could not be sent because nobody is there any more: their affair, and no fault of the server. */
export function isCallerGone(error: unknown): boolean {
  if (!types.isNativeError(error)) return false
  return error.message === 'aborted' || ('code' in error && GONE.has(String(error.code)))
}

/** The one middleware that answers what handlers throw: `application/problem+json` (RFC 9457). */
export function errorHandler(logger: Logger): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      const hosts = hostsOf(ctx.req)
      if (hosts > 1 || (hosts === 0 && ctx.req.httpVersion !== '1.0'))
        throw new Problem('malformed_request', `The request has to have one Host, and has ${hosts}.`)
      if (readPath(ctx) === undefined)
        throw new Problem('malformed_request', 'The target of the request is not a path or a URL.')
      if (hasTooManyParameters(ctx.querystring))
        throw new Problem('malformed_request', `The query may have ${MOST_PARAMETERS} parameters at most.`)
      await next()
      const unserved = whyUnserved(ctx)
      if (unserved) throw unserved
    } catch (error) {
      const problem = toProblem(error)
      if (problem.status >= 500)
        logger.error({ err: error, requestId: ctx.state.requestId }, 'request failed')
      ctx.status = problem.status
      const challenge = challengeOf(problem)
      if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge)
      if (problem.status === 503) ctx.set('Retry-After', '1')
      if (problem.code === 'sign_in_slowed')
        ctx.set(waitHeaders('sign_ins', Number(problem.extra.retry_after)))
      else if (typeof problem.extra.retry_after === 'number')
        ctx.set('Retry-After', String(problem.extra.retry_after))
      ctx.set('Cache-Control', 'no-store')
      ctx.body = presentProblem(problem, ctx.state.requestId)
      ctx.type = PROBLEM_TYPE
    }
  }
}

/** Why no route took the request; the router has set `Allow` where the path has other methods. */
function whyUnserved(ctx: ParameterizedContext<RequestState>): Problem | undefined {
  if (![404, 405, 501].includes(ctx.status) || ctx.body !== undefined) return undefined
  if (ctx.response.get('allow'))
    return new Problem('method_not_allowed', 'This path has other methods; Allow lists them.')
  ctx.remove('Allow')
  return new Problem('not_found', 'This server serves nothing at this path.')
}

/** What a bearer of a token is told (RFC 6750 section 3): that one is needed, that it is not good, or what it lacks. */
function challengeOf({ status, extra }: Problem): string | undefined {
  const realm = 'Bearer realm="sentinel-pass"'
  if (status === 401) return extra.presented === true ? `${realm}, error="invalid_token"` : realm
  if (status === 403 && typeof extra.scope === 'string')
    return `${realm}, error="insufficient_scope", scope="${extra.scope}"`
  return undefined
}

/** Node.js keeps the first of several, where a proxy may have gone by another (RFC 9112 section 3.2). */
function hostsOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): number {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
}

function isProblemCode(code: string | undefined): code is ProblemCode {
  return code !== undefined && code in PROBLEMS
}

/** PostgreSQL's foreign_key_violation: what was to be written belongs to something that was deleted meanwhile. */
function isOrphan(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === '23503'
}
