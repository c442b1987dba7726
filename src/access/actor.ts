import type { Actor } from '../audit/audit-trail.ts'
import type { AccessContext, Principal } from './principal.ts'

/** Who acts, as the audit trail notes it. */
export function actorOf(ctx: AccessContext): Actor {
  return actorFrom(ctx.state.principal, ctx.state.clientIp)
}

/** The same, where no route of the authorization table was called. */
export function actorFrom({ kind, id, name }: Principal, clientIp: string): Actor {
  return { type: kind, id, name, clientIp }
}
