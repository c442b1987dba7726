/** What a kind of credential needs to be allowed in. */
interface Rule {
  readonly apiKey: boolean
  /** The token's scopes, of which one is enough; none: no pass's token is allowed. */
  readonly passScopes: readonly string[]
}

const API_KEY_ONLY: Rule = { apiKey: true, passScopes: [] }
const READS_PASSES: Rule = { apiKey: true, passScopes: ['passes:read', 'passes:write'] }
const WRITES_PASSES: Rule = { apiKey: true, passScopes: ['passes:write'] }
const READS_ACTIVITY: Rule = { apiKey: true, passScopes: ['activity:read'] }

/**
 * The authorization table: every protected route by its name, and what it needs. A route that is not in it cannot
 * be registered, and what a rule does not allow is denied.
 */
export const RULES = {
  'organizations.list': READS_PASSES,
  'organizations.read': READS_PASSES,
  'projects.list': READS_PASSES,
  'projects.read': READS_PASSES,
  'projects.update': API_KEY_ONLY,
  'passes.create': WRITES_PASSES,
  'passes.list': READS_PASSES,
  'passes.read': READS_PASSES,
  'passes.update': WRITES_PASSES,
  'passes.rotate': WRITES_PASSES,
  'passes.revoke': WRITES_PASSES,
  'passes.activate': WRITES_PASSES,
  'passes.delete': WRITES_PASSES,
  'pass_tokens.list': READS_PASSES,
  'pass_tokens.delete': WRITES_PASSES,
  'api_keys.create': API_KEY_ONLY,
  'api_keys.list': API_KEY_ONLY,
  'api_keys.delete': API_KEY_ONLY,
  'audit_events.list': API_KEY_ONLY,
  'activity.logs': READS_ACTIVITY,
  'activity.export': READS_ACTIVITY,
  'activity.metrics': READS_ACTIVITY,
} as const satisfies Record<string, Rule>

export type RouteName = keyof typeof RULES

/** Whether a credential with these scopes may take the route. @param tokenScopes undefined for an API key */
export function isAllowed(route: RouteName, tokenScopes: ReadonlySet<string> | undefined): boolean {
  const rule: Rule = RULES[route]
  return tokenScopes ? rule.passScopes.some(scope => tokenScopes.has(scope)) : rule.apiKey
}
