import { randomInt, randomUUID } from 'node:crypto'
import type { Principal } from '../access/principal.ts'
import { ProjectEntity } from '../organizations/project.entity.ts'
import { randomBase62 } from '../platform/checksummed-secret.ts'
import type { EntityManager } from '../platform/database.ts'
import { newId } from '../platform/uuid.ts'
import { AgentEntity } from './agent.entity.ts'
import { type Pass, PassEntity } from './pass.entity.ts'
import { type NewPass, normalizeAgentType } from './pass.schema.ts'

const PASS_ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const DEFAULT_PERMISSIONS = ['read', 'write']

/** A pass and its agent from what was sent and the defaults of the rest, within a transaction. */
export function createPass(
  em: EntityManager,
  projectId: string,
  { kind: createdByType, id: createdById }: Principal,
  input: NewPass & { readonly passId: string; readonly validUntil: Date | null },
  now: Date,
): Pass {
  const project = em.getReference(ProjectEntity, projectId)
  const permissions = input.permissions ?? DEFAULT_PERMISSIONS
  return em.create(PassEntity, {
    id: newId(),
    project,
    agent: em.create(AgentEntity, { id: randomUUID(), project, createdAt: now }),
    clientId: `sp_${randomBase62(22)}`,
    passId: input.passId,
    title: input.title,
    agentType: input.agentType ?? normalizeAgentType(input.title),
    description: input.description ?? '',
    integrationNotes: input.integrationNotes ?? '',
    accessLevel: input.accessLevel ?? 'standard',
    organizationName: input.organization ?? null,
    usageType: input.usageType ?? 'automation_tool',
    validFrom: input.validFrom ?? now,
    validUntil: input.validUntil,
    permissions,
    scopes: input.scopes ?? permissions,
    allowedReferers: input.allowedReferers ?? [],
    credentialType: input.credentialType ?? 'api_key',
    entityType: input.entityType ?? 'project',
    entityId: input.entityId ?? projectId,
    tags: input.tags ?? [],
    tokenFormat: input.tokenFormat ?? 'opaque',
    tokenTtl: input.tokenTtl ?? null,
    resources: input.resources ?? [],
    allowedIps: input.allowedIps ?? [],
    jwks: input.jwks ?? null,
    active: input.active ?? true,
    tokensEnded: false,
    createdByType,
    createdById,
    endsWithCreator: createdByType === 'pass',
    version: 1,
    epoch: 1,
    lastRotatedAt: null,
    createdAt: now,
    updatedAt: now,
  })
}

/** A pass id that is probably free: `SP-2030-A1B2C3`, the year and six random characters. */
export function generatePassId(now: Date): string {
  const code = Array.from({ length: 6 }, () => PASS_ID_ALPHABET[randomInt(PASS_ID_ALPHABET.length)]).join('')
  return `SP-${String(now.getUTCFullYear()).padStart(4, '0')}-${code}`
}
