import { Problem } from '../http/problems.ts'
import type { EntityManager } from '../platform/database.ts'
import type { PassPrincipal, Principal, UserPrincipal } from './principal.ts'

/**
 * Holds what somebody acts by as it was when the request was let in, until the transaction ends: whoever ends it
 * waits for the act, and an act that comes after the end changes nothing.
 * @throws Problem `unauthenticated` when it has ended, or was changed, since
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
        'The credential has ended, or was changed, while this was being done. Nothing was changed: try again.',
        undefined,
        { presented: true },
      )
  }
}

async function holdPass(em: EntityManager, { id, version, tokenHash }: PassPrincipal): Promise<boolean> {
  if (!(await exists(em, 'select 1 from passes where id = ? and version = ? for share', [id, version])))
    return false
  // Where the tokens are elsewhere, one that was ended is listed.
  const [token]: { epoch: number }[] = await em.execute(
    "select epoch from tokens where hash = decode(?, 'hex') for share",
    [tokenHash],
  )
  if (token && token.epoch < 0) return false
  return !(await exists(em, "select 1 from revoked_tokens where hash = decode(?, 'hex')", [tokenHash]))
}

async function holdUser(
  em: EntityManager,
  { id, epoch, roles }: UserPrincipal,
  organizationId: string | undefined,
): Promise<boolean> {
  // Acts of one user come one after the other: two that only shared the row would wait for each other to change it.
  if (!(await exists(em, 'select 1 from users where id = ? and epoch = ? for no key update', [id, epoch])))
    return false
  if (organizationId === undefined) return true
  return exists(
    em,
    'select 1 from members where user_id = ? and organization_id = ? and role = ? for share',
    [id, organizationId, roles.get(organizationId)],
  )
}

async function exists(em: EntityManager, statement: string, parameters: unknown[]): Promise<boolean> {
  const rows: unknown[] = await em.execute(statement, parameters)
  return rows.length > 0
}
