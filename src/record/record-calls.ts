import type { Middleware } from 'koa'
import type { FoundToken } from '../access/found-token.ts'
import type { AccessState } from '../access/principal.ts'
import type { Context } from '../http/context.ts'
import { toProblem } from '../http/error-handler.ts'
import { newId } from '../platform/uuid.ts'
import { API_REQUEST } from './kinds.ts'
import type { ActivityDraft } from './record-batch.ts'
import type { Recorder } from './recorder.ts'
import { userAgentKept } from './user-agent.ts'

/**
 * Records each call to this server's API that showed the token of a known pass, failed or not, before it is
 * answered. Stands inside the error handler: what a handler throws is recorded by its status and thrown on.
 */
export function recordCalls(recorder: Recorder): Middleware<AccessState> {
  return async (ctx, next) => {
    let failure: unknown
    try {
      await next()
    } catch (error) {
      failure = error
    }
    const token = ctx.state.passToken
    if (token) {
      const problem = failure === undefined ? undefined : toProblem(failure)
      const statusCode = problem?.status ?? ctx.status
      await recorder.commit({
        events: [tokenCall(ctx, token, statusCode, problem ? `${problem.code}: ${problem.message}` : null)],
      })
    }
    if (failure !== undefined) throw failure
  }
}

/** The row of a call to this server that showed the token of a pass. */
export function tokenCall(
  ctx: Context,
  token: FoundToken,
  statusCode: number,
  errorMessage: string | null,
): ActivityDraft {
  const { clientIp, startedAt, startedAtMonotonic } = ctx.state
  return {
    id: newId(),
    agentUserId: token.pass.agentUserId,
    projectId: token.pass.projectId,
    activityType: API_REQUEST,
    endpoint: ctx.path,
    httpMethod: ctx.method,
    statusCode,
    success: statusCode < 400,
    clientIp,
    userAgent: userAgentKept(ctx.get('user-agent')),
    startedAt,
    startedAtMonotonic,
    errorMessage,
    metadata: { token_id: token.id, scopes: token.scopes },
  }
}
