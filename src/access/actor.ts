import type { AccessContext } from './principal.ts'
import type { HoldCredential } from './standing.ts'

/** Who can act. `system` is the server itself, at its first start. */
export const ACTOR_TYPES = ['user', 'api_key', 'organization_key', 'pass', 'system'] as const
export type ActorType = (typeof ACTOR_TYPES)[number]

/** Who acts. */
export interface Actor {
  readonly type: ActorType
  readonly id: string | null
  readonly name: string
  readonly clientIp: string | null
  /** Called in the transaction of every act; not there where nothing can end what is acted by. */
  readonly hold?: HoldCredential
}

/** Who acts, as the audit trail notes it. */
export function actorOf(ctx: AccessContext): Actor {
  const { clientIp, hold, principal } = ctx.state
  const { kind, id, name } = principal
  return { type: kind, id, name, clientIp, hold }
}
