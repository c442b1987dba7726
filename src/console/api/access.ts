import type { Role } from '../../access/role.ts'
import type { RouteName, RULES } from '../../access/rules.ts'

/**
 * The least role that each act needs, as the server's table has it: one that differs from it does not compile. What a
 * role may not do is not offered; the server decides all the same.
 */
const NEEDED = {
  'organizations.update': 'OWNER',
  'organizations.delete': 'OWNER',
  'organizations.audit_events': 'ADMIN',
  'projects.create': 'ADMIN',
  'projects.update': 'ADMIN',
  'projects.delete': 'ADMIN',
  'members.create': 'OWNER',
  'members.update': 'OWNER',
  'members.delete': 'OWNER',
  'members.leave': 'VIEWER',
  'members.account_events': 'OWNER',
  'members.reset_password': 'OWNER',
  'invitations.list': 'OWNER',
  'invitations.create': 'OWNER',
  'invitations.delete': 'OWNER',
  'passes.create': 'MEMBER',
  'passes.update': 'MEMBER',
  'passes.rotate': 'ADMIN',
  'passes.revoke': 'ADMIN',
  'passes.activate': 'ADMIN',
  'passes.delete': 'ADMIN',
  'pass_tokens.delete': 'ADMIN',
  'pass_secrets.delete': 'ADMIN',
  'resource_servers.create': 'ADMIN',
  'resource_servers.update': 'ADMIN',
  'api_keys.create': 'ADMIN',
  'api_keys.list': 'ADMIN',
  'organization_api_keys.create': 'ADMIN',
  'organization_api_keys.list': 'ADMIN',
} as const satisfies { [Name in RouteName]?: (typeof RULES)[Name]['user'] }

export type Act = keyof typeof NEEDED

/** From least to most. */
const RANKS: Readonly<Record<Role, number>> = { VIEWER: 0, MEMBER: 1, ADMIN: 2, OWNER: 3 }

/** Whether a role may grant `passes:*` and `activity:*`, which open this server's own API. */
export function mayGrantOwnScopes(role: Role): boolean {
  return RANKS[role] >= RANKS.ADMIN
}

/** Whether a role may do it. */
export function may(role: Role, act: Act): boolean {
  return RANKS[role] >= RANKS[NEEDED[act]]
}
