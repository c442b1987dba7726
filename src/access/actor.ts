import type { Actor } from '../audit/audit-trail.ts'
import type { AccessContext } from './principal.ts'

/** Who acts, as the audit trail notes it. */
export function actorOf(ctx: AccessContext): Actor {
  const { kind, id, name } = ctx.state.principal
  return { type: kind, id, name, clientIp: ctx.state.clientIp }
}
