import { Problem } from '../http/problems.ts'
import type { EntityManager } from '../platform/database.ts'
import { type Role, reaches } from '../users/role.ts'
import type { PassPrincipal, Principal, UserPrincipal } from './principal.ts'

/**
 * Holds what somebody acts by as it was when the request was let in, until the transaction ends: whoever ends it
 * waits for the act, and an act that comes after the end changes nothing. A single token that is ended, or whose key
 * is pulled, is looked at and not held.
 * @throws Problem `unauthenticated` when it has ended since
 */
export type HoldCredential = (em: EntityManager) => Promise<void>

/** @param organizationId of the request; a user's role there is held with the user */
export function holdOf(principal: Principal, organizationId: string | undefined): HoldCredential {
  const holds = async (em: EntityManager): Promise<boolean> => {
    if (principal.kind === 'user') return holdUser(em, principal, organizationId)
    if (principal.kind === 'pass') return holdPass(em, principal)
    return exists(em, 'select 1 from api_keys where id = ? for key share', [principal.id])
  }
  return async em => {
    if (!(await holds(em)))
      throw new Problem(
        'unauthenticated',
        'The credential has ended while this was being done. Nothing was changed.',
        undefined,
        { presented: true },
      )
  }
}

async function holdPass(em: EntityManager, { id, epoch, tokenId }: PassPrincipal): Promise<boolean> {
  if (!(await exists(em, 'select 1 from passes where id = ? and epoch = ? for share', [id, epoch])))
    return false
  // Who ends a single token holds the pass meanwhile, so that it has been ended by now or will be after this act.
  return !(await exists(em, 'select 1 from ended_tokens where id = ?', [tokenId]))
}

async function holdUser(
  em: EntityManager,
  { id, epoch, grantId, roles }: UserPrincipal,
  organizationId: string | undefined,
): Promise<boolean> {
  // Acts of one user come one after the other: two that only shared the row would wait for each other to change it.
  if (!(await exists(em, 'select 1 from users where id = ? and epoch = ? for no key update', [id, epoch])))
    return false
  const session = "select 1 from oidc_artifacts where model = 'Grant' and grant_id = ? for key share"
  if (!(await exists(em, session, [grantId]))) return false
  if (organizationId === undefined) return true
  const [member]: { role: Role }[] = await em.execute(
    'select role from members where user_id = ? and organization_id = ? for share',
    [id, organizationId],
  )
  const asked = roles.get(organizationId)
  return asked !== undefined && reaches(member?.role, asked)
}

async function exists(em: EntityManager, statement: string, parameters: unknown[]): Promise<boolean> {
  const rows: unknown[] = await em.execute(statement, parameters)
  return rows.length > 0
}
