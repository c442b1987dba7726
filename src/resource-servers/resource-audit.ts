import type { AuditedFields } from '../audit/changes.ts'
import type { ResourceServer } from './resource-server.entity.ts'

/** What an audit event may show of a resource server. */
export function auditedResource(server: ResourceServer): AuditedFields {
  const { resource, title, tokenFormat, signingAlg, scopes, maxTokenTtl, shared, verifiedAt } = server
  return {
    ...{ resource, title, tokenFormat, signingAlg, scopes, maxTokenTtl, shared },
    verifiedAt: verifiedAt?.toISOString() ?? null,
  }
}
