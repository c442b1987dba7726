import type { Actor } from '../audit/audit-trail.ts'
import type { AccessContext, Principal } from './principal.ts'
import { holdOf } from './standing.ts'

/** Who acts, as the audit trail notes it. */
export function actorOf(ctx: AccessContext): Actor {
  const { clientIp, place, principal } = ctx.state
  return actorFrom(principal, clientIp, place.organizationId)
}

/** The same, where no route of the authorization table was called. */
export function actorFrom(principal: Principal, clientIp: string, organizationId: string | undefined): Actor {
  const { kind, id, name } = principal
  return { type: kind, id, name, clientIp, hold: holdOf(principal, organizationId) }
}
