import type { PassAttributes } from '../api/passes.ts'

type Labels<Value extends string> = Readonly<Record<Value, string>>

export const STATUS_LABELS: Labels<PassAttributes['status']> = {
  active: 'Active',
  expiring: 'Expiring',
  scheduled: 'Scheduled',
  expired: 'Expired',
  inactive: 'Inactive',
}

export const CREDENTIAL_TYPE_LABELS: Labels<PassAttributes['credentialType']> = {
  api_key: 'API key',
  oauth_client: 'OAuth client',
  token: 'Token',
}

export const ACCESS_LEVEL_LABELS: Labels<PassAttributes['accessLevel']> = {
  basic: 'Basic',
  standard: 'Standard',
  premium: 'Premium',
  enterprise: 'Enterprise',
}

export const USAGE_TYPE_LABELS: Labels<PassAttributes['usageType']> = {
  ai_assistant: 'AI assistant',
  automation_tool: 'Automation tool',
  integration_service: 'Integration service',
  mcp_server: 'MCP server',
  api_client: 'API client',
  data_processor: 'Data processor',
  monitoring_system: 'Monitoring system',
  other: 'Other',
}

export const TOKEN_FORMAT_LABELS: Labels<PassAttributes['tokenFormat']> = {
  opaque: 'Opaque',
  jwt: 'JWT (RFC 9068)',
}

/** What a `Select` offers, in the order of the labels. */
export function optionsOf(labels: Labels<string>): { value: string; label: string }[] {
  return Object.entries(labels).map(([value, label]) => ({ value, label }))
}

/** Whether a value is one that has a label. */
export function isKeyOf<Key extends string>(labels: Labels<Key>, value: unknown): value is Key {
  return typeof value === 'string' && Object.hasOwn(labels, value)
}
