import type { Pass } from './pass.entity.ts'

export type AuditedFields = Readonly<Record<string, unknown>>

/** What an audit event may show of a pass: everything that an admin sets. */
export function auditedFields(pass: Pass): AuditedFields {
  const {
    title,
    agentType,
    description,
    integrationNotes,
    passId,
    accessLevel,
    organizationName,
    usageType,
  } = pass
  const {
    validFrom,
    validUntil,
    permissions,
    scopes,
    allowedReferers,
    credentialType,
    entityType,
    entityId,
  } = pass
  const { tags, tokenFormat, tokenTtl, resources, allowedIps, jwks, active, epoch, endsWithCreator } = pass
  return {
    ...{ title, agentType, description, integrationNotes, passId, accessLevel, organizationName, usageType },
    ...{ validFrom, validUntil, permissions, scopes, allowedReferers, credentialType, entityType, entityId },
    ...{ tags, tokenFormat, tokenTtl, resources, allowedIps, jwks, active, epoch, endsWithCreator },
  }
}

/** The members that differ, as they were and as they are; nothing where none does. */
export function changesBetween(
  before: AuditedFields,
  after: AuditedFields,
): { before: Record<string, unknown>; after: Record<string, unknown> } | undefined {
  const changed = Object.keys(after).filter(key => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
  if (changed.length === 0) return undefined
  const pick = (fields: AuditedFields) => Object.fromEntries(changed.map(key => [key, fields[key]]))
  return { before: pick(before), after: pick(after) }
}
