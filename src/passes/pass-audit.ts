import type { AuditedFields } from '../audit/changes.ts'
import type { Pass } from './pass.entity.ts'

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
  const { tags, tokenFormat, tokenTtl, resources, allowedIps, jwks, active, endsWithCreator } = pass
  return {
    ...{ title, agentType, description, integrationNotes, passId, accessLevel, organizationName, usageType },
    ...{ validFrom, validUntil, permissions, scopes, allowedReferers, credentialType, entityType, entityId },
    ...{ tags, tokenFormat, tokenTtl, resources, allowedIps, jwks, active, endsWithCreator },
  }
}

/** What a pass was made with, or had when it was deleted: the fields that hold something. */
export function heldFields(pass: Pass): Record<string, unknown> {
  const isEmpty = (value: unknown) =>
    value === null || value === '' || (Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(auditedFields(pass)).filter(([, value]) => !isEmpty(value)))
}
