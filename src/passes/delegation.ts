import { isDeepStrictEqual } from 'node:util'
import { actsByRole, type PassPrincipal, type Principal, roleIn } from '../access/principal.ts'
import { type Role, reaches } from '../access/role.ts'
import { isOwnScope } from '../access/scopes.ts'
import { Problem } from '../http/problems.ts'
import { ACCESS_LEVELS } from '../platform/config.ts'
import type { EntityManager } from '../platform/database.ts'
import type { Pass } from './pass.entity.ts'
import type { PassUpdate } from './pass.schema.ts'
import type { PassStore } from './pass.store.ts'

/** The part of a pass that decides what its holder can do. */
export type Power = Pick<Pass, 'scopes' | 'permissions' | 'accessLevel' | 'resources'>

/** Who acts, in which organization. */
export interface ActsIn {
  readonly principal: Principal
  readonly organizationId: string
}

/**
 * A pass never grants more than it holds, and nothing of this server's own scopes. The same is asked for a pass that
 * it only changes: whoever rotates its secret or opens its addresses could act as it.
 *
 * @param principal the acting pass, by its token: what the token was not granted is not handed on either
 * @param holder the acting pass as it is now
 * @throws Problem `scope_not_grantable` that names what is too much, and by which rule
 */
export function assertMayHandOn(principal: PassPrincipal, holder: Power, power: Power): void {
  const holds = new Set(holder.scopes.filter(scope => principal.tokenScopes.has(scope)))
  const permits = new Set([...holder.permissions, ...holds])
  const own = [...new Set([...power.scopes, ...power.permissions])].filter(isOwnScope)
  const tooMuch = [
    ...power.scopes
      .filter(scope => !(isOwnScope(scope) || holds.has(scope)))
      .map(scope => `the scope ${scope}`),
    ...power.permissions
      .filter(permission => !(isOwnScope(permission) || permits.has(permission)))
      .map(name => `the permission ${name}`),
    ...power.resources.filter(uri => !holder.resources.includes(uri)).map(uri => `the resource ${uri}`),
  ]
  if (ACCESS_LEVELS.indexOf(power.accessLevel) > ACCESS_LEVELS.indexOf(holder.accessLevel))
    tooMuch.push(`the access level ${power.accessLevel}`)
  const rules = [
    ...(own.length > 0
      ? [
          `No pass grants ${own.join(', ')}, or changes a pass that has them, whatever it holds itself: scopes of this server's own API are granted by an API key of the project, an ADMIN or an OWNER.`,
        ]
      : []),
    ...(tooMuch.length > 0 ? [`A pass cannot hand on what it does not hold: ${tooMuch.join(', ')}.`] : []),
  ]
  if (rules.length > 0) throw new Problem('scope_not_grantable', rules.join(' '))
}

/**
 * This server's own scopes take an ADMIN to grant. The same is asked for a pass that has them and is only changed:
 * whoever sets its keys or opens its addresses could act as it.
 *
 * @throws Problem `scope_not_grantable` that names them
 */
function assertRoleMayGrant(
  role: Role | undefined,
  { scopes, permissions }: Pick<Power, 'scopes' | 'permissions'>,
): void {
  if (reaches(role, 'ADMIN')) return
  const own = [...new Set([...scopes, ...permissions])].filter(isOwnScope)
  if (own.length > 0)
    throw new Problem(
      'scope_not_grantable',
      `It takes the role ADMIN to grant ${own.join(', ')}, or to change it.`,
    )
}

/** Whether somebody has the last word in a project: an API key of it, or who is ADMIN or OWNER. */
export function isAdmin({ principal, organizationId }: ActsIn): boolean {
  if (actsByRole(principal)) return reaches(roleIn(principal, organizationId), 'ADMIN')
  return principal.kind === 'api_key'
}

/**
 * What an update does by another name takes the role that the act of that name takes: `active` revokes or activates,
 * and `jwks` is another credential, as a rotation gives one.
 * @throws Problem `forbidden` that names the fields
 */
export function assertRoleMaySet(
  acting: ActsIn,
  pass: Pass,
  fields: Pick<PassUpdate, 'active' | 'jwks'>,
): void {
  if (!actsByRole(acting.principal) || isAdmin(acting)) return
  const sets = (name: 'active' | 'jwks') =>
    fields[name] !== undefined && !isDeepStrictEqual(fields[name], pass[name])
  const changed = (['active', 'jwks'] as const).filter(sets)
  if (changed.length > 0)
    throw new Problem('forbidden', `It takes the role ADMIN to change ${changed.join(' and ')}.`)
}

/**
 * Whether somebody may change a pass: a project's API key may; a user and an organization's key by the role; a pass never itself, nor one that holds what
 * it does not.
 * @throws Problem `forbidden`, `scope_not_grantable`, or `unauthenticated` when the acting pass was deleted meanwhile
 */
export async function assertMayChange(
  em: EntityManager,
  { principal, organizationId }: ActsIn,
  pass: Pass,
  passes: Pick<PassStore, 'find'>,
): Promise<void> {
  if (actsByRole(principal)) assertRoleMayGrant(roleIn(principal, organizationId), pass)
  if (principal.kind !== 'pass') return
  if (principal.id === pass.id)
    throw new Problem(
      'forbidden',
      'A pass cannot change itself. Use an API key of the project, or another pass.',
    )
  assertMayHandOn(principal, await actingPass(em, principal, passes), pass)
}

/** The pass that acts, as it is now. @throws Problem `unauthenticated` when it was deleted meanwhile */
export async function actingPass(
  em: EntityManager,
  { id, projectId }: PassPrincipal,
  passes: Pick<PassStore, 'find'>,
): Promise<Pass> {
  const holder = await passes.find(em, projectId, id)
  if (!holder) throw new Problem('unauthenticated', 'The pass of this access token has been deleted.')
  return holder
}
