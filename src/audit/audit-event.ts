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
