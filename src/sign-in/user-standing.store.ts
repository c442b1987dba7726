import type { UserPrincipal } from '../access/principal.ts'
import { type Role, reaches } from '../access/role.ts'
import { credentialEnded, type HoldCredential } from '../access/standing.ts'
import type { EntityManager } from '../platform/database.ts'

/**
 * Holds a user who acts, with the session and the role that they act by, until the transaction ends.
 * @param organizationId of the request
 * @throws Problem `unauthenticated` when one of them has ended
 */
export function holdUser(
  { id, epoch, grantId, sessionId, roles }: UserPrincipal,
  organizationId: string | undefined,
): HoldCredential {
  return async em => {
    // Acts of one user come one after the other: two that only shared the row would wait for each other to change it.
    if (!(await exists(em, 'select 1 from users where id = ? and epoch = ? for no key update', [id, epoch])))
      throw credentialEnded()
    const grant = "select 1 from oidc_artifacts where model = 'Grant' and grant_id = ? for key share"
    if (!(await exists(em, grant, [grantId]))) throw credentialEnded()
    const session = 'select 1 from user_sessions where id = ? for key share'
    if (!(await exists(em, session, [sessionId]))) throw credentialEnded()
    if (organizationId === undefined) return
    const [member]: { role: Role }[] = await em.execute(
      'select role from members where user_id = ? and organization_id = ? for share',
      [id, organizationId],
    )
    const asked = roles.get(organizationId)
    if (asked === undefined || !reaches(member?.role, asked)) throw credentialEnded()
  }
}

async function exists(em: EntityManager, statement: string, parameters: unknown[]): Promise<boolean> {
  const rows: unknown[] = await em.execute(statement, parameters)
  return rows.length > 0
}
