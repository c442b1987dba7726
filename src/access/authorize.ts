import type { Middleware } from 'koa'
import { notFound, Problem } from '../http/problems.ts'
import { applyLimit, type RateLimiting } from '../http/rate-limiting.ts'
import type { Authenticator } from './authenticate.ts'
import type { AccessState, Principal } from './principal.ts'
import { isAllowed, type RouteName, RULES } from './rules.ts'

export type Authorize = (route: RouteName) => Middleware<AccessState>

/**
 * Makes the middleware that every protected route starts with: who is it (401), is the organization and project
 * of the path its own (404), does the table allow it (403). A pass's calls count against its limit (429).
 */
export function createAuthorize(authenticator: Authenticator, limits: RateLimiting | undefined): Authorize {
  return route => async (ctx, next) => {
    const { principal, passToken } = await authenticator.authenticate(
      ctx.headers,
      ctx.state.clientIp,
      token => {
        ctx.state.passToken = token
      },
    )
    ctx.state.principal = principal
    if (limits && principal.kind === 'pass' && passToken)
      applyLimit(ctx, await limits.takeCall(principal.id, passToken.pass.accessLevel))
    const { orgId, projectId }: { orgId?: string; projectId?: string } = ctx.params
    if (orgId !== undefined && orgId !== principal.organizationId) throw notFound()
    if (projectId !== undefined && projectId !== principal.projectId) throw notFound()
    const tokenScopes = principal.kind === 'pass' ? principal.tokenScopes : undefined
    if (!isAllowed(route, tokenScopes)) throw forbidden(route, principal)
    await next()
  }
}

function forbidden(route: RouteName, principal: Principal): Problem {
  const needed = RULES[route].passScopes.join(' or ')
  if (principal.kind === 'pass' && needed)
    return new Problem('forbidden', `The access token would need the scope ${needed}.`)
  return new Problem('forbidden', 'This needs an API key of the project; a pass is not allowed to do it.')
}
