import type { Actor } from '../audit/audit-trail.ts'
import type { AccessContext, ApiKeyPrincipal } from './principal.ts'
import { holdKey } from './standing.ts'

/** Who acts, as the audit trail notes it. */
export function actorOf(ctx: AccessContext): Actor {
  const { clientIp, hold, principal } = ctx.state
  const { kind, id, name } = principal
  return { type: kind, id, name, clientIp, hold }
}

/** The same for an API key, where no route of the authorization table was called. */
export function actorOfKey(key: ApiKeyPrincipal, clientIp: string): Actor {
  return { type: key.kind, id: key.id, name: key.name, clientIp, hold: holdKey(key) }
}
