import { LockMode } from '@mikro-orm/core'
import { Problem } from '../http/problems.ts'
import { PassEntity } from '../passes/pass.entity.ts'
import { whyUnusable } from '../passes/pass-validity.ts'
import type { Clock } from '../platform/clock.ts'
import type { EntityManager } from '../platform/database.ts'
import type { ApiKeyPrincipal, PassPrincipal, Principal, UserPrincipal } from './principal.ts'
import { type Role, reaches } from './role.ts'
import { hasScopesFor, type RouteName, RULES } from './rules.ts'

/**
 * Holds what somebody acts by as it was when the request was let in, until the transaction ends: whoever ends it
 * waits for the act, and an act that comes after the end changes nothing. A single token that is ended, or whose key
 * is pulled, is looked at and not held.
 * @throws Problem `unauthenticated` when it has ended since, `forbidden` for a pass that may read and no longer write
 */
export type HoldCredential = (em: EntityManager) => Promise<void>

/** @param organizationId of the request; a user's role there is held with the user */
export function holdOf(
  principal: Principal,
  organizationId: string | undefined,
  route: RouteName,
  clock: Clock,
): HoldCredential {
  if (principal.kind === 'user') return em => holdUser(em, principal, organizationId)
  if (principal.kind === 'pass') return em => holdPass(em, principal, route, clock)
  return holdKey(principal)
}

/** The same for an API key. */
export function holdKey({ id }: Pick<ApiKeyPrincipal, 'id'>): HoldCredential {
  return async em => {
    if (!(await exists(em, 'select 1 from api_keys where id = ? for key share', [id]))) throw ended()
  }
}

function ended(): Problem {
  return new Problem(
    'unauthenticated',
    'The credential has ended while this was being done. Nothing was changed.',
    undefined,
    { presented: true },
  )
}

/**
 * A token lives on when its pass is paused, expires in the meantime or loses scopes; that is good enough to read by. To
 * change anything, the pass has to be one that is granted tokens now, and to hold now what the route asks for.
 */
async function holdPass(
  em: EntityManager,
  { id, epoch, tokenId, tokenScopes }: PassPrincipal,
  route: RouteName,
  clock: Clock,
): Promise<void> {
  const pass = await em.findOne(PassEntity, { id, epoch }, { lockMode: LockMode.PESSIMISTIC_READ })
  if (!pass) throw ended()
  // Who ends a single token holds the pass meanwhile, so that it has been ended by now or will be after this act.
  if (await exists(em, 'select 1 from ended_tokens where id = ?', [tokenId])) throw ended()
  const why = whyUnusable(pass, clock.now())
  if (why) throw new Problem('forbidden', `Its tokens change nothing: ${why}.`)
  if (!hasScopesFor(route, new Set(pass.scopes).intersection(tokenScopes)))
    throw new Problem(
      'forbidden',
      'The pass does not hold the scope any more that its token was granted: such a token only reads.',
      undefined,
      { scope: RULES[route].passScopes[0] },
    )
}

async function holdUser(
  em: EntityManager,
  { id, epoch, grantId, sessionId, roles }: UserPrincipal,
  organizationId: string | undefined,
): Promise<void> {
  // Acts of one user come one after the other: two that only shared the row would wait for each other to change it.
  if (!(await exists(em, 'select 1 from users where id = ? and epoch = ? for no key update', [id, epoch])))
    throw ended()
  const grant = "select 1 from oidc_artifacts where model = 'Grant' and grant_id = ? for key share"
  if (!(await exists(em, grant, [grantId]))) throw ended()
  const session = 'select 1 from user_sessions where id = ? for key share'
  if (!(await exists(em, session, [sessionId]))) throw ended()
  if (organizationId === undefined) return
  const [member]: { role: Role }[] = await em.execute(
    'select role from members where user_id = ? and organization_id = ? for share',
    [id, organizationId],
  )
  const asked = roles.get(organizationId)
  if (asked === undefined || !reaches(member?.role, asked)) throw ended()
}

async function exists(em: EntityManager, statement: string, parameters: unknown[]): Promise<boolean> {
  const rows: unknown[] = await em.execute(statement, parameters)
  return rows.length > 0
}
