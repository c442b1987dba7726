import type { Config } from '../platform/config.ts'
import { ownedInstanceOf, type Principal, roleIn, type UserPrincipal } from './principal.ts'
import { type Role, reaches } from './role.ts'

/** What a kind of credential needs to be allowed in. */
interface Rule {
  readonly apiKey: boolean
  /**
   * The token's scopes, of which one is enough; none: no pass's token is allowed. Where several stand in one, divided
   * by spaces, all of these are needed.
   */
  readonly passScopes: readonly string[]
  /**
   * The least role that a user, or an organization's key, needs in the organization of the path. `signed in`: the path
   * names no organization, and what is seen is decided by the roles in all of theirs; of an organization's key, where
   * API keys are let in. `instance owner`: an owner of the first organization, whose own the server is. `founder`:
   * whoever may make organizations, which is a setting.
   */
  readonly user: Role | 'signed in' | 'instance owner' | 'founder'
  /** Whether it is about what was done in a project or an organization, which members may read when that is gone. */
  readonly onRecord?: true
  /** Whether a member may do it who has no one-time codes, in an organization that requires them. */
  readonly withoutCodes?: true
  /** Whether it is for people alone, whatever role a key has. */
  readonly person?: true
}

const NO_PASS = { passScopes: [] } as const
const USER_ONLY = { apiKey: false, ...NO_PASS } as const
const KEY_OR_USER = { apiKey: true, ...NO_PASS } as const
const READS_PASSES = { apiKey: true, passScopes: ['passes:read', 'passes:write'] } as const
const WRITES_PASSES = { apiKey: true, passScopes: ['passes:write'] } as const
const READS_ACTIVITY = { apiKey: true, passScopes: ['activity:read'], user: 'signed in' } as const
// With `activity:read` alone a pass sees itself, which is no project.
const READS_PROJECT_ACTIVITY = {
  apiKey: true,
  passScopes: ['activity:read passes:read'],
  user: 'VIEWER',
  onRecord: true,
} as const
const OF_ONESELF = { ...USER_ONLY, user: 'signed in' } as const

/**
 * The authorization table: every protected route by its name, and what it needs. A route that is not in it cannot
 * be registered, and what a rule does not allow is denied.
 */
export const RULES = {
  'organizations.list': { ...READS_PASSES, user: 'signed in' },
  'organizations.create': { ...USER_ONLY, user: 'founder' },
  'organizations.read': { ...READS_PASSES, user: 'VIEWER' },
  'organizations.update': { ...USER_ONLY, user: 'OWNER' },
  'organizations.delete': { ...USER_ONLY, user: 'OWNER' },
  'organizations.audit_events': { ...USER_ONLY, user: 'ADMIN', onRecord: true },
  'organizations.export_audit_events': { ...USER_ONLY, user: 'ADMIN', onRecord: true },
  'signing_keys.list': { ...USER_ONLY, user: 'OWNER' },
  'signing_keys.rotate': { ...USER_ONLY, user: 'OWNER' },
  'signing_keys.pull': { ...USER_ONLY, user: 'OWNER' },
  'projects.list': { ...READS_PASSES, user: 'VIEWER', onRecord: true },
  'projects.create': { ...USER_ONLY, user: 'ADMIN' },
  'projects.read': { ...READS_PASSES, user: 'VIEWER' },
  'projects.update': { ...KEY_OR_USER, user: 'ADMIN' },
  'projects.delete': { ...USER_ONLY, user: 'ADMIN' },
  'members.list': { ...USER_ONLY, user: 'VIEWER' },
  'members.create': { ...USER_ONLY, user: 'OWNER' },
  'members.update': { ...USER_ONLY, user: 'OWNER' },
  'members.delete': { ...USER_ONLY, user: 'OWNER' },
  'members.leave': { ...USER_ONLY, user: 'VIEWER', person: true, withoutCodes: true },
  'members.account_events': { ...USER_ONLY, user: 'OWNER' },
  'members.reset_password': { ...USER_ONLY, user: 'OWNER' },
  'invitations.list': { ...USER_ONLY, user: 'OWNER' },
  'invitations.create': { ...USER_ONLY, user: 'OWNER' },
  'invitations.delete': { ...USER_ONLY, user: 'OWNER' },
  'passes.create': { ...WRITES_PASSES, user: 'MEMBER' },
  'passes.list': { ...READS_PASSES, user: 'VIEWER' },
  'passes.read': { ...READS_PASSES, user: 'VIEWER' },
  'passes.update': { ...WRITES_PASSES, user: 'MEMBER' },
  'passes.rotate': { ...WRITES_PASSES, user: 'ADMIN' },
  'passes.revoke': { ...WRITES_PASSES, user: 'ADMIN' },
  'passes.activate': { ...WRITES_PASSES, user: 'ADMIN' },
  'passes.delete': { ...WRITES_PASSES, user: 'ADMIN' },
  'pass_options.read': { ...READS_PASSES, user: 'signed in' },
  'pass_options.of_project': { ...READS_PASSES, user: 'VIEWER' },
  'pass_tokens.list': { ...READS_PASSES, user: 'VIEWER' },
  'pass_tokens.delete': { ...WRITES_PASSES, user: 'ADMIN' },
  'pass_secrets.list': { ...READS_PASSES, user: 'VIEWER' },
  'pass_secrets.delete': { ...WRITES_PASSES, user: 'ADMIN' },
  'api_keys.create': { ...KEY_OR_USER, user: 'ADMIN' },
  'api_keys.list': { ...KEY_OR_USER, user: 'ADMIN' },
  'api_keys.delete': { ...KEY_OR_USER, user: 'ADMIN' },
  'api_keys.read': { ...KEY_OR_USER, user: 'ADMIN' },
  'api_keys.update': { ...KEY_OR_USER, user: 'ADMIN' },
  'organization_api_keys.create': { ...USER_ONLY, user: 'ADMIN' },
  'organization_api_keys.list': { ...USER_ONLY, user: 'ADMIN' },
  'organization_api_keys.read': { ...USER_ONLY, user: 'ADMIN' },
  'organization_api_keys.update': { ...USER_ONLY, user: 'ADMIN' },
  'organization_api_keys.delete': { ...USER_ONLY, user: 'ADMIN' },
  'resource_servers.create': { ...KEY_OR_USER, user: 'ADMIN' },
  'resource_servers.list': { ...READS_PASSES, user: 'VIEWER' },
  'resource_servers.read': { ...READS_PASSES, user: 'VIEWER' },
  'resource_servers.update': { ...KEY_OR_USER, user: 'ADMIN' },
  'resource_servers.delete': { ...KEY_OR_USER, user: 'ADMIN' },
  'resource_servers.verify': { ...KEY_OR_USER, user: 'ADMIN' },
  'audit_events.list': { ...KEY_OR_USER, user: 'VIEWER', onRecord: true },
  'audit_events.export': { ...KEY_OR_USER, user: 'VIEWER', onRecord: true },
  'activity.logs': READS_ACTIVITY,
  'activity.export': READS_ACTIVITY,
  'activity.metrics': READS_ACTIVITY,
  'project_activity.logs': READS_PROJECT_ACTIVITY,
  'project_activity.export': READS_PROJECT_ACTIVITY,
  'project_activity.metrics': READS_PROJECT_ACTIVITY,
  'project_activity.passes': READS_PROJECT_ACTIVITY,
  'addresses.release': { ...USER_ONLY, user: 'instance owner' },
  'me.read': OF_ONESELF,
  'me.update': OF_ONESELF,
  'me.delete': OF_ONESELF,
  'me.account_events': OF_ONESELF,
  'me.invitations': OF_ONESELF,
  'me.accept_invitation': OF_ONESELF,
  'me.decline_invitation': OF_ONESELF,
  'me.change_password': OF_ONESELF,
  'me.sign_out_everywhere': OF_ONESELF,
  'me.sessions': OF_ONESELF,
  'me.end_session': OF_ONESELF,
  'me.enrol_totp': OF_ONESELF,
  'me.confirm_totp': OF_ONESELF,
  'me.remove_totp': OF_ONESELF,
} as const satisfies Record<string, Rule>

export type RouteName = keyof typeof RULES

/** Who may make organizations. */
export type OrganizationCreation = Config['organizationCreation']

/** Whether a route is there for a project or an organization that was deleted. */
export function isOnRecord(route: RouteName): boolean {
  const rule: Rule = RULES[route]
  return rule.onRecord ?? false
}

/** Whether these scopes are enough for a pass on the route. */
export function hasScopesFor(route: RouteName, scopes: ReadonlySet<string>): boolean {
  return RULES[route].passScopes.some(needed => needed.split(' ').every(scope => scopes.has(scope)))
}

/** Whether a route is there for members without the one-time codes that their organization requires. */
export function isForAnyMember(route: RouteName): boolean {
  const rule: Rule = RULES[route]
  return rule.withoutCodes ?? false
}

/** Whether no key may take a route, whatever role it has. */
export function isForPeople(route: RouteName): boolean {
  const { apiKey, person, user }: Rule = RULES[route]
  return person ?? (isForInstanceOwners(route) || (user === 'signed in' && !apiKey))
}

/** Whether a user acts as an owner of the instance where they are one: what they do there stands and falls with it. */
export function isForInstanceOwners(route: RouteName): boolean {
  const { user }: Rule = RULES[route]
  return user === 'instance owner' || user === 'founder'
}

/** Whether a user may make organizations. */
export function mayFound(user: UserPrincipal, creation: OrganizationCreation): boolean {
  return creation === 'anyone' || user.ownedInstance !== undefined
}

/**
 * Whether a principal may take the route.
 * @param organizationId of the path, which is one of a user's own, or was
 */
export function isAllowed(
  route: RouteName,
  principal: Principal,
  organizationId: string | undefined,
  creation: OrganizationCreation,
): boolean {
  const rule: Rule = RULES[route]
  if (principal.kind === 'api_key') return rule.apiKey
  if (principal.kind === 'pass') return hasScopesFor(route, principal.tokenScopes)
  if (principal.kind !== 'user' && isForPeople(route)) return false
  if (rule.user === 'signed in') return true
  if (rule.user === 'founder') return principal.kind === 'user' && mayFound(principal, creation)
  if (rule.user === 'instance owner') return ownedInstanceOf(principal) !== undefined
  return reaches(roleIn(principal, organizationId, rule.onRecord), rule.user)
}
