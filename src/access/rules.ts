import { type Role, reaches } from '../users/role.ts'
import { type Principal, roleIn } from './principal.ts'

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
   * API keys are let in.
   */
  readonly user: Role | 'signed in'
  /** Whether it is about what was done in a project, which members may read when the project is gone. */
  readonly onRecord?: true
  /** Whether a member may do it who has no one-time codes, in an organization that requires them. */
  readonly withoutCodes?: true
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
  'organizations.create': OF_ONESELF,
  'organizations.read': { ...READS_PASSES, user: 'VIEWER' },
  'organizations.update': { ...USER_ONLY, user: 'OWNER' },
  'organizations.audit_events': { ...USER_ONLY, user: 'ADMIN' },
  'organizations.export_audit_events': { ...USER_ONLY, user: 'ADMIN' },
  'signing_keys.list': { ...USER_ONLY, user: 'OWNER' },
  'signing_keys.rotate': { ...USER_ONLY, user: 'OWNER' },
  'signing_keys.pull': { ...USER_ONLY, user: 'OWNER' },
  'projects.list': { ...READS_PASSES, user: 'VIEWER' },
  'projects.create': { ...USER_ONLY, user: 'ADMIN' },
  'projects.read': { ...READS_PASSES, user: 'VIEWER' },
  'projects.update': { ...KEY_OR_USER, user: 'ADMIN' },
  'projects.delete': { ...USER_ONLY, user: 'ADMIN' },
  'members.list': { ...USER_ONLY, user: 'VIEWER' },
  'members.create': { ...USER_ONLY, user: 'OWNER' },
  'members.update': { ...USER_ONLY, user: 'OWNER' },
  'members.delete': { ...USER_ONLY, user: 'OWNER' },
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
  'me.read': OF_ONESELF,
  'me.update': OF_ONESELF,
  'me.delete': OF_ONESELF,
  'me.change_password': OF_ONESELF,
  'me.sign_out_everywhere': OF_ONESELF,
  'me.sessions': OF_ONESELF,
  'me.end_session': OF_ONESELF,
  'me.enrol_totp': OF_ONESELF,
  'me.confirm_totp': OF_ONESELF,
  'me.remove_totp': OF_ONESELF,
} as const satisfies Record<string, Rule>

export type RouteName = keyof typeof RULES

/** Whether a route is there for a project that was deleted. */
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

/** Whether a principal may take the route. @param organizationId of the path, which is one of a user's own */
export function isAllowed(
  route: RouteName,
  principal: Principal,
  organizationId: string | undefined,
): boolean {
  const rule: Rule = RULES[route]
  if (principal.kind === 'api_key') return rule.apiKey
  if (principal.kind === 'pass') return hasScopesFor(route, principal.tokenScopes)
  // What names no organization is about the person, unless keys may ask for it too.
  if (rule.user === 'signed in') return principal.kind === 'user' || rule.apiKey
  return reaches(roleIn(principal, organizationId), rule.user)
}
