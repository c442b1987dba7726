/** Who can act. `system` is the server itself, at its first start. */
export const ACTOR_TYPES = ['user', 'api_key', 'organization_key', 'pass', 'system'] as const
export type ActorType = (typeof ACTOR_TYPES)[number]

/** What can be acted on. */
export const TARGET_TYPES = [
  'pass',
  'api_key',
  'organization_key',
  'project',
  'organization',
  'member',
  'invitation',
  'user',
  'signing_key',
  'resource_server',
] as const
export type TargetType = (typeof TARGET_TYPES)[number]
